internal import Torch

/// How the queries and keys of each head are normalized before they are multiplied.
public enum HeadNorm: String, Codable, Sendable, CaseIterable {
  /// x / √(mean of x² + 1e-6), with a learnt scale for each channel of queries and of keys, which all
  /// heads share: `q_norm.weight` and `k_norm.weight`, `[D]`.
  ///
  /// [Dehghani et al., 2023](https://arxiv.org/abs/2302.05442), with the norm of Zhang and Sennrich.
  case rms
  /// The same, which is √D · x / ‖x‖, with one learnt scale, `q_norm.weight` `[1]`.
  ///
  /// [Henry et al., 2020](https://arxiv.org/abs/2010.04245): the logits are g times the cosine of query
  /// and key, where g is √D times the scale.
  case l2
}

/// Divides the channels of a head by their root mean square, then applies a learnt scale if it has one.
///
/// Shapes: `[B, H, S, D]` → the same.
final class HeadNormalization: Module {
  private let weight: Parameter?

  /// - `scales`: their number, D, 1 for all channels alike, or 0 for none.
  init(scales: Int) throws {
    weight = scales > 0 ? try Parameter(Tensor.ones([scales])) : nil
    super.init(["weight": weight])
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    // One layout, whatever the numbers are, so that later products round alike.
    let rows = try normalized(x.contiguous())
    return try (weight.map { try rows * $0.value } ?? rows).to(x.dtype)
  }

  private func normalized(_ x: Tensor) throws -> Tensor {
    func usual(_ x: Tensor) throws -> Tensor {
      try x.scaledRows(epsilon: 1e-6, centred: false)
    }
    guard try !x.sumIsFinite else { return try usual(x) }
    // A hidden key has a derivative of 0, but 0 · NaN is NaN.
    let wild = try (.!x.detached().isFinite()).any(-1, keep: true)
    return try wild.select(usual(x.detached()), else: usual(x.filled(0, where: wild)))
  }
}
