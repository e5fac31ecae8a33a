internal import JSON
internal import Synchronization
public import Torch

/// The options of a random attention.
public struct RandomAttentionConfig: PartConfig {
  /// The probability of keeping a pair of query and key, above 0, at most 1.
  public var r = 0.01
  /// Whether the pattern of each length is drawn once; otherwise each call draws a new one.
  public var constantMasking = true
  /// The seed of the pattern; by default drawn from the generator of the initialiser.
  public var seed: Int?
  /// Whether a query sees only keys up to its own position.
  public var causal = false
  /// Accepted for configurations of the original; it never changes a result.
  public var forceSparsity = false
  /// The share of attention weights dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// One pair in a hundred.
  public static let sample = Self()
  /// Few, some and all pairs.
  public static let domain: [String: OptionDomain] = [
    "r": .values([0.01, 0.5, 1.0]), "seed": .values([nil, 3]),
  ]
  /// The implementation follows from the costs.
  public static let inert: Set = ["force_sparsity"]

  /// Checks the shares and the seed.
  public func validate() throws {
    try require(dropout: dropout)
    try require(r > 0 && r <= 1, "r", "a probability above 0 and at most 1", got: r)
    try require(seed ?? 0 >= 0, "seed", "a whole number from 0", got: seed ?? 0)
  }
}

// @register(attention, "random", RandomAttentionConfig)
/// Softmax attention over pairs of tokens that are drawn at random.
///
/// The random pairs of [BigBird](https://arxiv.org/abs/2007.14062), each kept independently with
/// probability r, where the paper draws r blocks for each row. All heads and items share one pattern.
/// It is drawn once for each length, from the seed of the part alone, and again after `reseed`. Unlike
/// the original, a token always sees itself, so that no row is empty; r may be 1; attention may be
/// causal; each length has its own pattern, without padding; any mask is accepted.
///
/// - Shapes: query, key `[N, S, D]`, value `[N, S, V]` → `[N, S, V]`.
/// - Masks: Boolean and additive of every shape.
/// - Draws: `drawn_mask` `[S, S]`, true = may attend, before causality. An injected one is used as it
///   is until `reseed`; a shorter input uses its first rows and columns, a longer one draws its own.
/// - Complexity: O(r·S²·D) time and memory if few pairs are kept; otherwise, and for a call with a
///   mask, O(S²·D) time and O(S²) memory.
public final class RandomAttention: Module, Attention, PathChoosing {
  /// The options.
  public let config: RandomAttentionConfig
  /// The implementation to use.
  public var path = AttentionPath.automatic
  private let dropout: Dropout
  private let draws: Mutex<Draws>

  /// The seed, and what has been drawn or injected.
  private struct Draws {
    var seed: UInt64
    /// The number of calls since the seed was set, if each call draws.
    var calls: UInt64 = 0
    var injected: Tensor?
    var last: Tensor?
    /// The pairs of the last pattern, once they are needed.
    var rows: BlockRows?
  }

  /// The name of the pattern in ``drawn``.
  private static let drawName = "drawn_mask"

  /// Makes the attention; it has no parameters.
  public init(_ config: RandomAttentionConfig, generator: Generator) throws {
    self.config = config
    let drawn = try Tensor.uniform([1], 0..<1, .float64, generator: generator).item()
    draws = Mutex(Draws(seed: config.seed.map(UInt64.init) ?? UInt64(drawn * 0x1p53)))
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["attn_drop": dropout])
  }

  /// Computes the attention.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    let masks = try masks.effective(lengths, dtype: query.dtype, claims: claims)
    let pattern = try pattern(lengths.queries)
    if masks.isEmpty, isStructured(lengths) {
      return try rows(pattern).attention(query, key, value, dropout)
    }
    var mask = try masks.resolved(lengths, dtype: query.dtype, claims: claims)
    try mask.restrict(pattern)
    return try softmaxAttention(query, key, value, mask: mask, dropout: dropout)
  }

  /// The pattern of a call, Bool `[S, S]`.
  private func pattern(_ length: Int) throws -> Tensor {
    try draws.withLock { draws in
      let pattern: Tensor
      if let injected = draws.injected, injected.size(0) >= length {
        pattern =
          injected.size(0) == length
          ? injected : try injected.slice(0, 0..<length).slice(1, 0..<length).contiguous()
      } else if config.constantMasking, let last = draws.last, last.size(0) == length {
        pattern = last
      } else {
        pattern = try Self.draw(
          length, config.r, seed: mixed(mixed(draws.seed, UInt64(length)), draws.calls))
        if !config.constantMasking { draws.calls += 1 }
      }
      if pattern !== draws.last { draws.rows = nil }
      draws.last = pattern
      return pattern
    }
  }

  private static func draw(_ length: Int, _ r: Double, seed: UInt64) throws -> Tensor {
    let numbers = try Tensor.uniform(
      [length, length], 0..<1, .float64, generator: Generator(seed: seed))
    return try (numbers .< r) .| Tensor.identity(length, .bool)
  }

  /// The keys that each query sees, computed once for each pattern.
  private func rows(_ pattern: Tensor) throws -> BlockRows {
    if let known = draws.withLock({ $0.last === pattern ? $0.rows : nil }) { return known }
    let pairs = try (config.causal ? pattern.lowerTriangle() : pattern).nonzero().integers()
    var seen = Array(repeating: [Int](), count: pattern.size(0))
    for pair in stride(from: 0, to: pairs.count, by: 2) {
      seen[pairs[pair]].append(pairs[pair + 1])
    }
    let rows = try BlockRows(seen, size: 1)
    draws.withLock { if $0.last === pattern { $0.rows = rows } }
    return rows
  }

  /// The length from which gathering keys pays.
  private static let structuredLength = 512

  /// Whether so few pairs are kept that gathering their keys costs less than all products.
  private func isStructured(_ lengths: AttentionLengths) -> Bool {
    switch path {
    case .automatic:
      lengths.keys >= Self.structuredLength
        && (config.r * Double(lengths.keys) + 1) * Double(lengths.width) <= Double(lengths.keys)
    case .dense: false
    case .structured: true
    }
  }

  /// Starts the draws again, and forgets an injected pattern; both the seed of the options and this
  /// one count.
  public override func reseed(_ seed: UInt64) throws {
    try super.reseed(seed)
    let own = UInt64(config.seed ?? 0)
    draws.withLock {
      $0 = Draws(seed: mixed(own, seed))
    }
  }

  /// The calls that have drawn a pattern each.
  public override var countedCalls: Int {
    get { draws.withLock { Int($0.calls) } }
    set { draws.withLock { $0.calls = UInt64(newValue) } }
  }

  /// Remembers the pattern as well.
  public override func bookmark() throws -> () throws -> Void {
    let (goBack, draws) = (try super.bookmark(), draws.withLock { $0 })
    return {
      try goBack()
      self.draws.withLock { $0 = draws }
    }
  }
}

/// A hash of two numbers (Steele, Lea and Flood, 2014), of which a generator takes the low half.
private func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
  var z = (a ^ (b &* 0xD6E8_FEB8_6659_FD93)) &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}

// MARK: Contract

extension RandomAttention {
  /// The claims of softmax attention, with a pattern.
  public static func claims(for config: RandomAttentionConfig) -> Claims {
    var claims = Claims.softmax
    claims.causal = config.causal ? .always : .option
    claims.masks = [.boolean2D, .boolean3D, .additive]
    let keepsAll = config.r == 1
    claims.queryEquivariant = keepsAll && !config.causal
    claims.keyValueInvariant = keepsAll && !config.causal
    claims.evalDeterminism =
      keepsAll ? .pure : config.constantMasking ? .seeded : .redraws(every: 1)
    claims.pattern = .drawn(drawName)
    claims.thresholds = [structuredLength]
    claims.dropout = .weights(key: "dropout")
    claims.definition = Definition(
      "random", options: ["causal": .bool(config.causal), "r": .number(config.r)])
    return claims
  }

  /// The pattern of the last call, or the injected one.
  public var drawn: [String: Tensor] {
    let pattern = draws.withLock { $0.last ?? $0.injected }
    guard let pattern else { return [:] }
    return [Self.drawName: pattern]
  }

  /// Takes a pattern, `[S, S]`, Bool or zeros and ones.
  public func inject(_ drawn: [String: Tensor]) throws {
    if let name = drawn.keys.sorted().first(where: { $0 != Self.drawName }) {
      throw error(.unknownTensor(tensor: "state.\(name)", known: ["state.\(Self.drawName)"]))
    }
    guard let pattern = drawn[Self.drawName] else { return }
    guard pattern.rank == 2, pattern.size(0) == pattern.size(1), pattern.count > 0 else {
      throw error(
        .shape(tensor: "state.\(Self.drawName)", expected: "[S, S]", got: pattern.shape))
    }
    let numbers = try pattern.detached().to(.float64)
    guard try (numbers.equals(0) .| numbers.equals(1)).allTrue() else {
      throw error(
        .content(
          tensor: "state.\(Self.drawName)", expected: "only zeros and ones", got: "other values"))
    }
    let own = try numbers.equals(1)
    draws.withLock {
      $0.injected = own
      $0.last = nil
      $0.rows = nil
    }
  }
}
