internal import Support

/// What is wrong at one place of a source file, in the format of the Swift compiler.
public struct Diagnostic: Error, Hashable, Sendable {
  /// How bad it is.
  public enum Severity: String, Sendable {
    /// Nothing is generated.
    case error
    /// Explains the error printed with it.
    case note
  }

  /// How bad it is.
  public let severity: Severity
  /// The path of the file, as given.
  public let path: String
  /// The line, from 1.
  public let line: Int
  /// The column in UTF-8 bytes, from 1, as the Swift compiler counts.
  public let column: Int
  /// What is wrong and what would be right.
  public let message: String

  /// Describes an error, or a note to one.
  public init(
    _ severity: Severity = .error, path: String, line: Int, column: Int, _ message: String
  ) {
    self.severity = severity
    self.path = path
    self.line = line
    self.column = column
    self.message = message
  }
}

extension Diagnostic: Comparable {
  /// Diagnostics sort by place, then by message.
  public static func < (a: Self, b: Self) -> Bool {
    (a.path, a.line, a.column, a.message) < (b.path, b.line, b.column, b.message)
  }
}

extension Diagnostic: CustomStringConvertible {
  /// One line that editors and build tools recognise.
  public var description: String { "\(path):\(line):\(column): \(severity): \(message)" }
}

/// A hint at the candidate that a word most likely meant; empty if none is like it.
func hint(_ word: String, among candidates: some Sequence<String>) -> String {
  nearest(word, among: candidates).map { " (did you mean \"\($0)\"?)" } ?? ""
}
