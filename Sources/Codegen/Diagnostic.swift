internal import Support

/// A problem in a source file, in the format of the Swift compiler.
public struct Diagnostic: Error, Hashable, Sendable {
  /// Whether a diagnostic stops generation.
  public enum Severity: String, Sendable {
    /// Stops generation.
    case error
    /// Explains the error printed with it.
    case note
  }

  /// Whether it is an error or a note.
  public let severity: Severity
  /// The path of the file, as given.
  public let path: String
  /// The line, from 1.
  public let line: Int
  /// The column in UTF-8 bytes, from 1, as the Swift compiler counts.
  public let column: Int
  /// What is wrong and what was expected.
  public let message: String

  /// Creates an error, or a note that explains one.
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
  /// Diagnostics sort by location, then by message.
  public static func < (a: Self, b: Self) -> Bool {
    (a.path, a.line, a.column, a.message) < (b.path, b.line, b.column, b.message)
  }
}

extension Diagnostic: CustomStringConvertible {
  /// One line that editors and build tools recognise.
  public var description: String { "\(path):\(line):\(column): \(severity): \(message)" }
}

/// Several problems of one or more files.
public struct Diagnostics: Error, CustomStringConvertible, Sendable {
  /// The problems, sorted by location.
  public let list: [Diagnostic]

  /// Sorts problems.
  public init(_ list: [Diagnostic]) { self.list = list.sorted() }

  /// One problem per line.
  public var description: String { list.map(\.description).joined(separator: "\n") }
}

/// A suggestion of the candidate closest to a word; empty if none is close.
func hint(_ word: String, among candidates: some Sequence<String>) -> String {
  nearest(word, among: candidates).map { " (did you mean \"\($0)\"?)" } ?? ""
}
