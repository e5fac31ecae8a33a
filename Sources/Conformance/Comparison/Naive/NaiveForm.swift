public import JSON
public import Torch

/// One call of a definition in tensors of one floating type.
public struct NaiveCall: Sendable {
  /// The options, as the part's definition claims them.
  public var options: JSON
  /// What the part is called with, masks included, under the names of a call.
  public var inputs: [String: Tensor]
  /// The part's parameters, under the definition's names.
  public var parameters: [String: Tensor]
  /// What the part drew at random, as it reports it.
  public var drawn: [String: Tensor]
  /// What each element of a tensor is multiplied by at a site of dropout: `weights`, `inside` or
  /// `output`; a number for all or a tensor of the same elements. Nothing is dropped elsewhere.
  public var dropped: [String: Tensor] = [:]
  /// The forms of other definitions, for a form that uses them.
  public let book: NaiveBook

  /// Collects what a definition is called with.
  public init(
    options: JSON = [:], inputs: [String: Tensor], parameters: [String: Tensor] = [:],
    drawn: [String: Tensor] = [:], book: NaiveBook = .zoo
  ) {
    self.options = options
    self.inputs = inputs
    self.parameters = parameters
    self.drawn = drawn
    self.book = book
  }

  /// An input.
  ///
  /// - Throws: `KitError` if the call has no such tensor.
  public func input(_ name: String) throws -> Tensor { try inputs.tensor(name) }

  /// A parameter.
  ///
  /// - Throws: `KitError` if the call has no such tensor.
  public func parameter(_ name: String) throws -> Tensor {
    guard let tensor = parameters[name] else {
      throw KitError("the naive form needs the parameter `\(name)`")
    }
    return tensor
  }

  /// A tensor of the definition after dropout at a site.
  ///
  /// - `perItem`: whether whole items of a batch are dropped, for which `[B, 1, …]` is drawn.
  /// - Throws: if what was drawn for the site does not have its shape.
  public func dropping(_ x: Tensor, at site: String, perItem: Bool = false) throws -> Tensor {
    guard var factors = dropped[site] else { return x }
    if factors.rank > x.rank { factors = try factors.folded() }
    let shape = perItem ? x.shape.prefix(1) + x.shape.dropFirst().map { _ in 1 } : x.shape
    guard factors.rank == 0 || factors.shape == shape else {
      throw PartMistake(
        "dropout draws for the shape \(factors.shape), but `\(site)` needs the shape \(shape)")
    }
    return try x * factors
  }

  /// A truth value among the options.
  public func bool(_ key: String, default fallback: Bool) -> Bool {
    options[key]?.bool ?? fallback
  }

  /// A whole number among the options.
  public func integer(_ key: String, default fallback: Int) -> Int {
    options[key]?.int ?? fallback
  }
}

/// A definition in elementary tensor operations at the type of its inputs.
///
/// A part's rounding is measured against it (T3). It follows the formula, one operation after the
/// other, and never calls a part. A package with its own definitions adds a form for each; parts
/// without one are compared with their definition in float64 only.
public struct NaiveForm: Sendable {
  /// The name of the definition.
  public let definition: String
  /// Computes the output of a call, dropout on it included.
  public let evaluate: @Sendable (NaiveCall) throws -> Tensor
  /// How much the definition amplifies an error in its inputs, 1 or more, for a call in float64;
  /// infinite where the output is not continuous in them.
  public let condition: @Sendable (NaiveCall) throws -> Double
  /// The names of further definitions that options ask for.
  public let wraps: @Sendable (JSON) -> [String]

  /// Whether the call leaves a choice between equals to rounding.
  let hasTies: @Sendable (NaiveCall) throws -> Bool

  /// Makes a form, which need not drop its output itself.
  public init(
    _ definition: String,
    condition: @escaping @Sendable (NaiveCall) throws -> Double = { _ in 1 },
    hasTies: @escaping @Sendable (NaiveCall) throws -> Bool = { _ in false },
    wraps: @escaping @Sendable (JSON) -> [String] = { _ in [] },
    evaluate: @escaping @Sendable (NaiveCall) throws -> Tensor
  ) {
    self.definition = definition
    self.hasTies = hasTies
    self.condition = condition
    self.wraps = wraps
    self.evaluate = { call in try call.dropping(evaluate(call), at: "output") }
  }
}
