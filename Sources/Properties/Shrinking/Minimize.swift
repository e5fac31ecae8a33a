extension Shrinker {
  /// Finds a small amount for which an attempt succeeds, given that a larger one does.
  ///
  /// Tries 0, then whether anything moves at all, then doubles upward from 1 and bisects. For
  /// thresholds that is about twice the logarithm of the *result*, however large the start.
  ///
  /// - Returns: whether there was progress.
  @discardableResult
  mutating func minimize(
    _ amount: UInt64, _ attempt: (inout Self, UInt64) -> Bool
  ) -> Bool {
    guard amount > 0 else { return false }
    if attempt(&self, 0) { return true }
    guard amount > 1 else { return false }
    // Most numbers that do not become 0 do not move at all: find that out first.
    var high = amount
    if attempt(&self, amount - 1) {
      high = amount - 1
    } else if attempt(&self, amount / 2) {
      high = amount / 2
    } else {
      return false
    }
    var low: UInt64 = 0
    var step: UInt64 = 1
    while step < high {
      if attempt(&self, step) {
        high = step
        break
      }
      low = step
      step = step > .max / 2 ? high : 2 * step
      guard mayGoOn else { return true }
    }
    while high - low > 1, mayGoOn {
      let middle = low + (high - low) / 2
      if attempt(&self, middle) { high = middle } else { low = middle }
    }
    return true
  }
}

/// A choice that is a whole number, as passes on numbers see it.
struct Number {
  /// The position in the sequence.
  let position: Int
  /// The distance from the simplest value.
  let distance: UInt64
  /// Whether the value lies below the simplest one.
  let isBelow: Bool
  private let domain: ChoiceDomain

  /// nil if the choice is no whole number.
  init?(_ choice: Choice, at position: Int) {
    self.position = position
    domain = choice.domain
    switch (choice.value, choice.domain) {
    case (.integer(let value), .integer(let domain)):
      isBelow = value < domain.toward
      distance =
        isBelow ? domain.toward.distance(from: value) : value.distance(from: domain.toward)
    case (.double(let value), .double(let domain)):
      let difference = value - domain.simplest
      guard value == value.rounded(), difference.magnitude < 0x1p53 else { return nil }
      guard difference == difference.rounded() else { return nil }
      isBelow = difference < 0
      distance = UInt64(difference.magnitude)
    default: return nil
    }
  }

  /// How much farther from the simplest value the number may go, on its side or the other.
  func room(below: Bool) -> UInt64 {
    switch domain {
    case .integer(let domain):
      below
        ? domain.toward.distance(from: domain.range.lowerBound)
        : domain.range.upperBound.distance(from: domain.toward)
    case .double(let domain):
      UInt64(
        min(
          0x1p53,
          below
            ? domain.simplest - domain.range.lowerBound
            : domain.range.upperBound - domain.simplest))
    default: 0
    }
  }

  /// The value at a distance; the caller has made sure of the room.
  func value(_ distance: UInt64, below: Bool) -> ChoiceValue {
    switch domain {
    case .integer(let domain):
      let offset = Int64(bitPattern: distance)
      return .integer(below ? domain.toward &- offset : domain.toward &+ offset)
    case .double(let domain):
      return .double(domain.simplest + (below ? -Double(distance) : Double(distance)))
    default: return domain.simplest
    }
  }

  /// The number moved by an amount up or down; nil if that leaves its range.
  func moved(by amount: UInt64, up: Bool) -> ChoiceValue? {
    // Toward the simplest value, perhaps beyond it, or away from it.
    if up == isBelow {
      if amount <= distance { return value(distance - amount, below: isBelow) }
      let beyond = amount - distance
      return beyond <= room(below: !isBelow) ? value(beyond, below: !isBelow) : nil
    }
    let (sum, overflow) = distance.addingReportingOverflow(amount)
    return !overflow && sum <= room(below: isBelow) ? value(sum, below: isBelow) : nil
  }
}

extension Shrinker {
  /// The whole numbers of the best sequence that are not the simplest.
  func numbers() -> [Number] {
    best.choices.indices.compactMap { position in
      guard let number = Number(best.choices[position], at: position) else { return nil }
      return number.distance > 0 ? number : nil
    }
  }

  /// The number at a position, as it is now.
  func number(at position: Int) -> Number? {
    best.choices.indices.contains(position)
      ? Number(best.choices[position], at: position) : nil
  }

  /// The best sequence with some values replaced.
  func replacing(_ changes: [Int: ChoiceValue]) -> [ChoiceValue] {
    var values = best.values
    for (position, value) in changes where values.indices.contains(position) {
      values[position] = value
    }
    return values
  }

  /// The best sequence without some stretches, which do not overlap.
  func removing(_ ranges: [Range<Int>]) -> [ChoiceValue] {
    var values = best.values
    for range in ranges.sorted(by: { $0.lowerBound > $1.lowerBound }) {
      values.removeSubrange(range)
    }
    return values
  }
}
