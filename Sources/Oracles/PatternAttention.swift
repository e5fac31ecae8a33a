extension AttentionInputs {
  /// Scaled dot-product attention in which query i of item n sees key j only if a pattern and the
  /// masks allow it: oᵢ = Σⱼ softmaxⱼ(qᵢ·kⱼ / √D + biasᵢⱼ) vⱼ, or 0 without any such j.
  func attended(
    _ masks: AttentionMasks, _ sees: (_ item: Int, _ query: Int, _ key: Int) -> Bool
  ) -> Values {
    let scale = Double(width).squareRoot()
    var output = Values.zeros([items, queryLength, valueWidth])
    for n in 0..<items {
      for i in 0..<queryLength {
        var logits = [Double](repeating: -.infinity, count: keyLength)
        for j in 0..<keyLength where sees(n, i, j) && masks.allows(n, i, j) {
          var product = 0.0
          for d in 0..<width { product += q[n, i, d] / scale * k[n, j, d] }
          logits[j] = product + masks.bias(n, i, j)
        }
        let weights = softmaxRow(logits)
        for c in 0..<valueWidth {
          var sum = 0.0
          for j in 0..<keyLength where logits[j] != -.infinity {
            sum += weights[j] * v[n, j, c]
          }
          output[n, i, c] = sum
        }
      }
    }
    return output.reshaped(outputShape)
  }
}

extension Oracle {
  /// The files that definitions with a pattern share.
  static let patternFiles = [
    "Sources/Oracles/PatternAttention.swift", "Sources/Oracles/Softmax.swift",
    "Sources/Oracles/AttentionMasks.swift",
  ]
}
