public import Torch

/// A part that adds the output of a sublayer to its input, with a normalization before or after.
///
/// By itself it maps tokens `[B, S, E]` → `[B, S, E]` around a feedforward; a block puts it around an
/// attention, too, whose inputs are a query, a key and a value.
public protocol Residual: UnaryPart, CompositePart {
  /// Whether inputs are normalized before the sublayer, so that the sum is left as it is.
  static var normalizesFirst: Bool { get }

  /// What multiplies the initial values of values, output projections and feedforwards in a model.
  var initialGain: Double { get }

  /// Makes the residual around a sublayer that code gives.
  ///
  /// - Parameters:
  ///   - config: options that have been validated; `sublayer` must be null.
  ///   - sublayer: what is called by ``callAsFunction(_:_:)``, for its parameters and its mode.
  ///   - registry: the normalizations that the options may name.
  ///   - generator: the source of initial values.
  init(_ config: Config, around sublayer: Module, registry: Registry, generator: Generator) throws

  /// Adds what a sublayer gives for the inputs to the first of them.
  ///
  /// - Parameters:
  ///   - inputs: tokens `[B, S, E]`, for an attention followed by those of keys and values.
  ///   - sublayer: computes the sublayer, maybe with masks.
  func callAsFunction(_ inputs: [Tensor], _ sublayer: ([Tensor]) throws -> Tensor) throws -> Tensor
}

extension Residual {
  /// Initial values stay as they are.
  public var initialGain: Double { 1 }
}
