internal import Torch

extension Tensor {
  /// The same value with a wrong derivative, for faults that only a gradient shows.
  func withGradient(times factor: Double) throws(TorchError) -> Tensor {
    let value = try detached()
    return try value + (self - value) * factor
  }

  /// The same value with the derivative of another tensor.
  func withGradient(of other: Tensor) throws(TorchError) -> Tensor {
    let value = try detached()
    return try value + (other - other.detached())
  }
}
