extension Oracle {
  /// Rotary positions: the pair c of d/2 is turned by θ = p · ω_c, y_a = x_a cos θ − x_b sin θ and
  /// y_b = x_b cos θ + x_a sin θ, with ω_c = base^(−2c/d).
  ///
  /// [Su et al., 2021](https://arxiv.org/abs/2104.09864), equation 34, with (a, b) = (c, c + d/2), as in
  /// the original zoo, or neighbours, (2c, 2c + 1), if `interleaved`. The first d channels are turned.
  /// Position p of a row is its index from 0 plus `offset`, for queries and keys alike; `scaling`
  /// changes the angles, see ``RotaryAngles``.
  ///
  /// - Options: `offset` (0), `base` (10000), `rotary_dim`, d (D), `interleaved` (false), `scaling`,
  ///   and `dim_model`, which must agree with D if given.
  /// - Inputs: `x` `[…, S, D]`, or `q` `[…, S, D]` and `k` `[…, T, D]`; d even.
  /// - Returns: `x` turned; for a pair with S = T both stacked, `[2, …, S, D]`; with S ≠ T, where they
  ///   cannot be stacked, both joined along the sequence, `[…, S + T, D]`, queries first.
  public static let rotary = Oracle(name: "rotary", file: "Sources/Oracles/Rotary.swift") { call in
    let isPair = call.inputs["x"] == nil
    try call.allowOnly(
      options: [
        "name", "dim_model", "seq_len", "dropout", "offset", "base", "rotary_dim", "interleaved",
        "scaling",
      ],
      inputs: isPair ? ["q", "k"] : ["x"])
    if !isPair { return try rotate("x", call) }
    let longest = try max(length("q", call), length("k", call))
    let q = try rotate("q", call, in: longest)
    let k = try rotate("k", call, in: longest)
    let leading = Array(q.shape.dropLast(2))
    let width = q.shape[q.rank - 1]
    try call.require(
      k.rank == q.rank && Array(k.shape.dropLast(2)) == leading && k.shape[k.rank - 1] == width,
      "input `k`", "shape \(leading + [-1, width]) with any length for -1", got: "\(k.shape)")
    if q.shape == k.shape {
      return Values(shape: [2] + q.shape, values: q.values + k.values)
    }
    let (queries, keys) = (q.shape[q.rank - 2], k.shape[k.rank - 2])
    var joined: [Double] = []
    for item in 0..<leading.reduce(1, *) {
      joined += q.values[item * queries * width..<(item + 1) * queries * width]
      joined += k.values[item * keys * width..<(item + 1) * keys * width]
    }
    return Values(shape: leading + [queries + keys, width], values: joined)
  }
}

private func length(_ key: String, _ call: OracleCall) throws -> Int {
  let input = try call.input(key)
  try call.require(input.rank >= 2, "input `\(key)`", "[…, S, D]", got: "\(input.shape)")
  return input.shape[input.rank - 2]
}

/// - Parameter longest: the tokens of the call, if there are more than in this input.
private func rotate(_ key: String, _ call: OracleCall, in longest: Int = 0) throws -> Values {
  let (input, length) = try (call.input(key), length(key, call))
  let width = input.shape[input.rank - 1]
  let turned = try call.integer("rotary_dim", default: width)
  try call.require(
    turned % 2 == 0 && turned <= width, "input `\(key)`", "[…, S, D] with D even",
    got: "\(input.shape)")
  let declared = try call.integer("dim_model", default: width)
  try call.require(
    declared == width, "option `dim_model`", "\(width), the width of `\(key)`", got: "\(declared)")
  let offset = try call.integer("offset", default: 0)
  let isInterleaved = try call.bool("interleaved", default: false)
  let angles = try RotaryAngles(call, width: turned, length: offset + max(length, longest))

  let items = input.shape.dropLast(2).reduce(1, *)
  let x = input.reshaped([items, length, width])
  var output = x
  for n in 0..<items {
    for t in 0..<length {
      for c in 0..<turned / 2 {
        let angle = Double(t + offset) * angles.frequencies[c]
        let (a, b) = isInterleaved ? (2 * c, 2 * c + 1) : (c, c + turned / 2)
        let (first, second) = (x[n, t, a], x[n, t, b])
        let cosine = angles.magnitude * cosineOf(angle)
        let sine = angles.magnitude * sineOf(angle)
        output[n, t, a] = first * cosine - second * sine
        output[n, t, b] = second * cosine + first * sine
      }
    }
  }
  return output.reshaped(input.shape)
}

/// The angles of rotary positions for each position, and what cosines and sines are multiplied by.
///
/// Without `scaling`, ω_c = base^(−2c/d), times 1. Its `type` changes that, with s = `factor` and
/// L = `original_max_position_embeddings`:
///
/// - `linear`: ω_c / s.
/// - `ntk`: base · s^(d/(d − 2)) instead of the base.
/// - `dynamic_ntk`: the same with s · n/L − (s − 1) instead of s, if the last position of the call is
///   the nth and n > L.
/// - `yarn`: γ ω_c + (1 − γ) ω_c / s, where γ falls from 1 at the pair that turns `beta_fast` (32)
///   times over L tokens, rounded down, to 0 at the one that turns `beta_slow` (1) times, rounded up;
///   cosines and sines times `attention_factor` (0.1 ln s + 1).
/// - `llama3`: γ ω_c + (1 − γ) ω_c / s, where γ grows from 0 at `low_freq_factor` (1) turns over L
///   tokens to 1 at `high_freq_factor` (4).
public struct RotaryAngles {
  /// ω_c for each pair.
  public private(set) var frequencies: [Double]
  /// The factor of cosines and sines.
  public private(set) var magnitude = 1.0

  /// The angles for d channels in a call with the options of the definition, up to a length.
  public init(_ call: OracleCall, width: Int, length: Int) throws {
    let base = try call.numberIfPresent("base") ?? 10000
    try call.require(base > 0, "option `base`", "a positive number", got: "\(base)")
    let d = Double(width)
    func frequency(_ pair: Int, base: Double) -> Double { power(base, -2 * Double(pair) / d) }
    let pairs = 0..<width / 2
    frequencies = pairs.map { frequency($0, base: base) }
    guard call.options["scaling"] ?? .none != .none else { return }

    var scaling = call
    scaling.options = try call.group("scaling")
    func number(_ key: String, _ fallback: Double? = nil) throws -> Double {
      guard let value = try scaling.numberIfPresent(key) ?? fallback else {
        throw scaling.wrongOption("scaling.\(key)", "a number", .none)
      }
      return value
    }
    /// γ ω + (1 − γ) ω/s.
    func blend(_ frequency: Double, _ share: Double) throws -> Double {
      try share * frequency + (1 - share) * frequency / number("factor")
    }
    let turn = 6.283185307179586
    let s = try number("factor")
    switch try scaling.textIfPresent("type") {
    case "linear": frequencies = frequencies.map { $0 / s }
    case "ntk" where width > 2:
      frequencies = pairs.map { frequency($0, base: base * power(s, d / (d - 2))) }
    case "dynamic_ntk" where width > 2:
      let limit = try number("original_max_position_embeddings")
      let longer = Double(length) > limit ? s * Double(length) / limit - (s - 1) : 1
      frequencies = pairs.map { frequency($0, base: base * power(longer, d / (d - 2))) }
    // The only pair is the fastest, which is kept.
    case "ntk", "dynamic_ntk": break
    case "yarn":
      let limit = try number("original_max_position_embeddings")
      /// The pair that turns so often: L base^(−2c/d) = 2π · turns.
      func pair(_ turns: Double) -> Double {
        d / 2 * logarithm(limit / (turn * turns)) / logarithm(base)
      }
      let low = try max(pair(number("beta_fast", 32)).rounded(.down), 0)
      let high = try min(pair(number("beta_slow", 1)).rounded(.up), d - 1)
      let span = high == low ? 0.001 : high - low
      frequencies = try pairs.map { c in
        try blend(frequencies[c], 1 - max(0, min(1, (Double(c) - low) / span)))
      }
      magnitude = try number("attention_factor", 0.1 * logarithm(s) + 1)
    case "llama3":
      let limit = try number("original_max_position_embeddings")
      let (low, high) = try (number("low_freq_factor", 1), number("high_freq_factor", 4))
      frequencies = try frequencies.map { frequency in
        let wavelength = turn / frequency
        if wavelength < limit / high { return frequency }
        if wavelength > limit / low { return frequency / s }
        return try blend(frequency, (limit / wavelength - low) / (high - low))
      }
    case let other:
      throw scaling.wrongOption(
        "scaling.type", "linear, ntk, dynamic_ntk, yarn or llama3", other.map { .text($0) } ?? .none
      )
    }
  }
}
