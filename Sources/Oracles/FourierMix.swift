extension Oracle {
  /// Fourier mixing: y[s, e] = Σ x[s', e'] cos 2π(s s'/S + e e'/E) over all tokens s' and channels e'.
  ///
  /// [Lee-Thorp et al., 2021](https://arxiv.org/abs/2105.03824), section 3: the real part of a discrete
  /// Fourier transform over tokens and channels, not normalised. Keys and values are not used.
  ///
  /// - Inputs: `q`, `k`, `v` `[B, S, E]`.
  public static let fourierMix = Oracle(
    name: "fourier_mix", file: "Sources/Oracles/FourierMix.swift",
    supportingFiles: ["Sources/Oracles/AttentionInputs.swift"]
  ) { call in
    try call.allowOnly(options: AttentionInputs.inertOptions, inputs: ["q", "k", "v"])
    let inputs = try AttentionInputs(call)
    try inputs.requireSquare(call, "inputs `q` and `k`")
    let x = inputs.q
    let (length, width) = (inputs.queryLength, inputs.width)

    var output = Values.zeros(x.shape)
    for n in 0..<inputs.items {
      for s in 0..<length {
        for e in 0..<width {
          var sum = 0.0
          for t in 0..<length {
            for c in 0..<width {
              // Whole turns are removed first, since large angles lose digits.
              let turns =
                Double(s * t % length) / Double(length) + Double(e * c % width) / Double(width)
              sum += x[n, t, c] * cosineOf(2 * Double.pi * turns)
            }
          }
          output[n, s, e] = sum
        }
      }
    }
    return output
  }
}
