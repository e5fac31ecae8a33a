internal import Torch

/// The distributions of the initial values of linear layers and convolutions in a model.
///
/// They replace those of layers that have torch's; a part that chooses its own keeps them. The gain
/// of a residual style multiplies the weights of values, output projections and feedforwards.
public enum WeightInit: String, Codable, Sendable, CaseIterable {
  /// Glorot's uniform distribution; small offsets in feedforwards.
  case vit
  /// The same in feedforwards, less elsewhere, by [Nguyen and Salazar,
  /// 2019](https://arxiv.org/abs/1910.05895).
  case small
  /// Glorot's uniform distribution; convolutions keep theirs.
  case moco
  /// The normal distribution with standard deviation 0.02, without what is beyond two deviations;
  /// convolutions keep theirs.
  case timm

  /// The distributions of a layer's weight and offset; nil to keep them.
  ///
  /// - Parameters:
  ///   - weight: the claim of the weight.
  ///   - isInFeedforward: whether the layer belongs to a feedforward.
  ///   - gain: what multiplies the weight.
  func initial(_ weight: ParameterClaim, isInFeedforward: Bool, gain: Double) -> (
    weight: ParameterClaim.Initial, bias: ParameterClaim.Initial
  )? {
    let (outputs, inputs) = (weight.shape[0], weight.shape.dropFirst().reduce(1, *))
    guard weight.layer == .linear else {
      let deviation = (gain / Double(inputs)).squareRoot()
      return self == .vit || self == .small
        ? (.truncatedNormal(deviation: deviation), .zero) : nil
    }
    switch self {
    case .vit where isInFeedforward, .small where isInFeedforward:
      return (.glorot(inputs, outputs, gain: gain), .normal(deviation: Self.smallOffset))
    case .vit, .moco: return (.glorot(inputs, outputs, gain: gain), .zero)
    case .small: return (.glorot(inputs, 4 * outputs, gain: gain), .zero)
    case .timm: return (.truncatedNormal(deviation: 0.02 * gain), .zero)
    }
  }

  private static let smallOffset = 1e-6
}

extension ParameterClaim.Initial {
  /// Values of the distribution.
  func draw(_ shape: [Int], _ generator: Generator) throws -> Tensor {
    switch self {
    case .constant(let value): return try .full(shape, value)
    case .uniform(let bound):
      return try .uniform(shape, -bound..<bound, generator: generator)
    case .normal(let deviation):
      return try .normal(shape, generator: generator) * deviation
    case .truncatedNormal(let deviation):
      var values = try Tensor.normal(shape, generator: generator)
      while true {
        let isBeyond = try values.abs() .> 2
        guard try isBeyond.anyTrue() else { break }
        values = try isBeyond.select(.normal(shape, generator: generator), else: values)
      }
      return try values * (deviation / Self.truncatedSpread)
    }
  }

  /// The standard deviation of normal numbers of which those beyond two deviations are drawn again.
  static let truncatedSpread = 0.879_625_661_034_239_78
}
