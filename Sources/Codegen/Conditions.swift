/// The `#if` blocks that are open at one position in a file.
struct Conditions {
  private struct Frame {
    let outer: Truth
    let outerCause: Range<Int>?
    /// Whether an earlier branch was taken.
    var taken: Truth
    var activity: Truth
    var cause: Range<Int>?
    /// How many brackets were open before.
    let depth: Int
  }

  private var frames: [Frame] = []

  /// Whether the compiler sees the code here.
  var activity: Truth { frames.last?.activity ?? .yes }

  /// The place of the outermost condition that cannot be decided.
  var undecided: Range<Int>? { frames.last?.cause }

  /// How many brackets were open before the innermost condition.
  var depth: Int { frames.last?.depth ?? .max }

  /// Enters the first branch.
  mutating func begin(_ value: Truth, text: Range<Int>, depth: Int) {
    let (outer, cause) = (activity, undecided)
    frames.append(
      Frame(
        outer: outer, outerCause: cause, taken: value, activity: min(outer, value),
        cause: cause ?? (value == .unknown ? text : nil), depth: depth))
  }

  /// Enters another branch; only `#else` has no text.
  mutating func change(_ value: Truth, text: Range<Int>?) {
    guard var frame = frames.popLast() else { return }
    frame.activity = min(frame.outer, !frame.taken, value)
    if frame.cause == nil, value == .unknown { frame.cause = text }
    frame.taken = max(frame.taken, value)
    frames.append(frame)
  }

  /// Leaves the innermost condition.
  mutating func end() { _ = frames.popLast() }
}
