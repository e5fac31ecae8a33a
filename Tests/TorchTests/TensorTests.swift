import Testing
import Torch

@Suite struct `tensors` {
  @Test(arguments: DType.allCases)
  func `keep their elements in every type`(dtype: DType) throws {
    let values: [Double] = [0, 1, 1, 0, 1, 1]
    let tensor = try Tensor(values, shape: [2, 3], dtype: dtype)
    #expect(tensor.dtype == dtype)
    #expect(tensor.shape == [2, 3])
    #expect(try tensor.doubles() == values)
    #expect(try tensor.bytes().count == 6 * dtype.size)
  }

  @Test func `views share storage and report their strides`() throws {
    let tensor = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    let view = try tensor.transposed()
    #expect(view.shape == [3, 2])
    #expect(view.strides == [1, 3])
    #expect(!view.isContiguous)
    #expect(view.sharesStorage(with: tensor))
    #expect(try view.doubles() == [1, 4, 2, 5, 3, 6])
    #expect(try tensor.slice(1, 1..<3).storageOffset == 1)
    #expect(try !tensor.clone().sharesStorage(with: tensor))
  }

  @Test func `errors about shapes name the operation and both shapes`() throws {
    let a = try Tensor.ones([2, 3])
    let b = try Tensor.ones([4, 5])
    let error = #expect(throws: TorchError.self) { try a.matmul(b) }
    #expect(error?.operation == "matmul")
    #expect(error?.message.contains("f32 [2, 3], f32 [4, 5]") == true)
    #expect(error?.message.contains("\n") == false)
    #expect(throws: TorchError.self) { try Tensor([1.0, 2.0], shape: [3]) }
    #expect(throws: TorchError.self) { try Tensor([1.0], shape: [-1]) }
    #expect(throws: TorchError.self) { try a.strided([100], [1]) }
  }

  @Test func `gradients reach leaves and stop without grad`() throws {
    let x = try Tensor([1.0, 2, 3], shape: [3]).requireGrad()
    let y = try (x * x).sum()
    try y.backward()
    #expect(try x.grad?.doubles() == [2, 4, 6])
    let z = try withoutGrad { try x * x }
    #expect(!z.requiresGrad)
    let other = try Tensor([1.0], shape: [1]).requireGrad()
    let found = try (x * 3).gradients(of: [x, other])
    #expect(try found[0]?.doubles() == [3, 3, 3])
    #expect(found[1] == nil)
  }

  @Test func `equal seeds give equal numbers and leave the global generator unchanged`() throws {
    let before = try Generator.globalState().bytes()
    let a = try Tensor.normal([5], generator: Generator(seed: 3)).doubles()
    let b = try Tensor.normal([5], generator: Generator(seed: 3)).doubles()
    let c = try Tensor.normal([5], generator: Generator(seed: 4)).doubles()
    #expect(a == b)
    #expect(a != c)
    let generator = Generator(seed: 1)
    let state = try generator.state()
    let first = try Tensor.uniform([3], generator: generator).doubles()
    try generator.restore(state)
    #expect(try Tensor.uniform([3], generator: generator).doubles() == first)
    #expect(try Generator.globalState().bytes() == before)
  }

  @Test func `an empty softmax row is zero with zero gradient`() throws {
    let infinity = -Double.infinity
    let x = try Tensor([infinity, infinity, 0, 0], shape: [2, 2]).requireGrad()
    let p = try x.safeSoftmax(-1)
    #expect(try p.doubles() == [0, 0, 0.5, 0.5])
    try (p * p).sum().backward()
    #expect(try x.grad?.doubles() == [0, 0, 0, 0])
  }
}

@Suite(.serialized) struct `counters` {
  @Test func `freed bytes are subtracted`() throws {
    // Other tests run in the same process, but none has a block this large.
    let size = 128 << 20
    let before = Runtime.liveBytes
    do {
      let block = try Tensor.zeros([size / 4])
      #expect(Runtime.liveBytes - before > size / 2)
      #expect(block.count == size / 4)
    }
    #expect(Runtime.liveBytes - before < size / 2)
  }
}
