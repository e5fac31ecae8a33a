/// The tensors that a part takes and returns, with their shapes in the package's letters.
public struct Signature: Sendable, Equatable {
  /// A length of a tensor: a letter, and what is added to its length.
  public struct Axis: Sendable, Equatable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The letter, such as `S`.
    public let letter: String
    /// What is added to the letter's length.
    public let extra: Int

    /// Reads a letter, or a letter and a number such as `S+1`.
    public init(stringLiteral text: String) {
      let parts = text.split(separator: "+")
      letter = String(parts.first ?? "")
      extra = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    }

    /// The letter and what is added.
    public var description: String { extra == 0 ? letter : "\(letter)+\(extra)" }
  }

  /// The kind of elements of an input.
  public enum Element: Sendable, Equatable {
    /// Numbers of the part's type.
    case floating
    /// Integers from 0 to below a bound.
    case index(below: Int)
  }

  /// One tensor that a call takes.
  public struct Input: Sendable, Equatable {
    /// Its name in a call by name and in recorded cases.
    public let name: String
    /// Its shape.
    public let axes: [Axis]
    /// Its elements.
    public let element: Element
    /// Whether a call may leave it out.
    public let isOptional: Bool
    /// Shapes of other ranks that are accepted, too.
    public let alternatives: [[Axis]]

    /// Describes an input.
    public init(
      _ name: String, _ axes: [Axis], element: Element = .floating, isOptional: Bool = false,
      alternatives: [[Axis]] = []
    ) {
      self.name = name
      self.axes = axes
      self.alternatives = alternatives
      self.element = element
      self.isOptional = isOptional
    }
  }

  /// The inputs without masks.
  public var inputs: [Input]
  /// The shape of the output.
  public var output: [Axis]
  /// The letters whose length the configuration determines.
  public var fixed: [String: Int]

  /// Describes a call.
  public init(_ inputs: [Input], output: [Axis], fixed: [String: Int] = [:]) {
    self.inputs = inputs
    self.output = output
    self.fixed = fixed
  }

  /// The letters of an axis list, as `[B, S, E]`.
  public static func text(_ axes: [Axis]) -> String {
    "[" + axes.map(\.description).joined(separator: ", ") + "]"
  }
}
