internal import Torch

extension Tensor {
  /// The same value with a wrong derivative, for faults that only a gradient shows.
  func withGradient(times factor: Double) throws(TorchError) -> Tensor {
    let value = try detached()
    return try value + (self - value) * factor
  }

  /// The same value with the derivative of another tensor, which may hold NaN.
  func withGradient(of other: Tensor) throws(TorchError) -> Tensor {
    let value = try detached()
    let moves = try other - other.detached()
    return try value + moves.filled(0, where: moves.isNaN())
  }
}
