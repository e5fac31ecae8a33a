import Foundation
import Testing
import Torch

struct AdamWTests {
  /// A module with parameters of given values, in double precision unless told otherwise.
  private func module(_ values: [String: [Double]], _ dtype: DType = .float64) throws -> Module {
    try Module(
      members: values.sorted { $0.key < $1.key }.map { key, values in
        (key, try Parameter(Tensor(values, shape: [values.count], dtype: dtype)))
      })
  }

  /// Makes the gradient of a parameter exactly some numbers.
  private func differentiate(_ module: Module, _ gradients: [String: [Double]]) throws {
    for (key, value) in module.parameters {
      guard let gradient = gradients[key] else { continue }
      let weights = try Tensor(gradient, shape: value.shape, dtype: value.dtype)
      try (value * weights).sum().backward()
    }
  }

  /// The update, written as in the paper, for one number.
  private struct ByHand {
    var p: Double
    var m = 0.0
    var v = 0.0
    var t = 0.0

    mutating func step(_ g: Double, lr: Double, beta1: Double, decay: Double) {
      t += 1
      p -= lr * decay * p
      m = beta1 * m + (1 - beta1) * g
      v = 0.999 * v + 0.001 * g * g
      p -= lr * m / (1 - pow(beta1, t)) / ((v / (1 - pow(0.999, t))).squareRoot() + 1e-6)
    }
  }

  @Test func `steps are those of the paper, with a rate and a beta1 that change`() throws {
    let module = try module(["a": [1, -2], "b": [0.5]])
    let optimizer = try AdamW(module, learningRate: 0, epsilon: 1e-6, weightDecay: 0.1)
    var expected = [1, -2, 0.5].map { ByHand(p: $0) }
    for step in 0..<12 {
      let (lr, beta1) = (0.01 * Double(step + 1), 0.95 - 0.01 * Double(step))
      (optimizer.learningRate, optimizer.betas.first) = (lr, beta1)
      let gradients = [0.3 - 0.1 * Double(step), 1, -2e-7]
      try optimizer.clearGradients()
      try differentiate(module, ["a": Array(gradients[..<2]), "b": [gradients[2]]])
      try optimizer.step()
      for index in expected.indices {
        expected[index].step(gradients[index], lr: lr, beta1: beta1, decay: 0.1)
      }
    }
    let values = try module.parameters.flatMap { try $0.value.doubles() }
    for (value, own) in zip(values, expected) { #expect(abs(value - own.p) < 1e-14) }
  }

  @Test func `a parameter without a gradient neither decays nor counts the step`() throws {
    let module = try module(["a": [1], "b": [1]])
    let optimizer = try AdamW(module, learningRate: 0.1, epsilon: 1e-6)
    try differentiate(module, ["a": [1]])
    try optimizer.step()
    #expect(try module.stateDict["b"]?.doubles() == [1])
    #expect(try optimizer.state["steps.b"]?.doubles() == [0])
    #expect(try optimizer.state["steps.a"]?.doubles() == [1])
  }

  @Test(arguments: [DType.float32, .float64, .bfloat16])
  func `a restored state goes on in every bit`(dtype: DType) throws {
    func run(_ module: Module, _ optimizer: AdamW, _ steps: Range<Int>) throws {
      for step in steps {
        try optimizer.clearGradients()
        try differentiate(module, ["a": [0.3, Double(step), -1]])
        try optimizer.step()
      }
    }
    let whole = try module(["a": [1, 2, 3]], dtype)
    try run(whole, AdamW(whole, learningRate: 0.01), 0..<9)
    let first = try module(["a": [1, 2, 3]], dtype)
    let before = try AdamW(first, learningRate: 0.01)
    try run(first, before, 0..<4)
    let second = try module(["a": [0, 0, 0]], dtype)
    try second.load(first.stateDict)
    let after = try AdamW(second, learningRate: 0.01)
    try after.restore(before.state)
    try run(second, after, 4..<9)
    #expect(try second.stateDict["a"]?.bytes() == whole.stateDict["a"]?.bytes())
  }

  @Test func `half precision does not lose small steps`() throws {
    let module = try module(["a": [1]], .bfloat16)
    let optimizer = try AdamW(module, learningRate: 1e-3, weightDecay: 0)
    for _ in 0..<20 {
      try optimizer.clearGradients()
      try differentiate(module, ["a": [1]])
      try optimizer.step()
    }
    // Each step is below half of the distance between numbers of the type.
    #expect(try module.stateDict["a"]?.doubles() == [0.98046875])
  }

  @Test func `memory in another order than that of dimensions does not matter`() throws {
    let parameter = try Parameter(Tensor([1.0, 2, 3, 4], shape: [2, 2]).transposed())
    let module = Module(["a": parameter])
    let optimizer = try AdamW(module, learningRate: 0.5, weightDecay: 0)
    for _ in 0..<2 {
      try optimizer.clearGradients()
      let weights = try Tensor([1.0, 0, 0, 0], shape: [2, 2]).transposed()
      try (parameter.value * weights).sum().backward()
      try optimizer.step()
    }
    let values = try parameter.value.doubles()
    #expect(values[1...] == [3, 2, 4] && abs(values[0]) < 1e-7)
  }

  @Test func `a state that does not fit is refused with its keys`() throws {
    let optimizer = try AdamW(try module(["a": [1, 2]]), learningRate: 0.1)
    var state = optimizer.state
    state["first.a"] = try Tensor.zeros([3])
    state["second.a"] = nil
    state["third.a"] = try Tensor.zeros([2])
    let error = #expect(throws: StateError.self) { try optimizer.restore(state) }
    let text = try #require(error).description
    #expect(text.contains("`first.a` has the shape [3], expected [2]"))
    #expect(text.contains("`second.a` is missing"))
    #expect(text.contains("no parameter `third.a`"))
  }
}

struct OneCycleTests {
  @Test func `a schedule with a linear descent has its known points`() {
    let cycle = OneCycle(peak: 1e-4, warmup: 1000, steps: 10000)
    let points: [(Int, Double, Double)] = [
      (0, 4e-6, 0.95), (500, 5.2048e-5, 0.89995), (999, 1e-4, 0.85), (1000, 9.99889e-5, 0.85001),
      (5000, 5.55446e-5, 0.89446), (9999, 4.0e-10, 0.95),
    ]
    for (step, rate, beta1) in points {
      let (own, beta) = cycle(step)
      #expect(abs(own / rate - 1) < 1e-5, "step \(step)")
      #expect(abs(beta - beta1) < 1e-5, "step \(step)")
    }
    #expect(cycle(20000) == cycle(9999))
  }

  @Test func `a cosine has the same ends and half the way in the middle`() {
    let cycle = OneCycle(peak: 1, warmup: 11, steps: 21, anneal: .cos)
    #expect(abs(cycle(0).learningRate - 0.04) < 1e-12 && abs(cycle(0).beta1 - 0.95) < 1e-12)
    #expect(abs(cycle(5).learningRate - 0.52) < 1e-12 && abs(cycle(5).beta1 - 0.9) < 1e-12)
    #expect(abs(cycle(10).learningRate - 1) < 1e-12)
    #expect(abs(cycle(20).learningRate - 4e-6) < 1e-12)
    // A quarter of the way in steps is less of the way in values.
    #expect(abs(cycle(2).learningRate - (1 - 0.48 * (1 + cos(0.2 * .pi)))) < 1e-12)
  }

  @Test(arguments: [0, 1, 5])
  func `a short warm-up, none and one to the end are finite`(warmup: Int) {
    let cycle = OneCycle(peak: 1, warmup: warmup, steps: 5)
    for step in 0..<5 {
      #expect((0...1).contains(cycle(step).learningRate))
      #expect((0.85...0.95).contains(cycle(step).beta1))
    }
    #expect(warmup == 0 || cycle(warmup - 1) == (1, 0.85))
  }
}
