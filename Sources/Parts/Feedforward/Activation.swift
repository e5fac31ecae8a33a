public import Torch

/// The elementwise function between the layers of a feedforward.
public enum Activation: String, Codable, Sendable, CaseIterable {
  /// max(x, 0).
  case relu
  /// x·Φ(x), exactly ([Hendrycks and Gimpel, 2016](https://arxiv.org/abs/1606.08415)).
  case gelu
  /// x, or 0.01·x below 0.
  case leakyRelu = "leaky_relu"
  /// max(x, 0)² ([So et al., 2021](https://arxiv.org/abs/2109.08668)).
  case squaredRelu = "squared_relu"
  /// 0.8944·max(x, 0)² − 0.4472 ([Yu et al., 2022](https://arxiv.org/abs/2210.13452)).
  case starRelu = "star_relu"
  /// 0 up to −2, (x + 2)²/8 up to 2, then x ([Shamir et al.,
  /// 2020](https://arxiv.org/abs/2010.09931)).
  case smelu

  /// Applies the function to each element.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    switch self {
    case .relu: return try x.relu()
    case .gelu: return try x.gelu()
    case .leakyRelu: return try x.leakyRelu(slope: 0.01)
    case .squaredRelu:
      let positive = try x.relu()
      return try positive * positive
    case .starRelu:
      let positive = try x.relu()
      return try positive * positive * 0.8944 - 0.4472
    case .smelu:
      let middle = try (x + 2).power(2) * 0.125
      let upper = try (x .> 2).select(x, else: middle)
      return try upper.filled(0, where: x .<= -2)
    }
  }
}
