extension Oracle {
  /// y = (x − μ) / √(σ² + ε) ⊙ weight + bias, token by token, σ² the mean of (x − μ)².
  ///
  /// [Ba et al., 2016](https://arxiv.org/abs/1607.06450).
  ///
  /// - Options: `eps` (1e-5).
  /// - Inputs: `x` `[…, E]`.
  /// - Parameters: `weight` and `bias` `[E]`.
  public static let layerNorm = Oracle(
    name: "layernorm", file: "Sources/Oracles/LayerNorm.swift",
    supportingFiles: ["Sources/Oracles/Normalization.swift"], exactArithmetic: true
  ) { try $0.normalized(epsilon: 1e-5, centred: true) }
}
