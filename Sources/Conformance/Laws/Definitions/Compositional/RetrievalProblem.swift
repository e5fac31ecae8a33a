internal import JSON
internal import Parts
internal import Torch

extension Need {
  /// The part is defined as a compositional attention.
  static let compositional = Need.definition("compositional")
  /// There is one retrieval.
  static let oneRule = Need("more than one retrieval") {
    $0.definition?.options["num_rules"]?.int == 1
  }
  /// There are several retrievals.
  static let severalRules = Need("one retrieval") {
    ($0.definition?.options["num_rules"]?.int ?? 0) > 1
  }
  /// Values have a projection of their own.
  static let ownValues = Need("values share a projection") {
    $0.definition?.parameters["v_weight"] != nil
  }
  /// Retrieval queries come from the queries of heads, and do not cancel.
  static let composedQueries = Need("no composed queries that count") {
    let options = $0.definition?.options
    let isScored = options?["qk_rule"]?.bool == true || options?["nonlinear"]?.bool == true
    return options?["q_compose"]?.bool == true && isScored
  }
}

/// A part that is defined as a compositional attention, in one call without masks.
struct RetrievalProblem {
  let setting: Setting
  let part: any PartModule
  let inputs: [String: Tensor]
  /// The number of searches.
  let heads: Int
  /// The number of retrievals.
  let rules: Int

  init(_ setting: Setting) throws {
    self.setting = setting
    part = try setting.part()
    inputs = try setting.inputs()
    heads = try setting.option("num_heads", default: 1)
    rules = try setting.option("num_rules", default: heads)
  }

  /// The parameters of the scores.
  var scorer: [String] { Self.scorer(setting.claims) }

  private static func scorer(_ claims: Claims) -> [String] {
    (claims.definition?.parameters ?? [:]).filter { role, _ in
      ["value_q", "value_k", "score1", "score2"].contains { role.hasPrefix($0) }
    }.values.sorted()
  }

  /// A parameter by its role, nil if the definition has none.
  func parameter(_ role: String) throws -> Tensor? {
    guard let key = try setting.definition.parameters[role] else { return nil }
    return try part.stateDict.tensor(key).detached()
  }

  /// Other numbers for the parameters of the scores, which are drawn besides the call.
  static let otherScorer: @Sendable (Draft) -> [Extra] = { draft in
    Self.scorer(draft.scenario.claims).map {
      .tensor("other \($0)", draft.part.stateDict[$0]?.shape ?? [])
    }
  }

  /// These numbers for some of the parameters.
  func redrawn(_ keys: [String]) throws -> [String: Tensor] {
    var state: [String: Tensor] = [:]
    for key in keys { state[key] = try setting.extra("other \(key)") }
    return state
  }

  /// The projection of values with its retrievals in another order, or some of them repeated.
  func values(_ order: [Int]) throws -> [String: Tensor] {
    var state: [String: Tensor] = [:]
    for role in ["v_weight", "v_bias"] {
      guard let value = try parameter(role) else { continue }
      let width = value.size(0) / rules
      let rows = order.flatMap { rule in (0..<width).map { rule * width + $0 } }
      state[try setting.key(of: role)] = try value.picked(0, rows)
    }
    return state
  }

  /// Multi-head attention in which every head has the values of one retrieval.
  func attention(ofRule rule: Int) throws -> Tensor {
    let (query, key) = (try inputs.tensor("q"), try inputs.tensor("k"))
    let (batch, length) = (query.size(0), query.size(1))
    func split(_ x: Tensor, _ letter: String, _ parts: Int) throws -> Tensor {
      let own = try parameter("\(letter)_weight") == nil ? "q" : letter
      return try affine(x, own).reshaped([batch, x.size(1), parts, -1]).transposed(1, 2)
    }
    var allowed: Tensor?
    if setting.claims.causal == .always {
      allowed = try Tensor.full([length, key.size(1)], 1, .bool).lowerTriangle()
    }
    let weights = try Elementary.weights(
      split(query, "q", heads), split(key, "k", heads), allowed: allowed)
    let values = try split(inputs.tensor("v"), "v", rules).index(1, rule).unsqueezed(1)
    return try affine(
      weights.matmul(values).transposed(1, 2).reshaped([batch, length, -1]), "out")
  }

  private func affine(_ x: Tensor, _ layer: String) throws -> Tensor {
    guard let weight = try parameter("\(layer)_weight") else {
      throw KitError("the definition names no parameter for `\(layer)_weight`")
    }
    let product = try x.matmul(weight.transposed())
    guard let bias = try parameter("\(layer)_bias") else { return product }
    return try product + bias
  }
}
