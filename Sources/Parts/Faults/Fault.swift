/// A deliberately wrong expression in a part, by which the laws prove that they reject.
///
/// Faults exist only in builds with the trait `Faults`; in all others `pick` is its right side.
struct Fault: Sendable {
  /// The name by which it is activated.
  let name: StaticString

  @inline(__always)
  init(_ name: StaticString) { self.name = name }
  /// The wrong value when the fault is active, else the right one.
  @inline(__always)
  static func pick<Value>(
    _ fault: @autoclosure () -> Fault, wrong: @autoclosure () throws -> Value,
    right: @autoclosure () throws -> Value
  ) rethrows -> Value {
    #if FAULTS
      return try isActive(fault()) ? wrong() : right()
    #else
      return try right()
    #endif
  }

  /// Whether a fault is active, where a wrong line is more than an expression.
  @inline(__always)
  static func isActive(_ fault: @autoclosure () -> Fault) -> Bool {
    #if FAULTS
      return FaultTable.active == "\(fault().name)"
    #else
      return false
    #endif
  }

  /// Whether any fault is active: then parts run their plain code, in which the faults sit.
  @inline(__always)
  static var isAnyActive: Bool {
    #if FAULTS
      return FaultTable.active != nil
    #else
      return false
    #endif
  }
}
