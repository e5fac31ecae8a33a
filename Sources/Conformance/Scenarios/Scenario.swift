public import JSON
public import Parts
public import Properties
internal import Torch

/// One generated call of a part: its configuration, lengths, tensors and masks, as recipes.
public struct Scenario: Sendable, CustomStringConvertible {
  /// A tensor of the call.
  public struct Input: Sendable, CustomStringConvertible {
    /// Its name.
    public let name: String
    /// How to make it.
    public var recipe: TensorRecipe
    /// What its elements become.
    public let element: Element

    /// The name and the recipe, and what becomes of its entries.
    public var description: String {
      switch element {
      case .floating: "\(name) = \(recipe)"
      case .truth: "\(name) = true where \(recipe)"
      case .index(let bound): "\(name) = \(recipe) modulo \(bound)"
      case .additive(let bias):
        "\(name) = -inf where not \(recipe)" + (bias.map { ", else \($0)" } ?? "")
      }
    }
  }

  /// What the elements of an input become.
  public enum Element: Sendable, Equatable {
    /// Numbers of the part's type.
    case floating
    /// Integers from 0 below a bound.
    case index(below: Int)
    /// Truth values, 1 being true.
    case truth
    /// Added to the logits: 0 is −∞, 1 is a small finite bias that varies.
    case additive(bias: TensorRecipe?)
  }

  /// The configuration, without the part's name.
  public var config: JSON
  /// The lengths.
  public var lengths: Lengths
  /// The tensors in the order of the call.
  public var inputs: [Input]
  /// What the part claims for it.
  public let claims: Claims
  /// Where parameters come from.
  public let parameterSeed: UInt64
  /// Which implementation runs, of a part that has more than one.
  public var path: AttentionPath?
  /// What the law draws in addition, in its order.
  public var extras: [(name: String, value: Extra.Value)] = []

  /// The input of a name.
  public func input(_ name: String) -> Input? { inputs.first { $0.name == name } }

  /// Which mask was drawn, if any.
  public var maskKind: MaskKind? {
    for input in inputs {
      switch (input.name, input.element) {
      case ("key_padding_mask", _): return .keyPadding
      case ("att_mask", .truth): return input.recipe.shape.count == 2 ? .boolean2D : .boolean3D
      case ("att_mask", _): return .additive
      default: continue
      }
    }
    return nil
  }

  /// Events that a report counts.
  var coverage: [(String, Bool)] {
    let lengths = self.lengths
    return [
      ("S = 1 and B ≥ 2", lengths[.queryLength] == 1 && lengths[.batch] >= 2),
      ("distinct lengths", !hasEqualLengths),
      ("S ≠ T", lengths[.queryLength] != lengths[.keyLength]),
      ("V = D", lengths[.valueWidth] == lengths[.headWidth]),
      ("mask", maskKind != nil),
    ]
  }

  /// Whether two different axes have the same length, so that a wrong one would hide. Equal numbers
  /// of queries and keys do not count.
  var hasEqualLengths: Bool {
    let (batch, width) = (lengths[.batch], lengths[.headWidth])
    return batch == width
      || [lengths[.queryLength], lengths[.keyLength]].contains { $0 == batch || $0 == width }
  }

  /// Whether the part leaves the choice of lengths.
  var choosesLengths: Bool {
    switch claims.sequence {
    case .any, .atMost: true
    case .squared, .squaredFrom, .multipleOf, .exactly: false
    }
  }

  /// The configuration, and one line a tensor.
  public var description: String {
    let exponent = moderation
    let lines = inputs.map { input in
      exponent < 0 && Self.moderated.contains(input.name)
        ? "\(input) · 2^\(exponent)" : "\(input)"
    }
    let rest = [
      parameterSeed == 0 ? nil : "parameters of seed \(parameterSeed)",
      path == nil || path == .automatic ? nil : "the path is \(path?.rawValue ?? "")",
    ]
    let more = extras.map { name, value in
      switch value {
      case .tensor(let input): "\(input)"
      case .number(let number): "\(name) = \(number)"
      case .order(let order): "\(name) = \(order)"
      }
    }
    return (["config \(config)"] + lines + rest.compactMap(\.self) + more)
      .joined(separator: "\n        ")
  }

  /// The inputs whose products are kept moderate.
  static let moderated: Set<String> = ["q", "k"]

  /// The power of two, at most 0, by which queries and keys are multiplied so that their products
  /// are at most 1e4 and rounding stays within every tolerance.
  var moderation: Int {
    var product = 1.0
    for name in Self.moderated {
      guard let input = input(name), input.element == .floating else { return 0 }
      product *= input.recipe.values().reduce(0) { max($0, abs($1)) }
    }
    product *= Double(input("q")?.recipe.shape.last ?? 1).squareRoot()
    guard product > 1e4, product.isFinite else { return 0 }
    // A power of two keeps the digits.
    return -Int((product / 1e4).exponent / 2 + 1)
  }
}
