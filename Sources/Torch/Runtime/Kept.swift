internal import Synchronization

/// What was made last, kept until something else is needed.
package final class Kept<Key: Equatable & Sendable, Value: Sendable>: Sendable {
  private let last = Mutex<(key: Key, value: Value)?>(nil)

  package init() {}

  /// The value for a key, made unless it is the last one's.
  package func value<Failure: Error>(for key: Key, _ make: () throws(Failure) -> Value)
    throws(Failure) -> Value
  {
    if let last = last.withLock({ $0 }), last.key == key { return last.value }
    let value = try make()
    last.withLock { $0 = (key, value) }
    return value
  }
}
