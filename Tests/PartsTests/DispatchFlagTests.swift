import Catalogue
import JSON
import Parts
import Synchronization
import Testing
import Torch

@Suite struct `an attention in the dispatch gets its tokens as it claims to want them` {
  private static let width = 12
  private static let heads = 3

  /// A dispatch around an attention that records.
  private func recorder(
    _ wants: HeadsClaim, isProjected: Bool = true, isSquared: Bool = false
  ) throws -> (MultiHeadDispatch, RecordingAttention) {
    let config: JSON = [
      "dim_model": .integer(Self.width), "num_heads": .integer(Self.heads),
      "attention": [
        "name": .string(RecordingAttention.entry.name), "wants": .string(wants.rawValue),
        "is_projected": .bool(isProjected), "is_squared": .bool(isSquared),
      ],
    ]
    let built = try Registry.zoo.adding([RecordingAttention.entry]).build(
      .multihead, RecordingAttention.entry.name, config, generator: Generator(seed: 1)
    ).part
    let dispatch = try #require(built as? MultiHeadDispatch)
    try dispatch.to(.float64)
    dispatch.eval()
    return (dispatch, try #require(dispatch.attention as? RecordingAttention))
  }

  @Test func `one name twice in a list of parts is refused`() {
    #expect(throws: PartError.self) {
      _ = try Registry.zoo.adding([RecordingAttention.entry, RecordingAttention.entry])
    }
  }

  /// Tokens as heads: `[B, L, E]` → `[B, H, L, E/H]`, or `[B·H, L, E/H]` where they are folded.
  private func split(_ tokens: Tensor, _ layer: Linear?, _ wants: HeadsClaim) throws -> Tensor {
    guard wants != .owned else { return tokens }
    // The layer itself, since bits are compared.
    let projected = try layer?(tokens).detached() ?? tokens
    let width = Self.width / Self.heads
    let heads = try Tensor.stack(
      (0..<Self.heads).map { try projected.slice(2, $0 * width..<($0 + 1) * width) }, 1)
    return wants == .explicit ? heads : try heads.reshaped([-1, tokens.size(1), width])
  }

  private func isSame(_ a: Tensor, _ b: Tensor) throws -> Bool {
    try a.shape == b.shape && a.dtype == b.dtype
      && a.to(.float64).doubles() == b.to(.float64).doubles()
  }

  @Test(
    arguments: [
      (.folded, true), (.folded, false), (.explicit, true), (.explicit, false), (.owned, true),
    ] as [(HeadsClaim, Bool)])
  func `folded, as an axis or whole, and projected or not`(
    wants: HeadsClaim, isProjected: Bool
  ) throws {
    let (dispatch, attention) = try recorder(wants, isProjected: isProjected)
    let generator = Generator(seed: 2)
    let tokens = try (0..<3).map { _ in
      try Tensor.normal([2, 5, Self.width], .float64, generator: generator)
    }
    let pairs = try Tensor.full([5, 5], 1, .bool).lowerTriangle()
    let real = try Tensor.full([2, 5], 1, .bool)
    let output = try dispatch(
      tokens[0], tokens[1], tokens[2], masks: Masks(attention: pairs, keyPadding: real))
    let projection = dispatch.inputProjection
    let layers = [projection?.query, projection?.key, projection?.value]
    let expected = try zip(tokens, layers).map { try split($0, $1, wants) } + [pairs, real]
    let received = attention.received
    #expect(received.count == expected.count)
    for (name, pair) in zip(["q", "k", "v", "att_mask", "padding"], zip(received, expected)) {
      #expect(try isSame(pair.0, pair.1), "\(name)")
    }
    // One that makes its own heads gives the output itself.
    if wants == .owned { #expect(try isSame(output, tokens[0] * 2)) }
  }

  @Test(arguments: 1...5)
  func `and only lengths that it accepts`(length: Int) throws {
    let (dispatch, _) = try recorder(.folded, isSquared: true)
    let tokens = try Tensor.zeros([1, length, Self.width], .float64)
    if length == 1 || length == 4 {
      #expect(try dispatch(tokens).shape == tokens.shape)
    } else {
      #expect(throws: PartError.self) { try dispatch(tokens) }
    }
  }
}

/// How an attention that records what it gets wants it.
private struct RecordingConfig: PartConfig {
  /// The word of a claim about heads.
  var wants = HeadsClaim.folded
  /// Whether tokens are to be projected.
  var isProjected = true
  /// Whether it takes squares only.
  var isSquared = false

  static let sample = Self()
}

/// An attention that stores the tensors of its last call and gives the queries times two.
private final class RecordingAttention: Module, Attention {
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
