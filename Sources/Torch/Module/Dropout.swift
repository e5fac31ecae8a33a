/// Zeroes elements, or whole items of a batch, at random while training and scales the others up, so
/// that the mean stays.
///
/// Srivastava et al., 2014. The draws come from the module's own generator.
public final class Dropout: Module {
  /// The share that is dropped, 0 ... 1.
  public let rate: Double
  /// The masks of calls in training since this was set, 1 = kept; nil, as at first, stores none.
  public var drawn: [Tensor]?
  private let perItem: Bool
  private let generator: Generator
  private var injected: [Tensor] = []
  private var used = 0

  /// Makes a dropout; the rate has been checked by the part that holds it.
  ///
  /// - `perItem`: whether the items along the first axis are dropped whole; then masks are `[B, 1, …]`.
  public init(_ rate: Double, perItem: Bool = false, generator: Generator) {
    self.rate = rate
    self.perItem = perItem
    self.generator = generator
    super.init()
  }

  public override func reseed(_ seed: UInt64) throws { try generator.reseed(seed) }

  public override func bookmark() throws -> () throws -> Void {
    let goBack = try super.bookmark()
    guard rate > 0 else { return goBack }
    let (state, drawn, injected, used) = (try generator.state(), drawn, injected, used)
    return {
      try goBack()
      try self.generator.restore(state)
      (self.drawn, self.injected, self.used) = (drawn, injected, used)
    }
  }

  /// Uses these masks from now on instead of drawing, one a call, and after the last the first
  /// again; without any, it draws.
  public func inject(_ masks: [Tensor]) { (injected, used) = (masks, 0) }

  /// Drops elements while training; otherwise returns its argument.
  ///
  /// - Throws: `TorchError` if an injected mask has another shape.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    guard isTraining, rate > 0 else { return x }
    let items = x.shape.indices.map { $0 == 0 ? x.shape[0] : 1 }
    let kept = try mask(for: perItem ? Tensor.ones(items, x.dtype) : x)
    drawn?.append(kept)
    guard rate < 1 else { return try x * kept }
    let scale = 1 / (1 - rate)
    // The same numbers in a product less; half precision would round the scale.
    guard x.dtype == .float32 || x.dtype == .float64 else { return try x * kept * scale }
    return try x * withoutGrad { () throws(TorchError) in try kept * scale }
  }

  private func mask(for x: Tensor) throws(TorchError) -> Tensor {
    guard !injected.isEmpty else { return try x.bernoulli(1 - rate, generator: generator) }
    let mask = injected[used % injected.count]
    used += 1
    guard mask.shape == x.shape else {
      throw TorchError(
        operation: "dropout", message: "the mask has the shape \(mask.shape), expected \(x.shape)")
    }
    return try mask.to(x.dtype)
  }
}

extension Module {
  /// The dropouts inside, in the order of members.
  public var dropouts: [Dropout] {
    children.flatMap { _, child in (child as? Dropout).map { [$0] } ?? child.dropouts }
  }
}
