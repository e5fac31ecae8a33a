extension Oracle {
  /// y = x / √(mean of x² + ε) ⊙ weight, token by token.
  ///
  /// [Zhang and Sennrich, 2019](https://arxiv.org/abs/1910.07467), section 4.
  ///
  /// - Options: `eps` (1e-6).
  /// - Inputs: `x` `[…, E]`.
  /// - Parameters: `weight` `[E]`.
  public static let rmsNorm = Oracle(
    name: "rmsnorm", file: "Sources/Oracles/RMSNorm.swift",
    supportingFiles: ["Sources/Oracles/Normalization.swift"], exactArithmetic: true
  ) { try $0.normalized(epsilon: 1e-6, centred: false) }
}
