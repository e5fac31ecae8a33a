/// Something about a kit, a fixture or a run that makes judging impossible.
public struct KitError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, in one line.
  public let description: String

  /// Makes an error.
  public init(_ description: String) { self.description = description }
}
