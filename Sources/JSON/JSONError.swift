/// Says why a text is not JSON, or why a value cannot be written as JSON.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A place in a text, counted from one; a column is a Unicode scalar.
  public struct Position: Hashable, Sendable {
    /// The line.
    public let line: Int
    /// The column within the line.
    public let column: Int
  }

  /// What is wrong, as a sentence without its end.
  public let message: String
  /// Where it is wrong; nil when a value could not be written.
  public let position: Position?

  /// Says what is wrong with a value that was read.
  public init(_ message: String) { self.init(message: message, position: nil) }

  init(message: String, position: Position?) {
    self.message = message
    self.position = position
  }

  /// The message after its line and column: `3:14: expected ':', got '}'`.
  public var description: String {
    guard let position else { return message }
    return "\(position.line):\(position.column): \(message)"
  }
}
