import Oracles
import Testing

@Suite struct `feedforwards and activations` {
  func activated(_ name: OracleOption, _ x: [Double]) throws -> Values {
    try Oracle.activation.evaluate(
      OracleCall(options: ["activation": name], inputs: ["x": Values(shape: [x.count], values: x)]))
  }

  @Test func `activations have their tabulated values`() throws {
    let x: [Double] = [-2, -1, -0.5, 0.5, 1, 2]
    expectClose(
      try activated("gelu", x), [-0.0455, -0.158655, -0.154269, 0.345731, 0.841345, 1.9545],
      within: 1e-6)
    expectClose(try activated("smelu", x), [0, 0.125, 0.28125, 0.78125, 1.125, 2])
    expectClose(
      try activated("star_relu", x), [-0.4472, -0.4472, -0.4472, -0.2236, 0.4472, 3.1304])
    expectClose(try activated("squared_relu", x), [0, 0, 0, 0.25, 1, 4])
    expectClose(try activated("leaky_relu", x), [-0.02, -0.01, -0.005, 0.5, 1, 2])
    expectClose(try activated("relu", x), [0, 0, 0, 0.5, 1, 2])
    expectClose(try activated(.none, x), x)
  }

  @Test(arguments: ActivationFunction.allCases)
  func `an activation neither jumps at its kinks nor hides not a number`(
    _ function: ActivationFunction
  ) throws {
    for kink in [-2.0, 0, 2] {
      #expect(abs(function(kink - 1e-9) - function(kink + 1e-9)) < 1e-8)
    }
    #expect(function(.nan).isNaN)
  }

  @Test func `the feedforward is two affine maps around an activation`() throws {
    let parameters = [
      "w1": matrix([[1, -1], [2, 0.5], [-1, -1]]), "b1": Values(shape: [3], values: [0.5, 0, 1]),
      "w2": matrix([[1, 2, 3], [0, -1, 1]]), "b2": Values(shape: [2], values: [10, 20]),
    ]
    let call = OracleCall(
      options: ["activation": "relu"],
      inputs: ["inputs": Values(shape: [1, 1, 2], values: [1, 2])], parameters: parameters)
    // Hidden: −0.5, 3, −2 → 0, 3, 0.
    expectClose(try Oracle.mlp.evaluate(call), Values(shape: [1, 1, 2], values: [16, 17]))
    var identity = call
    identity.options["activation"] = OracleOption.none
    expectClose(try Oracle.mlp.evaluate(identity), [9.5, 15])
    identity.parameters["b1"] = nil
    identity.parameters["b2"] = nil
    // Hidden: −1, 3, −3.
    expectClose(try Oracle.mlp.evaluate(identity), [-4, -6])
  }

  @Test(arguments: [("silu", 1.4621171572600098), ("gelu", 1.682689492137086), ("relu", 2)])
  func `a gate multiplies by its function`(_ name: String, _ expected: Double) throws {
    var call = OracleCall(
      options: ["activation": .text(name), "hidden_dim": 1],
      inputs: ["inputs": Values(shape: [1, 1, 1], values: [1])],
      parameters: ["w1": matrix([[1]]), "w2": matrix([[2]]), "w3": matrix([[1]])])
    expectClose(try Oracle.gatedLinearUnit.evaluate(call), [expected])
    call.parameters["b2"] = Values(shape: [1], values: [-1])
    call.parameters["b3"] = Values(shape: [1], values: [10])
    expectClose(try Oracle.gatedLinearUnit.evaluate(call), [10 + expected / 2])
  }

  @Test func `the width behind a gate is the least multiple from eight thirds on`() throws {
    func message(_ hidden: Int, _ width: Int, _ options: [String: OracleOption] = [:]) -> String {
      let call = OracleCall(
        options: options.merging(["activation": "relu"]) { $1 },
        inputs: ["inputs": filled([2, width], seed: 1)],
        parameters: [
          "w1": filled([hidden, width], seed: 2), "w2": filled([hidden, width], seed: 3),
          "w3": filled([width, hidden], seed: 4),
        ])
      do {
        _ = try Oracle.gatedLinearUnit.evaluate(call)
        return ""
      } catch { return "\(error)" }
    }
    #expect(message(24, 8) == "")
    #expect(message(8, 3, ["multiple_of": 1]) == "")
    #expect(message(22, 8, ["multiple_of": 1]) == "")
    #expect(message(25, 8, ["multiple_of": 5]) == "")
    #expect(message(7, 8, ["hidden_dim": 7]) == "")
    #expect(message(16, 8).contains("parameter `w1`: expected [24, 8], got [16, 8]"))
  }

  @Test func `the convolution sees neighbours row by row`() throws {
    // One channel on a grid of 2 × 2, whose kernel reads the cell to the right.
    var near = Values.zeros([1, 1, 3, 3])
    near[0, 0, 1, 2] = 1
    let one = Values(shape: [1, 1, 1, 1], values: [1])
    let none = Values.zeros([1])
    let call = OracleCall(
      options: ["activation": "relu"],
      inputs: ["inputs": Values(shape: [1, 4, 1], values: [1, 2, 3, 4])],
      parameters: [
        "input_weight": one, "input_bias": none, "near_weight": near, "near_bias": none,
        "output_weight": one, "output_bias": Values(shape: [1], values: [0.5]),
      ])
    expectClose(try Oracle.convMLP.evaluate(call), [2.5, 0.5, 4.5, 0.5])
  }

  /// Experts of one channel that multiply by 1, 2, …, whose logits are `gate`·x.
  func mixture(_ gate: [Double], _ x: [Double], items: Int = 1) throws -> Values {
    var parameters = ["gate": Values(shape: [gate.count, 1], values: gate)]
    for expert in gate.indices {
      parameters["experts.\(expert).w1"] = matrix([[Double(expert + 1)]])
      parameters["experts.\(expert).w2"] = matrix([[1]])
    }
    return try Oracle.mixtureOfExperts.evaluate(
      OracleCall(
        options: [
          "gate": "top_2", "number_of_experts": .integer(gate.count), "expert": ["name": "mlp"],
        ],
        inputs: ["inputs": Values(shape: [items, x.count / items, 1], values: x)],
        parameters: parameters))
  }

  @Test func `two experts are weighed by the softmax of their logits`() throws {
    let share = 0.7310585786300049
    expectClose(try mixture([1, 0], [1]), [share + 2 * (1 - share)])
    expectClose(try mixture([0, 1, -9], [1]), [1 - share + 2 * share])
    // The first of equals.
    expectClose(try mixture([0, 0, 0], [1]), [1.5])
    expectClose(try mixture([5], [3]), [3])
  }

  @Test func `tokens beyond the capacity get nothing`() throws {
    let share = 0.7310585786300049
    let served = share + 2 * (1 - share)
    // Four of eight tokens, by position and then by item.
    let gate = [1, 0, -9, -9.0]
    let row = Array(repeating: 1.0, count: 8)
    expectClose(
      try mixture(gate, row), [served, served, served, served, 0, 0, 0, 0])
    expectClose(
      try mixture(gate, row, items: 2), [served, served, 0, 0, served, served, 0, 0])
    // Two experts have room for all.
    expectClose(try mixture([1, 0], [1, 1]), [served, served])
  }

  @Test func `experts that take turns have the weight one`() throws {
    var parameters: [String: Values] = [:]
    for expert in 0..<3 {
      parameters["experts.\(expert).w1"] = matrix([[Double(expert + 1)]])
      parameters["experts.\(expert).w2"] = matrix([[1]])
    }
    let call = OracleCall(
      options: ["gate": "round_robin", "number_of_experts": 3, "expert": ["name": "mlp"]],
      inputs: ["inputs": Values(shape: [2, 2, 1], values: [1, 1, 1, 1])], parameters: parameters)
    expectClose(try Oracle.mixtureOfExperts.evaluate(call), [1, 3, 2, 1])
  }
}
