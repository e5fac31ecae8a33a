/// The activations of a config, by their names in JSON; null is the identity.
public enum ActivationFunction: String, Sendable, CaseIterable {
  /// max(x, 0).
  case relu
  /// x Φ(x), the exact form, [Hendrycks and Gimpel, 2016](https://arxiv.org/abs/1606.08415).
  case gelu
  /// x above 0, 0.01 x below.
  case leakyRelu = "leaky_relu"
  /// max(x, 0)², [So et al., 2021](https://arxiv.org/abs/2109.08668).
  case squaredRelu = "squared_relu"
  /// 0.8944 max(x, 0)² − 0.4472, [Yu et al., 2022](https://arxiv.org/abs/2210.13452).
  case starRelu = "star_relu"
  /// (x + 2)²/8 for |x| ≤ 2, else max(x, 0),
  /// [Shamir et al., 2020](https://arxiv.org/abs/2010.09931).
  case smelu

  /// The value at one number.
  public func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .relu: return x < 0 ? 0 : x
    case .gelu: return x * 0.5 * (1 + errorFunction(x / 2.0.squareRoot()))
    case .leakyRelu: return x < 0 ? 0.01 * x : x
    case .squaredRelu: return x < 0 ? 0 : x * x
    case .starRelu: return x < 0 ? -0.4472 : 0.8944 * x * x - 0.4472
    case .smelu:
      if x <= -2 { return 0 }
      if x >= 2 { return x }
      return (x + 2) * (x + 2) / 8
    }
  }

  /// The option `activation` of a call; nil, the identity, if it is null.
  static func read(_ call: OracleCall) throws -> ActivationFunction? {
    guard let name = try call.textIfPresent("activation") else { return nil }
    if let function = ActivationFunction(rawValue: name) { return function }
    let names = allCases.map(\.rawValue)
    throw OracleError(
      oracle: call.oracle, "option `activation`",
      expected: "one of " + names.joined(separator: ", ") + " or null", got: "`\(name)`",
      nearest: nearestWord(to: name, among: names))
  }
}

extension Oracle {
  /// An activation alone: y = act(x) for each entry.
  ///
  /// - Options: `activation`, a name of ``ActivationFunction`` or null.
  /// - Inputs: `x` of any shape.
  public static let activation = Oracle(
    name: "activation", file: "Sources/Oracles/Activation.swift"
  ) { call in
    try call.allowOnly(options: ["activation"], inputs: ["x"])
    let activation = try ActivationFunction.read(call)
    var output = try call.input("x")
    for index in 0..<output.values.count {
      let x = output.values[index]
      output.values[index] = activation?(x) ?? x
    }
    return output
  }
}
