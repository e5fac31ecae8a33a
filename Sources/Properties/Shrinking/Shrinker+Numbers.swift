extension Shrinker {
  /// How far apart two numbers may stand to be tried as a pair, counted in numbers.
  private static var pairDistance: Int { 8 }

  /// `lower-each`: every choice toward its simplest value.
  mutating func lowerEach() {
    var position = 0
    while position < best.choices.count, mayGoOn {
      lower(at: position)
      position += 1
    }
  }

  private mutating func lower(at position: Int) {
    let choice = best.choices[position]
    guard !choice.isSimplest else { return }
    if propose(replacing([position: choice.domain.simplest])) { return }
    guard let number = Number(choice, at: position) else {
      return lowerFraction(at: position)
    }
    var isBelow = number.isBelow
    if isBelow, number.distance <= number.room(below: false) {
      let mirrored = number.value(number.distance, below: false)
      if propose(replacing([position: mirrored])) { isBelow = false }
    }
    minimize(number.distance) { shrinker, distance in
      shrinker.propose(shrinker.replacing([position: number.value(distance, below: isBelow)]))
    }
    lowerSmall(at: position)
  }

  /// For numbers that must differ from others: the first small one, on either side, that is free.
  private mutating func lowerSmall(at position: Int) {
    guard case .integer(let domain) = best.choices[safe: position]?.domain,
      case .integer(let value) = best.choices[position].value
    else { return }
    let index = domain.index(of: value)
    guard index > 1, index <= 16 else { return }
    for smaller in 1..<index where mayGoOn {
      if propose(replacing([position: .integer(domain.value(at: smaller))])) { return }
    }
  }

  /// A double with a fraction: without its sign, without its fraction, with fewer places.
  private mutating func lowerFraction(at position: Int) {
    guard case .double(let value) = best.choices[position].value else { return }
    var candidates = [value.magnitude]
    if value.isNaN { candidates = [.infinity] }
    if value.isInfinite { candidates += [1, .greatestFiniteMagnitude] }
    for sign in [1.0, -1.0] where value.isFinite {
      candidates += [value.magnitude.rounded(.down), value.magnitude.rounded(.up)].map { sign * $0 }
      for places in [1, 2, 3, 4, 8, 16, 32] {
        let scale = Double(sign: .plus, exponent: places, significand: 1)
        candidates += [
          sign * (value.magnitude * scale).rounded(.down) / scale,
          sign * (value.magnitude * scale).rounded(.up) / scale,
        ]
      }
    }
    for candidate in candidates where mayGoOn {
      guard propose(replacing([position: .double(candidate)])) else { continue }
      return lowerWhole(at: position)
    }
    lowerWhole(at: position)
  }

  /// Lowers the whole part of a double and keeps its fraction.
  private mutating func lowerWhole(at position: Int) {
    guard case .double(let value) = best.choices[safe: position]?.value, value.isFinite else {
      return
    }
    let sign: Double = value < 0 ? -1 : 1
    let whole = value.magnitude.rounded(.down)
    let fraction = value.magnitude - whole
    if value < 0 { propose(replacing([position: .double(-value)])) }
    minimize(DoubleOrder.index(whole)) { shrinker, index in
      let lowered = DoubleOrder.whole(at: index) + fraction
      return shrinker.propose(shrinker.replacing([position: .double(lowered)]))
        || sign < 0 && shrinker.propose(shrinker.replacing([position: .double(-lowered)]))
    }
  }

  /// `lower-same`: all numbers of one value together.
  mutating func lowerSame() {
    var groups: [Offset: [Number]] = [:]
    for number in numbers() {
      groups[Offset(distance: number.distance, isBelow: number.isBelow), default: []].append(number)
    }
    let repeated = groups.filter { $0.value.count > 1 }
    let order = repeated.sorted { $0.value[0].position < $1.value[0].position }
    for (key, group) in order where mayGoOn {
      minimize(key.distance) { shrinker, distance in
        let changes = group.map { ($0.position, $0.value(distance, below: $0.isBelow)) }
        return shrinker.propose(shrinker.replacing(Dictionary(uniqueKeysWithValues: changes)))
      }
    }
  }

  /// Visits pairs of numbers that stand near each other.
  private mutating func eachPair(_ body: (inout Self, Number, Number) -> Void) {
    let all = best.choices.indices.filter { Number(best.choices[$0], at: $0) != nil }
    for (index, first) in all.enumerated() {
      for second in all[(index + 1)...].prefix(Self.pairDistance) where mayGoOn {
        guard let a = number(at: first), let b = number(at: second), a.distance > 0 else {
          continue
        }
        body(&self, a, b)
      }
    }
  }

  /// `lower-pair`: the first number toward its simplest value, the second in the same direction,
  /// such that the difference stays.
  mutating func lowerPairs() {
    eachPair { shrinker, a, b in shrinker.move(a, b, together: true) }
  }

  /// `shift-pair`: the first number toward its simplest value, the second the other way, such that
  /// the sum stays.
  mutating func shiftPairs() {
    eachPair { shrinker, a, b in shrinker.move(a, b, together: false) }
  }

  private mutating func move(_ a: Number, _ b: Number, together: Bool) {
    let isUp = together ? a.isBelow : !a.isBelow
    // What lies between the second number and the end of its range on that side.
    let beyond = b.room(below: !isUp)
    let room =
      b.isBelow == !isUp
      ? beyond - min(beyond, b.distance) : beyond.addingReportingOverflow(b.distance).partialValue
    let most = min(a.distance, room)
    minimize(most) { shrinker, rest in
      guard let moved = b.moved(by: most - rest, up: isUp) else { return false }
      let lowered = a.value(a.distance - (most - rest), below: a.isBelow)
      return shrinker.propose(shrinker.replacing([a.position: lowered, b.position: moved]))
    }
  }

  /// The last part of `lower-each`: one to eight steps down in the order of values.
  mutating func lowerBySteps() {
    var position = 0
    while position < best.choices.count, mayGoOn {
      if case .integer(let value) = best.choices[position].value,
        case .integer(let domain) = best.choices[position].domain
      {
        let index = domain.index(of: value)
        for step in 1...UInt64(8) where step <= index && mayGoOn {
          let lowered = ChoiceValue.integer(domain.value(at: index - step))
          if propose(replacing([position: lowered])) { break }
        }
      }
      position += 1
    }
  }

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
    guard inside.count == 1, span.count <= 2, case .integer(let amount) = values(at: inside[0])
    else { return false }
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

  private func values(at number: Number) -> ChoiceValue { best.choices[number.position].value }

  /// `enumerate`: if only few sequences are smaller than the best, all of them in order.
  mutating func enumerate() {
    guard best.choices.count <= 8 else { return }
    let smaller = smallerSequences(atMost: 512)
    for values in smaller ?? [] where mayGoOn {
      if propose(values) { return }
    }
  }

  /// All sequences smaller than the best that the generator accepts, in order; nil if there are
  /// more than the limit.
  private func smallerSequences(atMost limit: Int) -> [[ChoiceValue]]? {
    var found: [[Choice]] = []
    var open: [[ChoiceValue]] = [[]]
    var visited = 0
    while let prefix = open.popLast() {
      visited += 1
      guard visited <= 8 * limit else { return nil }
      let source = drawAnyway(prefix)
      guard source.choices.count <= best.choices.count else { continue }
      if source.choices.count == prefix.count || prefix.isEmpty && source.choices.isEmpty {
        if Self.isSmaller(source.choices, than: best.choices) { found.append(source.choices) }
        guard found.count <= limit else { return nil }
        continue
      }
      let next = source.choices[prefix.count].domain
      guard let values = next.all(atMost: limit) else { return nil }
      open += values.reversed().map { prefix + [$0] }
    }
    return found.sorted { Self.isSmaller($0, than: $1) }.map { $0.map(\.value) }
  }
}

extension ChoiceDomain {
  /// All values, simplest first; nil if there are more than the limit.
  func all(atMost limit: Int) -> [ChoiceValue]? {
    switch self {
    case .integer(let domain):
      guard domain.lastIndex < UInt64(limit) else { return nil }
      return (0...domain.lastIndex).map { .integer(domain.value(at: $0)) }
    case .boolean(let domain):
      return domain.forced.map { [.boolean($0)] } ?? [.boolean(false), .boolean(true)]
    case .double(let domain):
      return domain.range.lowerBound == domain.range.upperBound ? [.double(domain.simplest)] : nil
    case .tensor: return nil
    }
  }
}

/// How far, and on which side, a number is from its simplest value.
private struct Offset: Hashable {
  let distance: UInt64
  let isBelow: Bool
}
