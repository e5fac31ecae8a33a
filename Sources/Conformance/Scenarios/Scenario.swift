public import JSON
public import Parts
public import Properties
internal import Torch

/// One generated call of a part: its configuration, lengths, tensors and masks, as recipes.
public struct Scenario: Sendable, CustomStringConvertible {
  /// A tensor of the call.
  public struct Input: Sendable {
    /// Its name.
    public let name: String
    /// How to make it.
    public var recipe: TensorRecipe
    /// What its elements become: numbers, indices below a bound, truth values, an additive mask.
    public let element: Element
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
      ("mask", maskKind != nil),
    ]
  }

  /// Whether two axes that are not the same have one length, so that a wrong one would hide; as many
  /// queries as keys is a case of its own.
  var hasEqualLengths: Bool {
    let (batch, width) = (lengths[.batch], lengths[.headWidth])
    return batch == width
      || [lengths[.queryLength], lengths[.keyLength]].contains { $0 == batch || $0 == width }
  }

  /// Whether the part leaves the choice of lengths.
  var choosesLengths: Bool {
    switch claims.sequence {
    case .any, .atMost: true
    case .squared, .multipleOf, .exactly: false
    }
  }

  /// The configuration, and one line a tensor.
  public var description: String {
    let head = "config \(config)"
    let lines = inputs.map { input -> String in
      switch input.element {
      case .floating: "\(input.name) = \(input.recipe)"
      case .truth: "\(input.name) = true where \(input.recipe)"
      case .index(let bound): "\(input.name) = \(input.recipe) modulo \(bound)"
      case .additive(let bias):
        "\(input.name) = -inf where not \(input.recipe)" + (bias.map { ", else \($0)" } ?? "")
      }
    }
    let rest = [
      parameterSeed == 0 ? nil : "parameters of seed \(parameterSeed)",
      path == nil || path == .automatic ? nil : "the path is \(path?.rawValue ?? "")",
    ]
    return ([head] + lines + rest.compactMap(\.self)).joined(separator: "\n        ")
  }
}
