public import JSON
internal import Torch

/// How a mixture chooses experts.
public enum ExpertChoice: String, Codable, Sendable, CaseIterable {
  /// The two with the largest logits, as far as they have capacity.
  case top2 = "top_2"
  /// One after the other, by the position of the token.
  case roundRobin = "round_robin"
}

/// The options of a mixture of experts.
public struct MoEConfig: PartConfig {
  /// The width of a token, E, in channels.
  public var dimModel: Int
  /// The number of experts, X.
  public var numberOfExperts: Int
  /// How experts are chosen.
  public var gate: ExpertChoice
  /// The experts: the name of a feedforward or its options with its `name`; if null, `MLP`.
  public var expertConstructor: JSON?
  /// The share that the experts drop while training, 0 ... 1.
  public var dropout = 0.0
  /// The `activation` of the experts.
  public var activation: Activation?
  /// The `hidden_layer_multiplier` of the experts; if null, 4 where they have one.
  public var hiddenLayerMultiplier: Int?
  /// Must be the number of experts or null: all of them are in one process.
  public var numberOfLocalExperts: Int?
  /// Must be null: there is no group of processes.
  public var group: JSON?

  /// Three experts of eight channels.
  public static let sample = Self(dimModel: 8, numberOfExperts: 3, gate: .top2)
  /// The original requires `dropout` and `activation` as well.
  public static let required = ["dim_model", "number_of_experts", "gate"]
  /// One expert to four, of several kinds.
  public static let domain: [String: OptionDomain] = [
    "number_of_experts": .values([3, 1, 2, 4]),
    "gate": .values(ExpertChoice.allCases.map { .string($0.rawValue) }),
    "expert_constructor": .values([nil, "SwiGLU", ["name": "MLP", "bias": false]]),
    "activation": .values([nil, "relu", "gelu"]),
    "hidden_layer_multiplier": .values([nil, 1, 2]),
    "number_of_local_experts": .fixed, "group": .fixed,
  ]

  /// Checks the sizes, the share, and that nothing asks for several processes.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: dimModel, "dim_model")
    try require(size: numberOfExperts, "number_of_experts")
    if let multiplier = hiddenLayerMultiplier {
      try require(size: multiplier, "hidden_layer_multiplier")
    }
    try require(
      numberOfLocalExperts ?? numberOfExperts == numberOfExperts, "number_of_local_experts",
      "number_of_experts = \(numberOfExperts) or null, since there is one process",
      got: numberOfLocalExperts ?? 0)
    try require(
      group == nil, "group", "null, since there is one process", got: group?.description ?? "null")
    try require(
      expertConstructor.map { $0.string ?? $0["name"]?.string } != .some(nil),
      "expert_constructor", "the name of a feedforward, or an object with a `name`",
      got: expertConstructor?.description ?? "null")
  }
}
