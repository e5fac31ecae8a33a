/// The examples of one split of a task.
public protocol Examples: Sendable {
  /// The number of examples.
  var count: Int { get }
  /// The tokens of an example, without padding; of its second sequence, if ``sequence`` is 1.
  func tokens(_ example: Int, sequence: Int) -> [UInt16]
  /// The class of an example.
  func label(_ example: Int) -> Int
}

/// A part of the data of a task.
public enum ArenaSplit: String, CaseIterable, Sendable {
  case train, dev, test
}
