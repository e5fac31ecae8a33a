internal import JSON
internal import Synchronization
public import Torch

/// The options of an Orthoformer attention.
public struct OrthoformerAttentionConfig: PartConfig {
  /// How landmarks are chosen.
  public enum Rule: String, Codable, Sendable, CaseIterable {
    /// Queries, greedily chosen to be as orthogonal to each other as possible.
    case orthogonal
    /// Centroids of queries.
    case kmeans
    /// Centroids of the directions of queries, scaled to their mean length.
    case sphericalKmeans = "kmeans_spherical"
    /// Random queries and keys; if the number is odd, one query more.
    case random
  }

  /// The number of landmarks; with at least as many as queries or as keys, attention is exact.
  public var numLandmarks = 32
  /// The share of queries, drawn with replacement, from which orthogonal ones are chosen.
  public var subsampleFraction = 1.0
  /// How landmarks are chosen.
  public var landmarkSelection = Rule.orthogonal
  /// The share of outputs dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Thirty-two orthogonal queries.
  public static let sample = Self()
  /// Landmarks around the number of queries, each rule, and a choice among half of the queries.
  public static let domain: [String: OptionDomain] = [
    "num_landmarks": .around(.queryLength), "subsample_fraction": .values([1.0, 0.5]),
    "landmark_selection": .values(["orthogonal", "kmeans", "kmeans_spherical", "random"]),
  ]

  /// Checks the sizes and the shares.
  public func validate() throws {
    try require(dropout: dropout)
    try require(size: numLandmarks, "num_landmarks")
    try require(
      subsampleFraction > 0 && subsampleFraction <= 1, "subsample_fraction",
      "a share above 0, up to 1", got: subsampleFraction)
  }
}

// @register(attention, "orthoformer", OrthoformerAttentionConfig)
/// An attention that meets keys only through landmarks, which are chosen among the queries.
///
/// [Patrick et al., 2021](https://arxiv.org/abs/2106.05392): y = softmax(q Λᵀ/√D)·(softmax(Λ kᵀ/√D) v)
/// with landmarks Λ through which no gradient flows. As in the authors' code, and unlike their paper,
/// they are chosen among queries alone, unless at random. Unlike the original zoo: the choice depends
/// only on queries and seed, in evaluation too, and is the same for an item in any batch; with as many
/// landmarks as queries or keys, attention is exact; a mask is refused instead of ignored; an odd
/// number of random landmarks stays odd; a centroid without queries stays where it is; and centroids
/// of directions have the mean length of their queries.
///
/// - Shapes: query `[N, S, D]`, key `[N, T, D]`, value `[N, T, V]` → `[N, S, V]`.
/// - Masks: none. Not causal: landmarks meet all keys.
/// - Complexity: O((S + T)·m·D) time, the choice included, O((S + T)·m) memory.
public final class OrthoformerAttention: Module, Attention {
  /// The options.
  public let config: OrthoformerAttentionConfig
  private let selection: LandmarkSelection
  private let dropout: Dropout
  private let draws: Mutex<Draws>

  /// The seed, what has been injected, and what the last call used.
  private struct Draws {
    var seed: UInt64
    var held: [String: Tensor] = [:]
    var last: [String: Tensor] = [:]
  }

  /// Draws the seed of the choice; there are no parameters.
  public init(_ config: OrthoformerAttentionConfig, generator: Generator) throws {
    self.config = config
    selection = LandmarkSelection(
      rule: config.landmarkSelection, count: config.numLandmarks, share: config.subsampleFraction)
    let halves = try Tensor.uniform([2], 0..<1, .float64, generator: generator).doubles()
      .map { UInt64($0 * 0x1p32) }
    draws = Mutex(Draws(seed: halves[0] << 32 | halves[1]))
    dropout = Dropout(config.dropout, generator: generator)
    super.init(["attn_drop": dropout])
  }

  /// Computes the attention.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
  ) throws -> Tensor {
    let lengths = try checkInputs(query, key, value)
    try masks.check(lengths, dtype: query.dtype, claims: claims)
    if isExact(lengths.queries, lengths.keys) {
      draws.withLock { $0.last = [:] }
      return try dropout(softmaxAttention(query, key, value))
    }
    let landmarks = try landmarks(query.detached(), key.detached(), lengths)
    return try dropout(
      softmaxAttention(query, landmarks, softmaxAttention(landmarks, key, value)))
  }

  private func isExact(_ queries: Int, _ keys: Int) -> Bool {
    config.numLandmarks >= min(queries, keys)
  }

  /// The landmarks of a call, `[N, m, D]`: the injected ones, or those chosen by its draws.
  private func landmarks(_ query: Tensor, _ key: Tensor, _ lengths: AttentionLengths) throws
    -> Tensor
  {
    let (seed, held) = draws.withLock { ($0.seed, $0.held) }
    if let landmarks = held["landmarks"] {
      try check(landmarks, lengths)
      draws.withLock { $0.last = held }
      return try landmarks.to(query.dtype)
    }
    // The draws depend on the length only, so that an item gets the same ones in any batch.
    let generator = Generator(seed: seed &+ UInt64(lengths.queries))
    var positions: [String: [Int]] = [:]
    for name in selection.names {
      positions[name] =
        try held[name].map { try injected($0, name, lengths) }
        ?? selection.draw(
          name, queries: lengths.queries, keys: lengths.keys, generator: generator)
    }
    let landmarks = try selection.landmarks(query, key, positions)
    var last = try positions.mapValues { try Tensor($0, shape: [$0.count]) }
    last["landmarks"] = landmarks
    draws.withLock { [last] in $0.last = last }
    return landmarks
  }

  /// Starts the draws again from a seed, and forgets injected ones.
  public override func reseed(_ seed: UInt64) throws {
    try super.reseed(seed)
    draws.withLock { $0 = Draws(seed: seed) }
  }

  /// Remembers the draws as well.
  public override func bookmark() throws -> () throws -> Void {
    let (goBack, draws) = (try super.bookmark(), draws.withLock { $0 })
    return {
      try goBack()
      self.draws.withLock { $0 = draws }
    }
  }
}

// MARK: Contract

extension OrthoformerAttention {
  /// Convex weights; with enough landmarks, the claims of exact attention hold too.
  public static func claims(for config: OrthoformerAttentionConfig) -> Claims {
    var claims = Claims()
    claims.keyValueInvariant = config.landmarkSelection != .random
    claims.linearInValue = true
    claims.rowsSumToOne = true
    claims.convexHull = true
    claims.evalDeterminism = .seeded
    claims.pattern = .full
    claims.accuracy = .approximates(
      oracle: "scaled_dot_product", knob: "num_landmarks", law: "ORT3")
    claims.crossLength = true
    claims.valueWidth = .free
    claims.nanIsolation = [.batchRow]
    claims.dropout = .output(key: "dropout")
    claims.memoryExponent = 1
    claims.definition = Definition(
      "orthoformer",
      options: [
        "num_landmarks": .integer(config.numLandmarks),
        "landmark_selection": .string(config.landmarkSelection.rawValue),
        "subsample_fraction": .number(config.subsampleFraction),
      ])
    return claims
  }

  /// With at least as many landmarks as queries or as keys, attention is exact.
  public func claims(queryLength: Int, keyLength: Int) -> Claims {
    var claims = self.claims
    guard isExact(queryLength, keyLength) else { return claims }
    claims.evalDeterminism = .pure
    claims.accuracy = .exact
    claims.queryEquivariant = true
    claims.keyValueInvariant = true
    claims.softmaxOverProducts = true
    return claims
  }

  /// The original draws its first landmark, and is exact only with as many landmarks as keys.
  public func reference(for inputs: [String: Tensor]) -> ReferenceClaim {
    guard let query = inputs["q"], let key = inputs["k"], query.rank == 3, key.rank == 3 else {
      return .matches
    }
    if config.numLandmarks == key.size(1) { return .matches }
    return .deviates(
      reason: isExact(query.size(1), key.size(1))
        ? "as many landmarks as queries or keys make attention exact"
        : "landmarks follow from the queries and the part's own seed")
  }

  /// The positions that the last call drew, and its landmarks.
  public var drawn: [String: Tensor] { draws.withLock { $0.last } }

  /// Uses these positions, or these landmarks for calls of their shape, until the part is reseeded.
  public func inject(_ drawn: [String: Tensor]) throws {
    let known = selection.names + ["landmarks"]
    for (name, tensor) in drawn.sorted(by: { $0.key < $1.key }) {
      guard known.contains(name) else {
        throw error(
          .unknownTensor(tensor: "state.\(name)", known: known.map { "state.\($0)" }))
      }
      guard tensor.dtype.isFloating == (name == "landmarks"), tensor.dtype != .bool else {
        throw error(
          .dtype(
            tensor: "state.\(name)",
            expected: name == "landmarks" ? "a floating type" : "integers",
            got: tensor.dtype.rawValue))
      }
      let rank = name == "landmarks" ? 3 : 1
      guard tensor.rank == rank else {
        throw error(
          .shape(
            tensor: "state.\(name)", expected: rank == 3 ? "[N, m, D]" : "a list of positions",
            got: tensor.shape))
      }
    }
    let own = try drawn.mapValues { try $0.detached().clone() }
    draws.withLock {
      // Earlier landmarks would hide these positions.
      if own["landmarks"] == nil, !own.isEmpty {
        $0.held["landmarks"] = nil
        $0.last["landmarks"] = nil
      }
      $0.held.merge(own) { _, new in new }
      $0.last.merge(own) { _, new in new }
    }
  }

  private func check(_ landmarks: Tensor, _ lengths: AttentionLengths) throws {
    let shape = [lengths.folded, config.numLandmarks, lengths.width]
    guard landmarks.shape == shape else {
      throw error(
        .shape(tensor: "state.landmarks", expected: "[N, m, D] = \(shape)", got: landmarks.shape))
    }
  }

  /// The positions of an injected tensor, checked against a call.
  private func injected(_ tensor: Tensor, _ name: String, _ lengths: AttentionLengths) throws
    -> [Int]
  {
    let (count, bound) = selection.range(
      of: name, queries: lengths.queries, keys: lengths.keys)
    let positions = try tensor.integers()
    guard positions.count == count else {
      throw error(
        .shape(
          tensor: "state.\(name)", expected: "[\(count)] for \(lengths.queries) queries",
          got: tensor.shape))
    }
    if let wrong = positions.first(where: { !(0..<bound).contains($0) }) {
      throw error(
        .content(
          tensor: "state.\(name)", expected: "positions from 0 below \(bound)", got: "\(wrong)"))
    }
    return positions
  }
}
