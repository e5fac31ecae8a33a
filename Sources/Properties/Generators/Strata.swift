/// The value that an input took for a stratified option.
struct DrawnStratum: Hashable, Sendable {
  let name: String
  let values: [String]
  let position: Int
}

/// Plans the values of options over the trials of a run, so that all pairs of values occur early.
///
/// A covering array of strength 2, made row by row while options are still being discovered: each
/// row takes the values whose pairs have been planned least often, then those planned least often
/// themselves, so every pair occurs about equally often however many trials follow.
struct StrataPlan: Sendable {
  private struct Option: Sendable {
    let name: String
    let count: Int
    var planned: [Int]
    var forgotten: [Int]
    /// How often a value gave an input.
    var used: [Int]
  }

  private var options: [Option] = []
  /// How often a pair of values was planned, by options and values.
  private var pairs: [Pair: Int] = [:]
  /// How often a row with a pair of values gave no input.
  private var rejected: [Pair: Int] = [:]
  private var row: [Int] = []
  private var isEvening = false
  private var random: RandomStream

  private struct Pair: Hashable, Sendable {
    let option: Int
    let value: Int
    let otherOption: Int
    let otherValue: Int
  }

  init(seed: UInt64) { random = RandomStream(seed: seed) }

  /// Makes an option known, so that the next rows plan it.
  mutating func declare(_ name: String, count: Int) {
    guard !options.contains(where: { $0.name == name && $0.count == count }) else { return }
    options.append(
      Option(
        name: name, count: count, planned: Array(repeating: 0, count: count),
        forgotten: Array(repeating: 0, count: count), used: Array(repeating: 0, count: count)))
  }

  /// Plans the values of the next trial.
  ///
  /// - `evening`: whether values with the fewest inputs go before pairs that never occurred.
  mutating func nextRow(evening: Bool = false) {
    isEvening = evening
    row = Array(repeating: -1, count: options.count)
    for option in options.indices.shuffled(using: &random) { plan(option) }
  }

  /// Counts the values of the last row as used, since it gave an input.
  mutating func useRow() {
    for (option, value) in row.enumerated() where value >= 0 { options[option].used[value] += 1 }
  }

  /// Counts the values of the last row as not planned, since it gave no input.
  ///
  /// Pairs stay counted, and a value gets only a few more chances, so that one which is always
  /// rejected is not tried forever.
  mutating func forgetRow() {
    for (option, value) in row.enumerated() where value >= 0 {
      for other in 0..<option where row[other] >= 0 {
        rejected[pair(option, value, other), default: 0] += 1
      }
    }
    for (option, value) in row.enumerated() where value >= 0 {
      guard options[option].forgotten[value] < Self.chances else { continue }
      options[option].forgotten[value] += 1
      options[option].planned[value] -= 1
    }
  }

  private static let chances = 3

  /// The value planned for an option, which is declared if it is new.
  mutating func take(_ name: String, count: Int) -> Int {
    declare(name, count: count)
    let option = options.firstIndex { $0.name == name && $0.count == count } ?? 0
    while row.count <= option { row.append(-1) }
    if row[option] < 0 { plan(option) }
    return row[option]
  }

  private mutating func plan(_ option: Int) {
    let others = row.indices.filter { $0 != option && row[$0] >= 0 }
    let order = Array(0..<options[option].count).shuffled(using: &random)
    // Most pairs that were never planned, then the least planned value.
    let best = order.min { a, b in
      let (x, y) = (cost(option, a, others), cost(option, b, others))
      return x < y
    }
    let value = best ?? 0
    row[option] = value
    options[option].planned[value] += 1
    for other in others { pairs[pair(option, value, other), default: 0] += 1 }
  }

  private func cost(_ option: Int, _ value: Int, _ others: [Int]) -> (Int, Int) {
    let fresh = others.count { pairs[pair(option, value, $0)] == nil }
    guard isEvening else { return (-fresh, options[option].planned[value]) }
    // Two rare values may exclude each other: each then has to come beside commoner ones.
    let refused = others.map { rejected[pair(option, value, $0)] ?? 0 }.max() ?? 0
    return (options[option].used[value] + refused, -fresh)
  }

  private func pair(_ option: Int, _ value: Int, _ other: Int) -> Pair {
    option < other
      ? Pair(option: option, value: value, otherOption: other, otherValue: row[other])
      : Pair(option: other, value: row[other], otherOption: option, otherValue: value)
  }
}
