/// Why a text is not JSON, or why a value cannot be written as JSON.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A position in a text, counted from one; columns count Unicode scalars.
  public struct Position: Hashable, Sendable {
    /// The line.
    public let line: Int
    /// The column within the line.
    public let column: Int
  }

  /// What is wrong, as a sentence without a full stop.
  public let message: String
  /// Where it is wrong; nil if the error has no position in a text.
  public let position: Position?

  /// Creates an error without a position.
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
