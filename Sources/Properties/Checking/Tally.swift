/// What the trials of a run were like.
struct Tally: Sendable {
  enum Requirement: Hashable, Sendable {
    case share(Double)
    case count(Int)
  }

  private(set) var counts: [String: Int] = [:]
  private(set) var requirements: [String: Requirement] = [:]

  mutating func count(_ label: String, _ condition: Bool) {
    counts[label, default: 0] += condition ? 1 : 0
  }

  mutating func require(_ label: String, _ condition: Bool, _ requirement: Requirement) {
    count(label, condition)
    requirements[label] = requirement
  }

  mutating func merge(_ other: Tally) {
    counts.merge(other.counts, uniquingKeysWith: +)
    requirements.merge(other.requirements) { $1 }
  }
}

/// Whether a share observed in some trials is the share that was demanded.
enum ShareVerdict: Hashable, Sendable {
  case satisfied
  case failed
  case undecided

  /// The number of standard deviations at which a false alarm is rarer than 1e-9.
  static let z = 6.11

  /// Judges k of n trials against a demanded share, by Wilson's interval.
  init(hits k: Int, of n: Int, demanded share: Double) {
    let (lower, upper) = Self.bounds(hits: k, of: n)
    if upper < share {
      self = .failed
    } else {
      self = lower >= 0.9 * share ? .satisfied : .undecided
    }
  }

  /// Wilson's interval for the share of which k of n were seen.
  static func bounds(hits k: Int, of n: Int) -> (lower: Double, upper: Double) {
    guard n > 0 else { return (0, 1) }
    let n = Double(n)
    let share = Double(k) / n
    let z2 = z * z / n
    let half = z * (share * (1 - share) / n + z2 / (4 * n)).squareRoot()
    return ((share + z2 / 2 - half) / (1 + z2), (share + z2 / 2 + half) / (1 + z2))
  }
}
