import Testing
import Torch

/// x³·w with a derivative of its own, from nothing but the result and the inputs.
private func cube(_ x: Tensor, _ w: Tensor, _ noted: (([Tensor?]) -> Void)? = nil) throws -> Tensor
{
  let result = try withoutGrad { try x * x * x * w }
  let (own, weight) = try (x.detached(), w.detached())
  return try Tensor.recording([result], of: [x, w]) { derivatives in
    noted?(derivatives)
    guard let c = derivatives[0] else { return [nil, nil] }
    return try [c * own * own * weight * 3, (c * own * own * own).sum()]
  }[0]
}

@Suite struct `recording a computation` {
  @Test(arguments: [DType.float64, .float32, .bfloat16, .float16])
  func `gives the derivatives of the closure`(dtype: DType) throws {
    let x = try Tensor([1, -2, 0.5], shape: [3], dtype: dtype).requireGrad()
    let w = try Tensor([2.0], shape: [], dtype: dtype).requireGrad()
    let y = try cube(x, w)
    #expect(y.requiresGrad)
    #expect(try y.doubles() == [2, -16, 0.25])
    let found = try (y * 2).gradients(of: [x, w]).map { try $0?.doubles() }
    let expected: [[Double]?] = [[12, 48, 3], [-13.75]]
    #expect(found == expected)
  }

  @Test func `adds to gradients of parameters although the input has none`() throws {
    let x = try Tensor([1.0, -2], shape: [2])
    let w = try Tensor([2.0], shape: []).requireGrad()
    for count in 1...2 {
      try cube(x, w).sum().backward()
      #expect(try w.grad?.doubles() == [-7 * Double(count)])
    }
    #expect(x.grad == nil)
  }

  @Test func `is nothing where autograd does not record`() throws {
    let (x, w) = try (Tensor([1.0], shape: [1]), Tensor([2.0], shape: []))
    #expect(try !cube(x, w).requiresGrad)
    try w.requireGrad()
    #expect(try !withoutGrad { try cube(x, w) }.requiresGrad)
  }

  @Test func `gets no derivative by a result that nothing used`() throws {
    let x = try Tensor([3.0], shape: []).requireGrad()
    let (double, square) = try withoutGrad { try (x * 2, x * x) }
    var given: [Bool] = []
    let outputs = try Tensor.recording([double, square], of: [x]) { derivatives in
      given = derivatives.map { $0 != nil }
      return try [derivatives[1].map { try $0 * 6 }]
    }
    #expect(try outputs[1].gradients(of: [x])[0]?.doubles() == [6])
    #expect(given == [false, true])
  }

  @Test func `may run autograd in the closure`() throws {
    let x = try Tensor([0.5, 2], shape: [2]).requireGrad()
    let own = try x.detached()
    let output = try Tensor.recording([withoutGrad { try x.exp() }], of: [x]) { derivatives in
      let leaf = try own.clone().requireGrad()
      let inner = try withGrad(true) { try leaf.exp() }
      return try inner.gradients(of: [leaf], cotangent: derivatives[0])
    }[0]
    let plain = try x.exp().gradients(of: [x])[0]
    #expect(try output.gradients(of: [x])[0]?.doubles() == plain?.doubles())
  }

  private struct Refusal: Error, CustomStringConvertible { let description = "no derivative today" }

  @Test func `throws what the closure throws`() throws {
    let x = try Tensor([1.0], shape: []).requireGrad()
    let output = try Tensor.recording([x.detached().clone()], of: [x]) { _ in throw Refusal() }[0]
    let error = #expect(throws: TorchError.self) { try (output * 2).backward() }
    #expect(error?.message.contains("no derivative today") == true)
    #expect(x.grad == nil)
  }

  @Test func `refuses a wrong number or shape of derivatives`() throws {
    let x = try Tensor([1.0, 2], shape: [2]).requireGrad()
    for wrong in [[], [try Tensor.ones([3], .float64)]] {
      let output = try Tensor.recording([x.detached().clone()], of: [x]) { _ in wrong }[0]
      #expect(throws: TorchError.self) { try output.sum().backward() }
    }
  }

  @Test func `refuses a second pass and second derivatives`() throws {
    let (x, w) = try (Tensor([1.0], shape: []).requireGrad(), Tensor([2.0], shape: []))
    let output = try cube(x, w)
    let twice = #expect(throws: TorchError.self) {
      _ = try output.gradients(of: [x], createGraph: true)
    }
    #expect(twice?.message.contains("cannot be differentiated again") == true)
    let once = try cube(x, w)
    try once.backward()
    let again = #expect(throws: TorchError.self) { try once.backward() }
    #expect(again?.message.contains("freed the graph") == true)
  }

  private final class Held {}

  @Test(arguments: [false, true])
  func `releases the closure with the graph`(runs: Bool) throws {
    weak var held: Held?
    do {
      let x = try Tensor([1.0], shape: []).requireGrad()
      let object = Held()
      held = object
      let output = try Tensor.recording([x.detached().clone()], of: [x]) { derivatives in
        withExtendedLifetime(object) { derivatives }
      }[0]
      if runs { try output.backward() }
    }
    #expect(held == nil)
  }

  @Test func `counts changes in place`() throws {
    let x = try Tensor([1.0], shape: [1])
    let before = x.version
    try x.detached().copy(from: Tensor([2.0], shape: [1]))
    #expect(x.version == before + 1)
  }
}
