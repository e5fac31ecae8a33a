/// The softmax of one row, wⱼ = exp(xⱼ) / Σₗ exp(xₗ), where a masked entry is −∞.
///
/// The largest entry is subtracted first, which cancels in the quotient. A row without any allowed
/// entry has weight 0 everywhere.
public func softmaxRow(_ logits: [Double]) -> [Double] {
  var weights = [Double](repeating: 0, count: logits.count)
  if logits.allSatisfy({ $0 == -.infinity }) { return weights }
  var largest = -Double.infinity
  for logit in logits where logit > largest { largest = logit }
  var total = 0.0
  for j in 0..<logits.count {
    weights[j] = exponential(logits[j] - largest)
    total += weights[j]
  }
  for j in 0..<logits.count { weights[j] /= total }
  return weights
}
