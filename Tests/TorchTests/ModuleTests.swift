import Testing
import Torch

/// Two layers, the second without a bias, which may share their weight.
final class Pair: Module {
  let first: Linear
  let second: Linear

  init(shared: Bool = false, seed: UInt64 = 5) throws {
    let generator = Generator(seed: seed)
    first = try Linear(3, 2, generator: generator)
    second =
      shared
      ? Linear(sharing: first.weight, bias: nil)
      : try Linear(3, 2, bias: false, generator: generator)
    super.init(["a.first": first, "second": second])
  }
}

@Suite struct `modules` {
  @Test func `keys follow the declaration`() throws {
    let pair = try Pair(shared: false)
    #expect(pair.stateKeys == ["a.first.weight", "a.first.bias", "second.weight"])
    #expect(pair.parameterCount == 14)
    #expect(pair.description.contains("a.first: Linear"))
  }

  @Test func `a state moves to another instance bit by bit`() throws {
    let source = try Pair(shared: false)
    let target = try Pair(shared: false)
    try target.load(source.stateDict.mapValues { try $0 * 2 })
    for (key, value) in source.stateDict {
      #expect(try target.stateDict[key]?.doubles() == (value * 2).doubles())
    }
  }

  @Test func `states that do not fit are refused before anything changes`() throws {
    let pair = try Pair(shared: false)
    var state = pair.stateDict
    state["second.weight"] = nil
    #expect(throws: StateError.missing(key: "second.weight")) { try pair.load(state) }
    state["second.weight"] = try Tensor.zeros([3, 2])
    #expect(throws: StateError.shape(key: "second.weight", expected: [2, 3], got: [3, 2])) {
      try pair.load(state)
    }
    state["second.weight"] = try Tensor.zeros([2, 3], .int64)
    #expect(throws: StateError.dtype(key: "second.weight", got: .int64)) { try pair.load(state) }
    state["second.weight"] = try Tensor.zeros([2, 3])
    state["secon.weight"] = try Tensor.zeros([1])
    let error = #expect(throws: StateError.self) { try pair.load(state) }
    #expect(
      error?.description == "there is no parameter `secon.weight`; did you mean \"second.weight\"? "
        + "(parameters: a.first.weight, a.first.bias, second.weight)")
  }

  @Test func `a shared weight is one tensor under two keys`() throws {
    let pair = try Pair(shared: true)
    #expect(pair.parameters.count == 2)
    #expect(pair.stateDict.count == 3)
    try pair.to(.float64)
    #expect(pair.second.weight.value.dtype == .float64)
    #expect(pair.first.weight.value.sharesStorage(with: pair.second.weight.value))
    var state = pair.stateDict
    state["second.weight"] = try Tensor.zeros([2, 3], .float64)
    #expect(throws: StateError.shared(key: "a.first.weight", other: "second.weight")) {
      try pair.load(state)
    }
  }

  @Test func `dropout keeps the mean, and is off in evaluation`() throws {
    let dropout = Dropout(0.25, generator: Generator(seed: 1))
    let x = try Tensor.ones([10000], .float64)
    let values = try dropout(x).doubles()
    #expect(Set(values) == [0, 1 / 0.75])
    let kept = Double(values.filter { $0 > 0 }.count)
    #expect(Swift.abs(kept - 7500) < 6.11 * (10000 * 0.25 * 0.75).squareRoot())
    dropout.eval()
    #expect(try dropout(x).doubles() == x.doubles())
  }

  @Test func `dropout reports masks on request, and uses injected ones in turn`() throws {
    let dropout = Dropout(0.5, generator: Generator(seed: 1))
    let x = try Tensor([1, 2, 3], shape: [3])
    _ = try dropout(x)
    #expect(dropout.drawn == nil)
    dropout.drawn = []
    let outputs = try (0..<2).map { _ in try dropout(x).doubles() }
    let masks = try #require(dropout.drawn)
    #expect(try masks.map { try ($0 * x * 2).doubles() } == outputs)
    let other = try 1 - masks[0]
    dropout.inject([other, masks[1]])
    #expect(try dropout(x).doubles() == (other * x * 2).doubles())
    #expect(try dropout(x).doubles() == outputs[1])
    #expect(try dropout(x).doubles() == (other * x * 2).doubles())
    #expect(throws: TorchError.self) { try dropout(Tensor.ones([2])) }
  }
}
