internal import Foundation
internal import Torch

/// T4: how far softmax attention may be from its definition, from the rounding of its steps alone.
///
/// With γₙ = n·u/(1 − n·u), s = 1/√D and p the exact weights: δ = maxⱼ[γ_{D+3}·s·Σ_d abs(q_d k_jd) +
/// u·abs(bⱼ)] is what the logits may be off by, ρ = u·maxⱼ abs(xⱼ − max x) what taking the maximum
/// off costs, ε = e^{2δ+2ρ}(1 + γ_{T+8}) − 1 the relative error of a weight, and the output is off by
/// at most (ε + γ_{T+2}(1 + ε))·Σⱼ pⱼ abs(vⱼ) + T·tiny·‖v‖∞. Nothing in it can be tuned.
///
/// - Returns: one bound for each element of the output, row-major; infinite where nothing is promised.
func softmaxRoundingBounds(
  _ call: AttentionCall, _ visibility: Visibility, _ dtype: DType
) throws -> [Double] {
  let (query, key, value) = (try call.query, try call.key, try call.value)
  let (width, valueWidth, keys) = (query.size(-1), value.size(-1), visibility.keys)
  let (q, k, v) = (try query.doubles(), try key.doubles(), try value.doubles())
  let bias = try additiveBias(call, visibility.items)?
    .expanded([visibility.items, visibility.queries, keys]).doubles()
  let (unit, scale) = (dtype.unitRoundoff, 1 / Double(width).squareRoot())
  func gamma(_ n: Int) -> Double {
    let product = Double(n) * unit
    return product < 1 ? product / (1 - product) : .infinity
  }
  let tiny = Double(keys) * dtype.leastNormalMagnitude * (v.map { abs($0) }.max() ?? 0)

  var bounds: [Double] = []
  for n in 0..<visibility.items {
    for i in 0..<visibility.queries {
      let seen = visibility.visible(n, i)
      var (logits, delta) = ([Double](), 0.0)
      for j in seen {
        var (product, size) = (0.0, 0.0)
        for d in 0..<width {
          let term =
            q[(n * visibility.queries + i) * width + d] * k[(n * keys + j) * width + d] * scale
          product += term
          size += abs(term)
        }
        let added = bias?[(n * visibility.queries + i) * keys + j] ?? 0
        logits.append(product + added)
        delta = max(delta, gamma(width + 3) * size + unit * abs(added))
      }
      let peak = logits.max() ?? 0
      let powers = logits.map { exp($0 - peak) }
      let sum = powers.reduce(0, +)
      let rho = unit * (logits.map { abs($0 - peak) }.max() ?? 0)
      let epsilon = exp(2 * delta + 2 * rho) * (1 + gamma(keys + 8)) - 1
      let relative = epsilon + gamma(keys + 2) * (1 + epsilon)
      for c in 0..<valueWidth {
        var size = 0.0
        for (j, power) in zip(seen, powers) {
          size += power / sum * abs(v[(n * keys + j) * valueWidth + c])
        }
        // Infinity times zero promises nothing either.
        let bound = relative * size + tiny
        bounds.append(bound.isNaN ? .infinity : bound)
      }
    }
  }
  return bounds
}
