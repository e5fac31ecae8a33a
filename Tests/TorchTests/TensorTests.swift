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

@Suite struct `draws of ones` {
  @Test(arguments: [DType.float32, .float64, .bfloat16, .float16])
  func `have their share and do not depend on each other`(dtype: DType) throws {
    let (count, share) = (100_003, 0.3)
    let like = try Tensor.zeros([count], dtype)
    let drawn = try like.bernoulli(share, generator: Generator(seed: 2))
    #expect(drawn.dtype == dtype)
    let values = try drawn.doubles()
    #expect(Set(values) == [0, 1])
    /// Whether so many of the trials are within 6.11 deviations of what their share leads to expect.
    func isLikely(_ hits: Double, of trials: Int, _ share: Double) -> Bool {
      let trials = Double(trials)
      return Swift.abs(hits - trials * share) < 6.11 * (trials * share * (1 - share)).squareRoot()
    }
    #expect(isLikely(values.reduce(0, +), of: count, share))
    // Pairs in one pass of the generator, in two, and in two of its chunks.
    for distance in [1, 5, 16, 17, 1 << 15] {
      let pairs = zip(values, values.dropFirst(distance)).map { $0 * $1 }
      #expect(
        isLikely(pairs.reduce(0, +), of: pairs.count, share * share), "at a distance of \(distance)"
      )
    }
  }

  @Test func `follow from the seed alone`() throws {
    let like = try Tensor.zeros([300, 200]).transposed()
    let generator = Generator(seed: 5)
    let first = try like.bernoulli(0.5, generator: generator)
    let second = try like.bernoulli(0.5, generator: generator)
    #expect(try first.doubles() != second.doubles())
    let threads = Runtime.threads
    defer { Runtime.threads = threads }
    Runtime.threads = 3 - min(threads, 2)
    try generator.reseed(5)
    #expect(try like.bernoulli(0.5, generator: generator).bytes() == first.bytes())
  }

  @Test func `may be certain or impossible, and throw for other numbers`() throws {
    let (like, generator) = (try Tensor.zeros([7, 9]), Generator(seed: 1))
    #expect(try like.bernoulli(1, generator: generator).doubles() == Array(repeating: 1, count: 63))
    #expect(try like.bernoulli(0, generator: generator).doubles() == like.doubles())
    #expect(try Tensor.zeros([0]).bernoulli(0.5, generator: generator).count == 0)
    #expect(throws: TorchError.self) { try like.bernoulli(1.5, generator: generator) }
    #expect(throws: TorchError.self) { try like.to(.bool).bernoulli(0.5, generator: generator) }
  }
}

@Suite struct `questions about all elements` {
  @Test(arguments: [DType.float32, .float64, .float16])
  func `find single elements, wherever they are in memory`(dtype: DType) throws {
    let plain = try Tensor.ones([5, 8], dtype)
    for x in [plain, try plain.transposed(), try plain.slice(1, 1..<7), try plain.slice(0, 1..<4)] {
      #expect(try x.hasFiniteNorm && x.isPositive)
      for (value, isFinite) in [(0.0, true), (-1, true), (.infinity, false), (.nan, false)] {
        for place in [0, x.count - 1] {
          let at = try (Tensor.range(x.count).equals(Double(place))).reshaped(x.shape)
          let other = try x.filled(value, where: at)
          #expect(try other.hasFiniteNorm == isFinite, "\(value) at \(place)")
          #expect(try other.isPositive == (value == .infinity), "\(value) at \(place)")
        }
      }
    }
    let large = try Tensor.full([40], dtype == .float64 ? 1e160 : 6e4, dtype)
    #expect(try large.hasFiniteNorm == (dtype == .float32))
  }

  @Test(arguments: [DType.int64, .int32])
  func `give the bounds of integers`(dtype: DType) throws {
    let x = try Tensor([3, -2, 7, 1, 0, 5], shape: [2, 3]).to(dtype)
    for x in [x, try x.transposed(), try x.slice(1, 0..<3)] { #expect(try x.bounds() == (-2, 7)) }
    #expect(try x.slice(1, 1..<2).bounds() == (-2, 0))
    #expect(throws: TorchError.self) { try x.slice(0, 0..<0).bounds() }
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
