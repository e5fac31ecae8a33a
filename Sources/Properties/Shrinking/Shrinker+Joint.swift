extension Shrinker {
  /// `delete-and-renumber`: removes the i-th of some siblings and lowers the integers above i, for
  /// lists that are pointed into.
  mutating func deleteAndRenumber() {
    var group = 0
    while mayGoOn {
      let groups = siblings()
      guard group < groups.count else { return }
      let spans = groups[group].spans
      var progressed = false
      for (index, span) in spans.enumerated() where mayGoOn && !progressed {
        let above = Int64(index) + 1...Int64(max(spans.count, index + 1))
        progressed =
          renumber(without: span, above) { _ in true }
          || renumber(without: span, above) { $0 >= span.end }
      }
      if !progressed { group += 1 }
    }
  }

  private mutating func renumber(
    without span: Span, _ above: ClosedRange<Int64>, where isIncluded: (Int) -> Bool
  ) -> Bool {
    var values = best.values
    var isChanged = false
    for position in values.indices where !span.range.contains(position) && isIncluded(position) {
      guard case .integer(let value) = values[position], above.contains(value) else { continue }
      values[position] = .integer(value - 1)
      isChanged = true
    }
    guard isChanged else { return false }
    values.removeSubrange(span.range)
    return propose(values, isShorter: true)
  }

  /// `fuse`: removes one of two numbers together with its span, and adds it to the other.
  mutating func fuse() {
    var index = 0
    while index < best.spans.count, mayGoOn {
      if !fuse(best.spans[index]) { index += 1 }
    }
  }

  private mutating func fuse(_ span: Span) -> Bool {
    let inside = span.range.compactMap { number(at: $0) }
    guard inside.count == 1, span.count <= 2,
      case .integer(let number) = best.choices[inside[0].position].value,
      case .integer(let own) = best.choices[inside[0].position].domain
    else { return false }
    let amount = number &- own.zero
    for other in best.choices.indices where !span.range.contains(other) && mayGoOn {
      guard case .integer(let value) = best.choices[other].value,
        case .integer(let domain) = best.choices[other].domain, domain.lastIndex > 1
      else { continue }
      let (sum, overflow) = value.addingReportingOverflow(amount)
      var targets = [overflow ? (amount > 0 ? Int64.max : .min) : sum]
      if overflow || !domain.range.contains(sum), domain.lastIndex < .max {
        // Wrapped into the range, as machine integers do.
        let offset = UInt64(bitPattern: value &+ amount &- domain.range.lowerBound)
        targets.append(
          domain.range.lowerBound
            &+ Int64(bitPattern: offset % (domain.lastIndex + 1)))
      }
      for target in targets {
        var changed = best.values
        changed[other] = .integer(domain.clamp(target))
        changed.removeSubrange(span.range)
        if propose(changed, isShorter: true) { return true }
      }
    }
    return false
  }

  /// `delete-pair`: removes siblings of two groups at once, for lists that must be equally long,
  /// or two of one, for lists that must be even.
  mutating func deletePairs() {
    var first = 0
    while first < siblings().count, mayGoOn {
      var second = first
      while second < siblings().count, mayGoOn {
        if !deletePair(first, second) { second += 1 }
      }
      first += 1
    }
  }

  /// Removes the same number of siblings from two groups; false if nothing could go.
  private mutating func deletePair(_ first: Int, _ second: Int) -> Bool {
    let groups = siblings()
    let (a, b) = (groups[first].spans, groups[second].spans)
    guard first != second else { return deleteTwo(of: a) }
    guard a[0].label == b[0].label, groups[first].parent != groups[second].parent else {
      return false
    }
    // At the same places, many at once if that works; then one of each wherever it stands.
    var size = min(a.count, b.count) / 2
    while size > 0, mayGoOn {
      for start in stride(from: 0, through: min(a.count, b.count) - size, by: size) {
        let places = start..<start + size
        if remove(Array(a[places]), Array(b[places])) { return true }
      }
      size /= 2
    }
    for x in a.prefix(Self.pairDistance) {
      for y in b.prefix(Self.pairDistance) where mayGoOn {
        if remove([x], [y]) { return true }
      }
    }
    return false
  }

  private mutating func deleteTwo(of spans: [Span]) -> Bool {
    for (index, x) in spans.enumerated() {
      for y in spans[(index + 1)...].prefix(Self.pairDistance) where mayGoOn {
        if remove([x], [y]) { return true }
      }
    }
    return false
  }

  private mutating func remove(_ some: [Span], _ others: [Span]) -> Bool {
    let ranges = (some + others).map(\.range).sorted { $0.lowerBound < $1.lowerBound }
    // A group may lie inside another.
    guard zip(ranges, ranges.dropFirst()).allSatisfy({ $0.upperBound <= $1.lowerBound }) else {
      return false
    }
    return propose(removing(ranges), isShorter: true)
  }

  /// `lower-and-raise`: one step down with a number, and a later one up to twice as far or to its
  /// end, for products and whatever else does not keep a sum.
  mutating func lowerAndRaise() {
    eachPair { shrinker, a, b in
      let lowered = a.value(a.distance - 1, below: a.isBelow)
      for below in [b.isBelow, !b.isBelow] {
        let room = b.room(below: below)
        let (double, overflow) = b.distance.multipliedReportingOverflow(by: 2)
        for goal in Set([overflow ? room : min(max(double, 1), room), room]).sorted() {
          if goal == 0 || below != b.isBelow && b.distance > 0 { continue }
          let raised = b.value(goal, below: below)
          if shrinker.propose(shrinker.replacing([a.position: lowered, b.position: raised])) {
            return
          }
        }
      }
    }
  }
}
