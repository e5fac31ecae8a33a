extension Oracle {
  /// Rotary positions: with θ = p · base^(−2c/D), the pair (c, c + D/2) is turned by θ,
  /// y_c = x_c cos θ − x_{c+D/2} sin θ and y_{c+D/2} = x_{c+D/2} cos θ + x_c sin θ.
  ///
  /// [Su et al., 2021](https://arxiv.org/abs/2104.09864), equation 34, with the halves of a vector
  /// paired instead of neighbours, as in the original zoo. Position p of a row is its index from 0
  /// plus `offset`, for queries and keys alike.
  ///
  /// - Options: `offset` (0), `base` (10000), `dim_model`, which must agree with D if given.
  /// - Inputs: `x` `[…, S, D]`, or `q` `[…, S, D]` and `k` `[…, T, D]`; D even.
  /// - Returns: `x` turned; for a pair with S = T both stacked, `[2, …, S, D]`; with S ≠ T, where they
  ///   cannot be stacked, both joined along the sequence, `[…, S + T, D]`, queries first.
  public static let rotary = Oracle(name: "rotary", file: "Sources/Oracles/Rotary.swift") { call in
    let isPair = call.inputs["x"] == nil
    try call.allowOnly(
      options: ["name", "dim_model", "seq_len", "dropout", "offset", "base"],
      inputs: isPair ? ["q", "k"] : ["x"])
    if !isPair { return try rotate("x", call) }
    let q = try rotate("q", call)
    let k = try rotate("k", call)
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

private func rotate(_ key: String, _ call: OracleCall) throws -> Values {
  let input = try call.input(key)
  try call.require(
    input.rank >= 2 && input.shape[input.rank - 1] % 2 == 0, "input `\(key)`",
    "[…, S, D] with D even", got: "\(input.shape)")
  let (length, width) = (input.shape[input.rank - 2], input.shape[input.rank - 1])
  let declared = try call.integer("dim_model", default: width)
  try call.require(
    declared == width, "option `dim_model`", "\(width), the width of `\(key)`", got: "\(declared)")
  let offset = try call.integer("offset", default: 0)
  let base = try call.numberIfPresent("base") ?? 10000
  try call.require(base > 0, "option `base`", "a positive number", got: "\(base)")

  let items = input.shape.dropLast(2).reduce(1, *)
  let x = input.reshaped([items, length, width])
  var output = Values.zeros([items, length, width])
  for n in 0..<items {
    for t in 0..<length {
      for c in 0..<width / 2 {
        let angle = Double(t + offset) * power(base, -2 * Double(c) / Double(width))
        let (first, second) = (x[n, t, c], x[n, t, c + width / 2])
        output[n, t, c] = first * cosineOf(angle) - second * sineOf(angle)
        output[n, t, c + width / 2] = second * cosineOf(angle) + first * sineOf(angle)
      }
    }
  }
  return output.reshaped(input.shape)
}
