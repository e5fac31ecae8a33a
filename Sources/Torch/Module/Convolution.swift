/// A convolution over the last two dimensions, by default padded with zeros so that their lengths
/// stay.
///
/// Shapes: `[B, inputs, Y, X]` → `[B, outputs, Y, X]`; keys `weight`
/// `[outputs, inputs / groups, K, K]`, `bias` `[outputs]`.
public final class Convolution: Module {
  /// The kernels, `[outputs, inputs / groups, K, K]`.
  public let weight: Parameter
  /// The offsets, `[outputs]`.
  public let bias: Parameter
  private let stride: Int
  private let padding: Int
  private let dilation: Int
  private let groups: Int

  /// Draws weight and bias uniformly from ±1/√fan, fan = K²·inputs / groups, as torch does.
  ///
  /// - Parameters:
  ///   - inputs: the number of input channels.
  ///   - outputs: the number of output channels.
  ///   - width: the width of the kernel, K, in taps.
  ///   - stride: the distance between places of the kernel, in cells.
  ///   - padding: the zeros added at each border, in cells; nil for those that keep the lengths, if
  ///     the width is odd.
  ///   - dilation: the distance between taps, in cells.
  ///   - groups: the number of groups of channels, each convolved by itself.
  ///   - generator: where initial values come from.
  public init(
    _ inputs: Int, _ outputs: Int, width: Int = 1, stride: Int = 1, padding: Int? = nil,
    dilation: Int = 1, groups: Int = 1, generator: Generator
  ) throws(TorchError) {
    let channels = inputs / groups
    let bound = 1 / Double(channels * width * width).squareRoot()
    let weight = try Parameter(
      Tensor.uniform([outputs, channels, width, width], -bound..<bound, generator: generator))
    let bias = try Parameter(Tensor.uniform([outputs], -bound..<bound, generator: generator))
    self.weight = weight
    self.bias = bias
    self.stride = stride
    self.padding = padding ?? width / 2 * dilation
    self.dilation = dilation
    self.groups = groups
    super.init(["weight": weight, "bias": bias])
  }

  /// Convolves.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    try x.convolved(
      weight.value, bias: bias.value, stride: stride, padding: (padding, padding),
      dilation: (dilation, dilation), groups: groups)
  }
}
