extension Oracle {
  /// Logits plus w[bucket(j − i), h].
  ///
  /// [Raffel et al., 2019](https://arxiv.org/abs/1910.10683), with the buckets of the authors' code. With
  /// n buckets for a direction and e = n/2, a distance δ < e has bucket δ, and the others
  /// e + ⌊ln(δ/e) / ln(max/e) · (n − e)⌋, at most n − 1. If `bidirectional`, there are half as many
  /// buckets for a direction, those of earlier keys and the token itself first; otherwise later keys
  /// have distance 0.
  ///
  /// - Options: `num_buckets` (32), `max_distance` (128), `bidirectional` (true), and `num_heads`, which
  ///   must agree with H if given.
  /// - Inputs: `logits` `[B, H, S, T]`.
  /// - Parameters: `weight` `[num_buckets, H]`.
  public static let t5Relative = Oracle(
    name: "t5_relative", file: "Sources/Oracles/RelativeBias.swift",
    supportingFiles: ["Sources/Oracles/LogitBias.swift"]
  ) { call in
    try call.allowOnly(
      options: ["name", "num_heads", "num_buckets", "max_distance", "bidirectional"],
      inputs: ["logits"], parameters: ["weight"])
    let isBidirectional = try call.bool("bidirectional", default: true)
    let all = try call.integer("num_buckets", default: 32)
    let longest = try call.integer("max_distance", default: 128)
    let weight = try call.parameter("weight")
    let count = isBidirectional ? all / 2 : all
    let exact = count / 2
    try call.require(
      exact >= 1 && longest > exact, "option `max_distance`", "above \(exact), half the buckets",
      got: "\(longest)")
    return try biased(call) { heads, head, distance in
      try call.require(
        weight.shape == [all, heads], "parameter `weight`", "[\(all), \(heads)]",
        got: "\(weight.shape)")
      var bucket = isBidirectional && distance > 0 ? count : 0
      let length = isBidirectional || distance < 0 ? abs(distance) : 0
      if length < exact {
        bucket += length
      } else {
        let share =
          logarithm(Double(length) / Double(exact)) / logarithm(Double(longest) / Double(exact))
        // ln 8 / ln 16 · 8 is 6, whatever is lost by rounding.
        let steps = (share * Double(count - exact) + 1e-9).rounded(.down)
        bucket += min(exact + Int(steps), count - 1)
      }
      return weight[bucket, head]
    }
  }
}
