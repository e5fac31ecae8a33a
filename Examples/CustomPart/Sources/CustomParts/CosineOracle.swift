public import Oracles

extension Oracle {
  /// What a cosine attention must compute, in scalar loops: it shares no code with the part.
  public static let cosine = Oracle(name: "cosine", file: "Sources/CustomParts/CosineOracle.swift")
  {
    call in
    let sharpness = try call.numberIfPresent("sharpness") ?? 4
    let (q, k, v) = (try call.input("q"), try call.input("k"), try call.input("v"))
    let masks = try call.masks()
    var output = Values.zeros([masks.items, masks.queries, v.shape[2]])
    for n in 0..<masks.items {
      for s in 0..<masks.queries {
        let logits = (0..<masks.keys).map { t in
          guard masks.allows(n, s, t) else { return -Double.infinity }
          return sharpness * similarity(q, k, n, s, t) + masks.bias(n, s, t)
        }
        for (t, weight) in softmaxRow(logits).enumerated() where weight > 0 {
          for d in 0..<v.shape[2] { output[n, s, d] += weight * v[n, t, d] }
        }
      }
    }
    return output
  }
}

/// The cosine between query s and key t; 0 where one of them is 0.
private func similarity(_ q: Values, _ k: Values, _ n: Int, _ s: Int, _ t: Int) -> Double {
  var (product, left, right) = (0.0, 0.0, 0.0)
  for d in 0..<q.shape[2] {
    product += q[n, s, d] * k[n, t, d]
    left += q[n, s, d] * q[n, s, d]
    right += k[n, t, d] * k[n, t, d]
  }
  return left > 0 && right > 0 ? product / (left.squareRoot() * right.squareRoot()) : 0
}
