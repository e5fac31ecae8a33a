/// Thrown by a generator that cannot make a value from the choices it drew, and by a property whose
/// assumption does not hold: the input does not count.
public struct Rejected: Error, Hashable, Sendable, CustomStringConvertible {
  enum Reason: Hashable, Sendable {
    case filter
    case assumption
    case overrun
    case byGenerator
    /// Something with which nothing can be drawn or judged; checks fail and show the text.
    case wrongCall(String)
  }

  let reason: Reason

  init(_ reason: Reason) { self.reason = reason }

  /// Rejects what has been drawn so far.
  public init() { reason = .byGenerator }

  /// Why there is no value.
  public var description: String {
    switch reason {
    case .filter: "a filter turned down four values in a row"
    case .assumption: "an assumption of the property does not hold"
    case .overrun: Source.limits
    case .byGenerator: "the generator rejected its draw"
    case .wrongCall(let text): text
    }
  }

  /// The text of a wrong call, if that is the reason.
  var wrongCall: String? {
    if case .wrongCall(let text) = reason { text } else { nil }
  }

  /// Rejects arguments that make no sense, and names the line that passed them.
  static func require(
    _ isRight: Bool, _ expected: @autoclosure () -> String, got: @autoclosure () -> Any,
    _ fileID: StaticString, _ line: UInt
  ) throws(Self) {
    if !isRight {
      throw Self(.wrongCall("\(fileID):\(line): expected \(expected()), got \(printed(got()))"))
    }
  }
}

/// An error in what a property needs, and not in what it judges: the check fails with its text, and
/// the input is neither made smaller nor stored.
public protocol SetUpError: Error {}
