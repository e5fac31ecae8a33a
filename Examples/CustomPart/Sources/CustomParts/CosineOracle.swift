public import Oracles

extension Oracle {
  /// What a cosine attention must compute, in scalar loops: it shares no code with the part.
  public static let cosine = Oracle(name: "cosine", file: "Sources/CustomParts/CosineOracle.swift")
  {
    call in
    let sharpness = try call.numberIfPresent("sharpness") ?? 4
    let (q, k, v) = (try call.input("q"), try call.input("k"), try call.input("v"))
    var output = Values.zeros([q.shape[0], q.shape[1], v.shape[2]])
    for n in 0..<q.shape[0] {
      for s in 0..<q.shape[1] {
        let logits = (0..<k.shape[1]).map { t in
          sharpness * similarity(q, k, n, s, t) + bias(call, n, s, t, of: q.shape[0])
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

/// What the masks add to a logit: −∞ hides a key.
private func bias(_ call: OracleCall, _ n: Int, _ s: Int, _ t: Int, of folded: Int) -> Double {
  func element(_ mask: Values) -> Double {
    switch mask.rank {
    case 2: mask[s, t]
    case 3: mask[n / (folded / mask.shape[0]), s, t]
    default: mask[n / mask.shape[1], n % mask.shape[1], s, t]
    }
  }
  if let mask = call.inputs["boolean_mask"] { return element(mask) != 0 ? 0 : -.infinity }
  if let mask = call.inputs["additive_mask"] { return element(mask) }
  return 0
}
