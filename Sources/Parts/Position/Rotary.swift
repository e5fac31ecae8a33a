public import JSON
public import Torch

/// The options of a rotary position embedding.
public struct RotaryEmbeddingConfig: PartConfig {
  /// The width of a head, in channels.
  public var dimModel: Int
  /// The number of channels that are turned, the first ones; even, and by default all.
  public var rotaryDim: Int?
  /// Whether neighbours are pairs, (2c, 2c + 1), instead of (c, c + d/2) among d channels.
  public var interleaved = false
  /// The base of the wavelengths.
  public var base = 10000.0
  /// The position of the first token.
  public var offset = 0
  /// A rule for inputs longer than those of the training, such as `{"type": "linear", "factor": 4}`;
  /// its keys are those of ``RotaryScaling``.
  public var scaling: JSON?

  /// Eight channels from position 0.
  public static let sample = Self(dimModel: 8)
  /// The width has no default.
  public static let required = ["dim_model"]
  /// Widths of heads and parts of them, other bases, offsets and rules.
  public static let domain: [String: OptionDomain] = [
    "dim_model": .equal(.headWidth), "rotary_dim": .values([nil, 2]),
    "base": .values([10000, 500]),
    // Half precision cannot represent the last.
    "offset": .values([0, 3, 4099]),
    "scaling": .values([
      nil, ["type": "linear", "factor": 4], ["type": "ntk", "factor": 4],
      ["type": "dynamic_ntk", "factor": 2, "original_max_position_embeddings": 4],
      ["type": "yarn", "factor": 4, "original_max_position_embeddings": 1024],
      [
        "type": "yarn", "factor": 4, "original_max_position_embeddings": 1024,
        "attention_factor": 0.75, "beta_fast": 16, "beta_slow": 2,
      ],
      ["type": "llama3", "factor": 8, "original_max_position_embeddings": 1024],
      [
        "type": "llama3", "factor": 8, "original_max_position_embeddings": 64,
        "low_freq_factor": 2, "high_freq_factor": 16,
      ],
    ]),
  ]

  /// Checks the parity of the width, the ranges and the rule.
  public func validate() throws {
    try require(size: dimModel, "dim_model")
    try require(
      rotaryDim != nil || dimModel % 2 == 0, "dim_model", "an even number from 2", got: dimModel)
    try require(
      width >= 2 && width <= dimModel && width % 2 == 0, "rotary_dim",
      "an even number from 2 to dim_model = \(dimModel)", got: width)
    try require(base > 0 && base.isFinite, "base", "a number above 0", got: base)
    try require(
      offset >= 0 && offset <= Int(Int32.max), "offset", "a whole number from 0 to \(Int32.max)",
      got: offset)
    // The logarithm of the base counts the turns of a pair.
    try require(
      rule()?.type != .yarn || base > 1, "base", "a number above 1 with yarn", got: base)
  }

  /// The number of channels that are turned.
  var width: Int { rotaryDim ?? dimModel }

  /// The rule of ``scaling``.
  func rule() throws -> RotaryScaling? { try scaling.map(RotaryScaling.read) }
}

// @register(position_embedding, "rotary", RotaryEmbeddingConfig)
/// Turns pairs of channels of queries and keys by angles that grow with the position.
///
/// [Su et al., 2021](https://arxiv.org/abs/2104.09864), with the pairs (c, c + D/2), "rotate half",
/// as in the original zoo. Unlike there, angles are computed in double precision, and lengths may
/// differ; a loaded `inv_freq` is checked but not used. The registered name and all options but
/// `dim_model` are additions: `offset` shifts all positions, and ``RotaryScaling`` changes angles for
/// longer inputs. `dynamic_ntk` depends on the call alone, on the last position of its queries and keys.
///
/// - Shapes: query `[…, S, D]`, key `[…, T, D]` → the same; by name, S = T, both stacked.
/// - Complexity: O(S·D).
public final class RotaryEmbedding: Module, PositionEmbedding, IncrementalPart {
  /// The options.
  public let config: RotaryEmbeddingConfig
  /// The angles for each position, in radians, `[d/2]`; with `dynamic_ntk` those of short calls.
  public let frequencies: Buffer
  private let rule: RotaryScaling?
  private let kept = Kept<Call, Angles>()

  /// Makes the embedding; it has no parameters.
  public init(_ config: RotaryEmbeddingConfig, generator: Generator) throws {
    self.config = config
    rule = try config.rule()
    frequencies = try Buffer(
      Self.frequencies(config, rule, length: 0).to(.float32), isConstant: true)
    super.init(["inv_freq": frequencies])
  }

  /// Turns queries and keys, each from the first position on.
  ///
  /// Shapes: query `[…, S, D]`, key `[…, T, D]` → the same; with offsets `[B, …, S, D]`.
  ///
  /// - `offsets`: how many tokens come before those of each row; nil for none.
  public func callAsFunction(_ query: Tensor, _ key: Tensor, offsets: [Int]? = nil) throws -> (
    query: Tensor, key: Tensor
  ) {
    guard query.dtype == key.dtype else {
      throw error(
        .dtype(tensor: "k", expected: "\(query.dtype), the type of q", got: key.dtype.rawValue))
    }
    try check(query, "q")
    try check(key, "k")
    for (name, x) in [("q", query), ("k", key)]
    where offsets.map({ $0.count != x.size(0) }) ?? false {
      throw error(
        .shape(
          tensor: name, expected: "a row for each of the offsets \(offsets ?? [])", got: x.shape))
    }
    let length = max(query.size(-2), key.size(-2)) + (offsets?.max() ?? 0)
    return (try turn(query, offsets, in: length), try turn(key, offsets, in: length))
  }

  /// Turns the tokens of a call that ends at some position.
  private func turn(_ x: Tensor, _ offsets: [Int]?, in length: Int) throws -> Tensor {
    let (outer, width) = (Array(x.shape.dropLast()), config.width)
    let (grid, axis) = config.interleaved ? ([width / 2, 2], -1) : ([2, width / 2], -2)
    let call = Call(count: x.size(-2), offsets: offsets, length: length, dtype: x.dtype)
    var angles = try kept.value(for: call) {
      let (cosine, sine) = try table(x.size(-2), offsets, in: length, x.dtype)
      return Angles(
        cosine: try .stack([cosine, cosine], axis), sine: try .stack([-sine, sine], axis))
    }
    if let offsets {
      let rows = [offsets.count] + Array(repeating: 1, count: x.rank - 3) + [x.size(-2)] + grid
      angles = Angles(
        cosine: try angles.cosine.reshaped(rows), sine: try angles.sine.reshaped(rows))
    }
    // (a, b) → (a cos θ − b sin θ, b cos θ + a sin θ)
    let pairs = try x.slice(-1, 0..<width).reshaped(outer + grid)
    let turned = try (pairs.rolled(1, axis) * angles.sine).adding(pairs, times: angles.cosine)
      .reshaped(outer + [width])
    guard width < config.dimModel else { return turned }
    return try Tensor.cat([turned, x.slice(-1, width..<config.dimModel)], -1)
  }

  /// What turns the channels of each token, and what that depends on.
  private struct Angles {
    let cosine: Tensor
    let sine: Tensor
  }
  private struct Call: Equatable {
    let count: Int
    let offsets: [Int]?
    let length: Int
    let dtype: DType
  }

  /// Cosines and sines, `[S, d/2]` or `[B, S, d/2]`, computed in double precision and rounded once.
  private func table(_ count: Int, _ offsets: [Int]?, in length: Int, _ dtype: DType) throws -> (
    Tensor, Tensor
  ) {
    let positions = try Tensor.range(count, .float64) + Double(config.offset)
    let rows = try offsets.map {
      try Tensor($0.map(Double.init), shape: [$0.count, 1]) + positions
    }
    let angles =
      try (rows ?? positions).unsqueezed(-1)
      * Self.frequencies(config, rule, length: config.offset + length)
    let magnitude = rule?.magnitude ?? 1
    return (
      try (angles.cos() * magnitude).to(dtype), try (angles.sin() * magnitude).to(dtype)
    )
  }

  /// The angle of each pair for each position, in double precision, in a call up to some position.
  private static func frequencies(
    _ config: RotaryEmbeddingConfig, _ rule: RotaryScaling?, length: Int
  ) throws -> Tensor {
    let angles = rule?.frequencies(base: config.base, width: config.width, length: length)
    return try Tensor(
      angles ?? RotaryScaling.frequencies(base: config.base, width: config.width),
      shape: [config.width / 2])
  }
}

// MARK: Contract

extension RotaryEmbedding {
  /// Each token is computed on its own.
  public static func claims(for config: RotaryEmbeddingConfig) -> Claims {
    var claims = Claims()
    claims.tokenWise = true
    claims.nanIsolation = [.batchRow, .token]
    claims.memoryExponent = 1
    claims.incremental = (try? config.rule())??.type != .dynamicNTK
    var options: JSONObject = ["base": .number(config.base), "offset": .integer(config.offset)]
    if config.interleaved { options["interleaved"] = true }
    options["rotary_dim"] = config.rotaryDim.map { .integer($0) }
    options["scaling"] = config.scaling
    claims.definition = Definition("rotary", options: .object(options))
    if let rule = try? config.rule(), rule.type == .dynamicNTK {
      let first = (rule.originalMaxPositionEmbeddings ?? 0) + 1 - config.offset
      claims.thresholds = first > 1 ? [first] : []
    }
    return claims
  }

  /// Query and key in, both stacked out.
  public var signature: Signature {
    Signature(
      [.init("q", ["B", "H", "S", "D"]), .init("k", ["B", "H", "S", "D"])],
      output: ["2", "B", "H", "S", "D"], fixed: ["D": config.dimModel, "2": 2])
  }

  /// A cache of the positions alone.
  public func makeCache(batch: Int) throws -> TokenCache {
    guard claims.incremental else {
      throw noCache("with dynamic_ntk, angles depend on the length of the call")
    }
    return TokenCache(batch: batch)
  }

  /// Turns the tensors `q` and `k` from the next position of each row on.
  public func next(_ inputs: [String: Tensor], cache: TokenCache, real: Tensor?) throws -> Tensor {
    guard claims.incremental else { throw strangeCache }
    let query = try NamedInputs(inputs, signature).required("q")
    let (rows, length) = query.rank == 4 ? (query.size(0), query.size(2)) : (0, 0)
    let chunk = try checkChunk("q", rows: rows, length: length, real: real, cache)
    let output =
      try length == 0
      ? Tensor.zeros([2] + query.shape, query.dtype) : turned(inputs, offsets: cache.counts)
    cache.advance(by: chunk)
    return output
  }

  /// Turns the tensors `q` and `k` and stacks the results.
  public func call(_ inputs: [String: Tensor]) throws -> Tensor { try turned(inputs) }

  private func turned(_ inputs: [String: Tensor], offsets: [Int]? = nil) throws -> Tensor {
    let named = try NamedInputs(inputs, signature)
    let (query, key) = (try named.required("q"), try named.required("k"))
    for (name, tensor) in [("q", query), ("k", key)] where tensor.rank != 4 {
      throw error(
        .shape(
          tensor: name, expected: "[B, H, S, D] with D = \(config.dimModel)", got: tensor.shape))
    }
    guard query.shape == key.shape else {
      throw error(
        .shape(
          tensor: "k", expected: "the shape of q, \(query.shape), to be stacked", got: key.shape))
    }
    let turned = try self(query, key, offsets: offsets)
    return try Tensor.stack([turned.query, turned.key], 0)
  }

  private func check(_ x: Tensor, _ name: String) throws {
    guard x.rank >= 2, x.size(-1) == config.dimModel else {
      throw error(
        .shape(tensor: name, expected: "[…, S, D] with D = \(config.dimModel)", got: x.shape))
    }
    try checkFloating(x, name)
  }
}
