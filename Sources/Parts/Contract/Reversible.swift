public import Torch

/// A part made of blocks that can be undone: y₁ = x₁ + f(x₂), y₂ = x₂ + g(y₁), where x₁ and x₂ are the
/// halves of a token's channels.
///
/// By itself it maps tokens `[B, S, 2·dim]` around feedforwards; a model makes f an attention and g a
/// feedforward and says how each is called, so that masks reach f only.
public protocol Reversible: UnaryPart, CompositePart {
  /// Computes a sublayer of a block for half of the channels, `[B, S, dim]` → the same.
  typealias Sublayer = (_ block: Int, _ x: Tensor) throws -> Tensor

  /// Makes the part around sublayers that code gives, for their parameters, mode and draws.
  ///
  /// - Parameters:
  ///   - dim: the width of a half, in channels.
  ///   - blocks: the sublayers of each block, in the order of calls.
  /// - Throws: `PartError` without blocks, or for a width that is out of range.
  init(dim: Int, around blocks: [(f: Module, g: Module)]) throws

  /// The number of blocks.
  var count: Int { get }

  /// The first sublayer of a block, if options made it.
  func f(_ block: Int, _ x: Tensor) throws -> Tensor

  /// The second sublayer of a block, if options made it.
  func g(_ block: Int, _ x: Tensor) throws -> Tensor

  /// Maps tokens by the blocks in order.
  ///
  /// For the backward pass only the output is kept. That pass calls the sublayers once more, the last
  /// block first, in the mode and with the draws of the forward pass.
  ///
  /// - Parameters:
  ///   - x: tokens `[B, S, 2·dim]`.
  ///   - tensors: what `f` and `g` use besides the parameters of the blocks and that may have a gradient,
  ///     such as an additive mask.
  ///   - f: computes the first sublayer of a block, whose draws must be those of its module.
  ///   - g: computes the second.
  func callAsFunction(
    _ x: Tensor, using tensors: [Tensor], f: @escaping Sublayer, g: @escaping Sublayer
  ) throws -> Tensor

  /// The tokens for which a call gives `y`; in training only if no sublayer draws.
  func inverse(_ y: Tensor, f: Sublayer, g: Sublayer) throws -> Tensor
}

extension Reversible {
  /// Maps tokens by the sublayers that options made.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try self(x, using: [], f: f, g: g)
  }

  /// The tokens for which a call gives `y`, with the sublayers that options made.
  public func inverse(_ y: Tensor) throws -> Tensor { try inverse(y, f: f, g: g) }
}
