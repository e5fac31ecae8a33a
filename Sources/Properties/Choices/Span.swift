/// A labelled stretch of a choice sequence, drawn by one call of a generator.
struct Span: Sendable {
  /// The label, for people.
  let name: StaticString
  /// The hash of the label.
  let label: UInt64
  let start: Int
  var end: Int
  /// The index of the enclosing span, or −1.
  let parent: Int
  /// Whether a filter threw the choices away.
  var isDiscarded = false

  var count: Int { end - start }
  var range: Range<Int> { start..<end }
}
