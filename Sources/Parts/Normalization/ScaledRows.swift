internal import Torch

extension PartConfig {
  /// Throws unless what is added to a variance is small, but no type rounds it to 0.
  func require(epsilon: Double) throws(PartError) {
    try require(epsilon >= 1e-12 && epsilon <= 1, "eps", "a number from 1e-12 to 1", got: epsilon)
  }
}

extension Tensor {
  /// The numbers in a type with the range and precision for sums of their squares, unless they are
  /// near its largest.
  func widened() throws(TorchError) -> Tensor { dtype.size < 4 ? try to(.float32) : self }

  /// Rows x / √(mean of x² + ε) of the last dimension, or (x − μ) / √(mean of (x − μ)² + ε),
  /// computed from rows that are divided by their largest entry, so that no square overflows.
  func scaledRows(epsilon: Double, centred: Bool) throws(TorchError) -> Tensor {
    let wide = try widened()
    let largest = try wide.detached().abs().maximum(-1, keep: true).clamp(1, nil)
    var rows = try wide / largest
    if centred { rows = try rows - rows.mean(-1, keep: true) }
    let offset = try largest.power(-1) * epsilon.squareRoot()
    let variance = try (rows * rows).mean(-1, keep: true) + offset * offset
    return try rows / (variance + wide.dtype.leastNormalMagnitude).sqrt()
  }
}
