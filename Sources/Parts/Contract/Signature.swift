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

  /// What determines or restricts the length of a letter.
  public enum Rule: Sendable, Equatable {
    /// It is a multiple of a number.
    case multiple(of: Int)
    /// It is the side of a square grid with as many cells as another letter is long.
    case side(of: String)
    /// It is the number of places of a square window, so many cells wide, on such a grid with so many
    /// more cells at each border.
    case windows(on: String, width: Int, stride: Int, padding: Int)
  }

  /// The inputs without masks.
  public var inputs: [Input]
  /// The shape of the output.
  public var output: [Axis]
  /// The letters whose length the configuration determines.
  public var fixed: [String: Int]
  /// The letters whose length follows from others or is restricted.
  public var rules: [String: Rule]

  /// Describes a call.
  public init(
    _ inputs: [Input], output: [Axis], fixed: [String: Int] = [:], rules: [String: Rule] = [:]
  ) {
    self.inputs = inputs
    self.output = output
    self.fixed = fixed
    self.rules = rules
  }

  /// The length of a letter, if it is fixed, known, or follows from one that is.
  ///
  /// - `letter`: an axis of the signature.
  /// - `known`: the lengths of a call by letter.
  public func length(of letter: String, _ known: (String) -> Int?) -> Int? {
    if let length = fixed[letter] { return length }
    func side(_ cells: String) -> Int? {
      length(of: cells, known).map { Int(Double($0).squareRoot().rounded()) }
    }
    switch rules[letter] {
    case .side(let cells): return side(cells)
    case .windows(let cells, let width, let stride, let padding):
      return side(cells).map { side in
        let places = (side + 2 * padding - width) / stride + 1
        return places * places
      }
    case .multiple, nil: return known(letter)
    }
  }

  /// The letters of an axis list, as `[B, S, E]`.
  public static func text(_ axes: [Axis]) -> String {
    "[" + axes.map(\.description).joined(separator: ", ") + "]"
  }
}
