/// An affine map of the last dimension, `x · weightᵀ + bias`.
///
/// Shapes: `[…, inputs]` → `[…, outputs]`; keys `weight` `[outputs, inputs]`, `bias` `[outputs]`.
public final class Linear: Module {
  /// The matrix, `[outputs, inputs]`.
  public let weight: Parameter
  /// The offset, `[outputs]`.
  public let bias: Parameter?

  /// Draws weight and bias uniformly from ±1/√inputs, as torch does.
  public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, generator: Generator)
    throws(TorchError)
  {
    let bound = inputs > 0 ? 1 / Double(inputs).squareRoot() : 0
    let weight = try Parameter(
      Tensor.uniform([outputs, inputs], -bound..<bound, generator: generator))
    let offset: Parameter? =
      bias ? try Parameter(Tensor.uniform([outputs], -bound..<bound, generator: generator)) : nil
    self.weight = weight
    self.bias = offset
    super.init(["weight": weight, "bias": offset])
  }

  /// Shares a weight with another map; the bias is separate.
  public init(sharing weight: Parameter, bias: Parameter?) {
    self.weight = weight
    self.bias = bias
    super.init(["weight": weight, "bias": bias])
  }

  /// Maps the last dimension.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    try x.linear(weight.value, bias: bias?.value)
  }
}
