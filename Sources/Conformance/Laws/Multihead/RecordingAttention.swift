internal import Parts
internal import Synchronization
internal import Torch

/// How an attention that records what it gets wants it.
struct RecordingConfig: PartConfig {
  /// The word of a claim about heads.
  var wants = HeadsClaim.folded
  /// Whether tokens are to be projected.
  var isProjected = true
  /// Whether it takes squares only.
  var isSquared = false

  static let sample = Self()
}

/// An attention that stores the tensors of its last call and gives the queries times two.
final class RecordingAttention: Module, Attention {
  let config: RecordingConfig
  private let last = Mutex<[Tensor]>([])

  init(_ config: RecordingConfig, generator: Generator) throws {
    self.config = config
    super.init()
  }

  static func claims(for config: RecordingConfig) -> Claims {
    var claims = Claims()
    claims.heads = config.wants
    claims.inputProjection = config.isProjected
    claims.masks = [.boolean2D, .keyPadding]
    if config.isSquared { claims.sequence = .squared }
    return claims
  }

  /// Query, key, value and masks of the last call.
  var received: [Tensor] { last.withLock { $0 } }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    try checkInputs(query, key, value)
    let tensors = [query, key, value, masks.attention, masks.keyPadding].compactMap(\.self)
    last.withLock { $0 = tensors }
    return try query * 2
  }

  /// The attention as a part.
  static let entry = PartEntry.attention(
    "recording", RecordingAttention.self, RecordingConfig.self,
    summary: "Stores what it gets.")
}
