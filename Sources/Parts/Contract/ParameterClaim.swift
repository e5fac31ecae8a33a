/// A parameter as a part documents it: its shape, and the distribution of its initial values.
public struct ParameterClaim: Sendable, Equatable {
  /// The distribution of initial values.
  public enum Initial: Sendable, Equatable {
    /// All are this number.
    case constant(Double)
    /// Uniform from −bound to bound.
    case uniform(bound: Double)
    /// Normal with mean 0.
    case normal(deviation: Double)
    /// Normal with mean 0, of which values beyond twice the spread before are drawn again.
    case truncatedNormal(deviation: Double)

    /// All are 0.
    public static let zero = Self.constant(0)
    /// All are 1.
    public static let one = Self.constant(1)

    /// Uniform from ±gain·√(6 / (inputs + outputs)), by Glorot and Bengio, 2010.
    public static func glorot(_ inputs: Int, _ outputs: Int, gain: Double = 1) -> Self {
      .uniform(bound: gain * (6 / Double(inputs + outputs)).squareRoot())
    }
  }

  /// A layer whose initial values the part leaves to torch, so that a model may choose others.
  public enum Layer: Sendable, Equatable {
    /// The matrix of a linear layer, `[outputs, inputs]`.
    case linear
    /// The kernels of a convolution, `[outputs, inputs / groups, K, K]`.
    case convolution
  }

  /// The length of each axis.
  public var shape: [Int]
  /// The distribution of initial values.
  public var initial: Initial
  /// The layer whose weight this is, if its initial values are torch's.
  public var layer: Layer?

  /// Describes a parameter.
  public init(_ shape: [Int], _ initial: Initial, layer: Layer? = nil) {
    self.shape = shape
    self.initial = initial
    self.layer = layer
  }
}

extension [String: ParameterClaim] {
  /// Adds the weight of a linear layer, and its bias if it has one; by default both are uniform from
  /// ±1/√inputs, as in torch.
  public mutating func addLinear(
    _ key: String, _ inputs: Int, _ outputs: Int, bias: Bool,
    weight: ParameterClaim.Initial? = nil, offset: ParameterClaim.Initial? = nil
  ) {
    let usual = ParameterClaim.Initial.uniform(bound: 1 / Double(inputs).squareRoot())
    self["\(key).weight"] = ParameterClaim(
      [outputs, inputs], weight ?? usual, layer: weight == nil ? .linear : nil)
    if bias { self["\(key).bias"] = ParameterClaim([outputs], offset ?? usual) }
  }

  /// Adds kernels of K × K taps, and a bias, uniform from ±1/√(K²·channels of one kernel).
  mutating func addConvolution(_ key: String, _ inputs: Int, _ outputs: Int, taps: Int = 1) {
    let bound = 1 / Double(inputs * taps * taps).squareRoot()
    self["\(key).weight"] = ParameterClaim(
      [outputs, inputs, taps, taps], .uniform(bound: bound), layer: .convolution)
    self["\(key).bias"] = ParameterClaim([outputs], .uniform(bound: bound))
  }
}
