extension Shrinker {
  /// Spans of one label and one parent, in order; what deleting, sorting and swapping works on.
  struct Siblings {
    let parent: Int
    let spans: [Span]
  }

  /// The groups of siblings that hold choices, outer ones first.
  func siblings() -> [Siblings] {
    var groups: [SiblingKey: [Span]] = [:]
    var order: [SiblingKey] = []
    for span in best.spans where span.count > 0 && span.count < best.choices.count {
      let key = SiblingKey(parent: span.parent, label: span.label)
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(span)
    }
    // Two groups may cover the same stretches, by wrappers that draw nothing themselves.
    var seen: Set<[Int]> = []
    return order.compactMap { key in
      let spans = groups[key] ?? []
      let stretches = spans.flatMap { [$0.start, $0.end] }
      return seen.insert(stretches).inserted ? Siblings(parent: key.parent, spans: spans) : nil
    }
  }

  /// Visits stretches of siblings, half of each group first, then quarters, down to single ones.
  ///
  /// - Parameter body: returns whether it changed the best sequence; groups are then found anew.
  mutating func eachStretch(_ body: (inout Self, ArraySlice<Span>) -> Bool) {
    var group = 0
    while mayGoOn {
      let groups = siblings()
      guard group < groups.count else { return }
      var spans = groups[group].spans
      var size = max(1, spans.count / 2)
      while size > 0, mayGoOn {
        var start = 0
        while start < spans.count, mayGoOn {
          let stretch = spans[start..<min(start + size, spans.count)]
          guard body(&self, stretch) else {
            start += size
            continue
          }
          // What moved up into the place of the removed may go as well.
          let now = siblings()
          guard group < now.count else { return }
          spans = now[group].spans
        }
        size = size == 1 ? 0 : max(1, min(size, spans.count) / 2)
      }
      group += 1
    }
  }

  /// `zero-span`: all choices of a span become the simplest, whole stretches of siblings first.
  mutating func zeroSpans() {
    eachStretch { shrinker, stretch in
      let range = stretch[stretch.startIndex].start..<stretch[stretch.endIndex - 1].end
      let choices = shrinker.best.choices[range]
      guard choices.contains(where: { !$0.isSimplest }) else { return false }
      var values = shrinker.best.values
      for position in range { values[position] = choices[position].domain.simplest }
      return shrinker.propose(values)
    }
  }

  /// `delete-span`: removes what filters threw away, and siblings, many at once where that works.
  mutating func deleteSpans() {
    let discarded = best.spans.filter { $0.isDiscarded && $0.count > 0 }
    if !discarded.isEmpty { propose(removing(outermost(discarded)), isShorter: true) }
    eachStretch { shrinker, stretch in
      shrinker.propose(shrinker.removing(stretch.map(\.range)), isShorter: true)
    }
  }

  /// The ranges of spans, in order, without those inside others.
  private func outermost(_ spans: [Span]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for span in spans where span.start >= ranges.last?.upperBound ?? 0 { ranges.append(span.range) }
    return ranges
  }

  /// `delete-and-lower`: removes siblings and lowers a number before them by their count, for
  /// lists whose length was drawn first.
  mutating func deleteAndLower() {
    eachStretch { shrinker, stretch in
      guard let first = stretch.first else { return false }
      let group = shrinker.best.spans.first { $0.parent == first.parent && $0.label == first.label }
      let start = group?.start ?? first.start
      let earlier = shrinker.numbers().last { $0.position < start }
      guard let length = earlier, length.distance >= UInt64(stretch.count) else { return false }
      guard let lowered = length.moved(by: UInt64(stretch.count), up: length.isBelow) else {
        return false
      }
      var values = shrinker.removing(stretch.map(\.range))
      values[length.position] = lowered
      return shrinker.propose(values, isShorter: true)
    }
  }

  /// Part of `delete-run`: removes the end of a sibling and the beginning of the next, which joins
  /// two lists into one.
  mutating func mergeSiblings() {
    var group = 0
    while mayGoOn {
      let groups = siblings()
      guard group < groups.count else { return }
      let spans = groups[group].spans
      var progressed = false
      for (span, next) in zip(spans, spans.dropFirst()) where span.end == next.start {
        guard span.count > 1, next.count > 1 else { continue }
        if propose(removing([span.end - 1..<next.start + 1])) {
          progressed = true
          break
        }
      }
      if !progressed { group += 1 }
    }
  }

  /// `delete-run`: removes one to five consecutive choices anywhere.
  mutating func deleteRuns() {
    for length in [2, 1, 3, 4, 5] {
      var start = 0
      while start + length <= best.choices.count, mayGoOn {
        if !propose(removing([start..<start + length])) { start += 1 }
      }
    }
  }

  /// `sort-spans`: simpler siblings first, all at once and then one by one.
  mutating func sortSpans() {
    var group = 0
    while mayGoOn {
      let groups = siblings()
      guard group < groups.count else { return }
      let spans = groups[group].spans
      let sorted = spans.sorted { Self.isSmaller(choices(of: $0), than: choices(of: $1)) }
      if !propose(arranged(spans, as: sorted)) {
        sortOneByOne(group)
      }
      group += 1
    }
  }

  private mutating func sortOneByOne(_ group: Int) {
    for index in 1..<max(1, siblings()[safe: group]?.spans.count ?? 0) {
      var place = index
      while place > 0, mayGoOn {
        guard let spans = siblings()[safe: group]?.spans, place < spans.count else { return }
        guard Self.isSmaller(choices(of: spans[place]), than: choices(of: spans[place - 1])) else {
          break
        }
        var swapped = spans
        swapped.swapAt(place, place - 1)
        if !propose(arranged(spans, as: swapped)) { break }
        place -= 1
      }
    }
  }

  func choices(of span: Span) -> [Choice] { Array(best.choices[span.range]) }

  /// The best sequence with the contents of some spans in another arrangement.
  func arranged(_ spans: [Span], as contents: [Span]) -> [ChoiceValue] {
    var values = best.values
    for (span, content) in zip(spans, contents).reversed() {
      values.replaceSubrange(span.range, with: best.values[content.range])
    }
    return values
  }
}

/// What siblings have in common.
private struct SiblingKey: Hashable {
  let parent: Int
  let label: UInt64
}
