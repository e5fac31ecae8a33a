extension Shrinker {
  /// How far apart two numbers may stand to be tried as a pair, counted in numbers.
  static var pairDistance: Int { 8 }

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
      return lowerFraction(at: [position])
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

  /// Proposes one double in several places.
  @discardableResult
  private mutating func put(_ value: Double, at positions: [Int]) -> Bool {
    propose(replacing(Dictionary(uniqueKeysWithValues: positions.map { ($0, .double(value)) })))
  }

  /// Equal doubles with a fraction: without sign, without fraction, with fewer places.
  private mutating func lowerFraction(at positions: [Int]) {
    guard case .double(let value) = best.choices[positions[0]].value else { return }
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
      if put(candidate, at: positions) { break }
    }
    lowerWhole(at: positions)
  }

  /// Lowers the whole part of equal doubles and keeps their fraction.
  private mutating func lowerWhole(at positions: [Int]) {
    guard case .double(let value) = best.choices[safe: positions[0]]?.value, value.isFinite else {
      return
    }
    let whole = value.magnitude.rounded(.down)
    let fraction = value.magnitude - whole
    if value < 0 { put(-value, at: positions) }
    minimize(DoubleOrder.index(whole)) { shrinker, index in
      let lowered = DoubleOrder.whole(at: index) + fraction
      return shrinker.put(lowered, at: positions)
        || value < 0 && shrinker.put(-lowered, at: positions)
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
      let isMirrored =
        key.isBelow && group.allSatisfy { key.distance <= $0.room(below: false) }
        && put(group, key.distance, below: false)
      minimize(key.distance) { shrinker, distance in
        shrinker.put(group, distance, below: key.isBelow && !isMirrored)
      }
    }
    for positions in equalFractions() where mayGoOn { lowerFraction(at: positions) }
  }

  /// Proposes numbers at one distance from their simplest values.
  private mutating func put(_ group: [Number], _ distance: UInt64, below: Bool) -> Bool {
    let changes = group.map { ($0.position, $0.value(distance, below: below)) }
    return propose(replacing(Dictionary(uniqueKeysWithValues: changes)))
  }

  /// The places of doubles that are not whole and occur more than once.
  private func equalFractions() -> [[Int]] {
    var groups: [UInt64: [Int]] = [:]
    for (position, choice) in best.choices.enumerated() {
      guard case .double(let value) = choice.value, Number(choice, at: position) == nil else {
        continue
      }
      groups[value.bitPattern, default: []].append(position)
    }
    return groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
  }

  /// Visits pairs of numbers that stand near each other.
  mutating func eachPair(_ body: (inout Self, Number, Number) -> Void) {
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
  /// so that the difference stays the same.
  mutating func lowerPairs() {
    eachPair { shrinker, a, b in shrinker.move(a, b, together: true) }
  }

  /// `shift-pair`: the first number toward its simplest value, the second the other way, so
  /// that the sum stays the same.
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
}

/// How far, and on which side, a number is from its simplest value.
private struct Offset: Hashable {
  let distance: UInt64
  let isBelow: Bool
}
