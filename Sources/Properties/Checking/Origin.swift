/// Which assertion of which law failed, and how: two failures of one origin are the same mistake.
public struct Origin: Hashable, Sendable, Codable, CustomStringConvertible, Comparable {
  /// The law's code.
  public let code: String
  /// The assertion's label, or the order in which its line was first reached.
  public let assertion: String
  /// The type of the error that was thrown, if one was.
  public let errorType: String?

  /// An origin from its parts.
  public init(code: String, assertion: String, errorType: String? = nil) {
    self.code = code
    self.assertion = assertion
    self.errorType = errorType
  }

  /// `U12/0`, or `U12/throws PartError`.
  public var description: String {
    "\(code)/" + (errorType.map { "throws \($0)" } ?? assertion)
  }

  /// The order of the descriptions.
  public static func < (a: Self, b: Self) -> Bool { a.description < b.description }
}
