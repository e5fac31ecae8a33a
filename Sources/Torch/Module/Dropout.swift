/// Zeroes elements at random while training and scales the others up, so that the mean stays.
///
/// Srivastava et al., 2014. The draws come from the module's own generator.
public final class Dropout: Module {
  /// The share of elements dropped, 0 ... 1.
  public let rate: Double
  private let generator: Generator

  /// Makes a dropout; the rate has been checked by the part that holds it.
  public init(_ rate: Double, generator: Generator) {
    self.rate = rate
    self.generator = generator
    super.init()
  }

  public override func reseed(_ seed: UInt64) throws { try generator.reseed(seed) }

  /// Drops elements while training; otherwise returns its argument.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    guard isTraining, rate > 0 else { return x }
    guard rate < 1 else { return try x * 0 }
    return try x * x.bernoulli(1 - rate, generator: generator) * (1 / (1 - rate))
  }
}
