extension Oracle {
  /// Logits plus −slope_h · |i − j|; unless `bidirectional`, nothing is added for keys j > i.
  ///
  /// [Press et al., 2021](https://arxiv.org/abs/2108.12409), section 3, with the slopes of the authors'
  /// code: with P the largest power of two up to H, slope_h = 2^(−8(h + 1)/P) for h < P, and
  /// 2^(−4(2(h − P) + 1)/P) for the others.
  ///
  /// - Options: `bidirectional` (true), and `num_heads`, which must agree with H if given.
  /// - Inputs: `logits` `[B, H, S, T]`.
  public static let alibi = Oracle(
    name: "alibi", file: "Sources/Oracles/Alibi.swift",
    supportingFiles: ["Sources/Oracles/LogitBias.swift"]
  ) { call in
    try call.allowOnly(options: ["name", "num_heads", "bidirectional"], inputs: ["logits"])
    let isBidirectional = try call.bool("bidirectional", default: true)
    return try biased(call) { heads, head, distance in
      var largest = 1
      while 2 * largest <= heads { largest *= 2 }
      let exponent =
        head < largest ? -8 * Double(head + 1) : -4 * Double(2 * (head - largest) + 1)
      let slope = power(2, exponent / Double(largest))
      return distance > 0 && !isBidirectional ? 0 : -slope * Double(abs(distance))
    }
  }
}
