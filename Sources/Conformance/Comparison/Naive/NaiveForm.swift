public import Torch

/// One call of a definition in tensors of one floating type.
public struct NaiveCall: Sendable {
  /// The options, as the part's definition claims them.
  public var options: JSON
  /// What the part is called with, masks included, under the names of a call.
  public var inputs: [String: Tensor]
  /// What the part has learnt, under the definition's names.
  public var parameters: [String: Tensor]
  /// What the part drew at random, as it reports it.
  public var drawn: [String: Tensor]
  /// The forms of other definitions, for one that wraps some.
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
  /// - Throws: `KitError` when none has the name.
  public func input(_ name: String) throws -> Tensor { try inputs.tensor(name) }

  /// A parameter.
  ///
  /// - Throws: `KitError` when none has the name.
  public func parameter(_ name: String) throws -> Tensor {
    guard let tensor = parameters[name] else {
      throw KitError("the naive form needs the parameter `\(name)`")
    }
    return tensor
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
/// It is what a part's rounding is measured by (T3): written from the formula, one operation after
/// the other, and never calling a part. A package with definitions of its own adds such forms, or its
/// parts are held to their definition in float64 only.
public struct NaiveForm: Sendable {
  /// The name of the definition.
  public let definition: String
  /// Computes the output of a call.
  public let evaluate: @Sendable (NaiveCall) throws -> Tensor
  /// How much the definition amplifies an error in its inputs, 1 or more, for a call in float64;
  /// infinite where the output is no continuous function of them.
  public let condition: @Sendable (NaiveCall) throws -> Double
  /// The names of further definitions that options ask for.
  public let wraps: @Sendable (JSON) -> [String]

  /// Makes a form.
  public init(
    _ definition: String,
    condition: @escaping @Sendable (NaiveCall) throws -> Double = { _ in 1 },
    wraps: @escaping @Sendable (JSON) -> [String] = { _ in [] },
    evaluate: @escaping @Sendable (NaiveCall) throws -> Tensor
  ) {
    self.definition = definition
    self.condition = condition
    self.wraps = wraps
    self.evaluate = evaluate
  }
}
