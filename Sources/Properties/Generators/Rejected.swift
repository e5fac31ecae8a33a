/// Thrown by a generator that has no value to offer for the choices made, and by a property whose
/// assumption does not hold: the input is not counted.
public struct Rejected: Error, Hashable, Sendable {
  enum Reason: Hashable, Sendable {
    case filter
    case assumption
    case overrun
    case byGenerator
  }

  let reason: Reason

  init(_ reason: Reason) { self.reason = reason }

  /// Rejects what has been drawn so far.
  public init() { reason = .byGenerator }
}
