internal import JSON
internal import Oracles
internal import Parts
internal import Torch

/// A mixture whose logits are known, because single channels decide them.
struct ExpertProblem {
  /// The part, whose experts have the values of the trial.
  let part: any PartModule
  /// The number of experts.
  let count: Int
  private let setting: Setting
  private let definition: Definition

  init(_ setting: Setting) throws {
    self.setting = setting
    part = try setting.part()
    definition = try setting.definition
    count = try setting.option("number_of_experts", default: 1)
  }

  /// The width of a token.
  var width: Int { setting.scenario.lengths[.modelWidth] }

  /// Whether two experts are chosen, and not one in turn.
  var hasGate: Bool { definition.parameters["gate"] != nil }

  /// Sets the gate, `[X, E]`, to numbers in one or two channels and 0 elsewhere.
  ///
  /// - `columns`: the numbers of all experts, by channel.
  func setGate(_ columns: [Int: [Double]]) throws {
    let values = (0..<count * width).map { columns[$0 % width]?[$0 / width] ?? 0 }
    try part.load(
      [setting.key(of: "gate"): Tensor(values, shape: [count, width])], strict: false)
  }

  /// Tokens `[B, S, E]` with numbers in some channels and 0 elsewhere.
  func tokens(_ items: Int, _ length: Int, _ number: (_ token: Int, _ channel: Int) -> Double)
    throws
    -> Tensor
  {
    try Tensor(
      (0..<items * length * width).map { number($0 / width, $0 % width) },
      shape: [items, length, width])
  }

  /// The state keys of an expert, by the roles in its definition.
  func keys(of expert: Int) -> [String: String] {
    let prefix = "experts.\(expert)."
    return Dictionary(
      uniqueKeysWithValues: definition.parameters.filter { $0.key.hasPrefix(prefix) }
        .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
  }

  /// What an expert makes of tokens `[…, E]`, by the scalar definition that it claims.
  func output(of expert: Int, _ tokens: Tensor) throws -> Tensor {
    let options = definition.options["expert"] ?? [:]
    let state = part.stateDict
    let call = OracleCall(
      options: OracleOption.group(of: options), inputs: ["inputs": try Values(tokens)],
      parameters: try keys(of: expert).mapValues { try Values(state.tensor($0)) })
    let values = try setting.subject.oracles.oracle(options["name"]?.string ?? "?").evaluate(call)
    return try Tensor(values.values, shape: values.shape)
  }
}
