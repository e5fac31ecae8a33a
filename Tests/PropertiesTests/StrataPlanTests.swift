import Testing

@testable import Properties

@Suite struct `plans of strata` {
  /// Takes rows of one option of three values, and says how often each was planned.
  private func counts(rows: Int, forgetting isForgotten: (Int) -> Bool) -> [Int] {
    var plan = StrataPlan(seed: 1)
    var counts = [0, 0, 0]
    for _ in 0..<rows {
      plan.nextRow()
      let value = plan.take("mode", count: 3)
      counts[value] += 1
      if isForgotten(value) { plan.forgetRow() }
    }
    return counts
  }

  @Test func `values are planned equally often`() {
    #expect(counts(rows: 30) { _ in false } == [10, 10, 10])
  }

  @Test func `a value of which no input came is planned again, and not for ever`() {
    // Each of its three chances is one more row in which it is planned.
    let forgotten = counts(rows: 33) { $0 == 1 }
    #expect(forgotten == [10, 13, 10])
  }

  @Test func `forgetting a row twice gives no second chance for one failure`() {
    var plan = StrataPlan(seed: 1)
    plan.nextRow()
    let first = plan.take("mode", count: 2)
    plan.forgetRow()
    plan.nextRow()
    // Both values stand at 0 again, so neither is ahead.
    let second = plan.take("mode", count: 2)
    plan.nextRow()
    #expect(plan.take("mode", count: 2) != second || first != second)
  }

  @Test func `rare values that exclude each other are evened out beside common ones`() {
    var plan = StrataPlan(seed: 3)
    plan.declare("length", count: 2)
    plan.declare("landmarks", count: 3)
    // A value of the one has come only once, and so has one of the other.
    for row in [[1, 0], [0, 1]] + Array(repeating: [0, 0], count: 8) {
      repeat {
        plan.nextRow()
      } while plan.take("length", count: 2) != row[0]
        || plan.take("landmarks", count: 3) != row[1]
      plan.useRow()
    }
    var accepted = 0
    for _ in 0..<10 {
      plan.nextRow(evening: true)
      let isRefused = plan.take("length", count: 2) == 1 && plan.take("landmarks", count: 3) == 2
      if isRefused { plan.forgetRow() } else { plan.useRow() }
      if plan.take("length", count: 2) == 1, !isRefused { accepted += 1 }
    }
    #expect(accepted > 2)
  }

  @Test func `pairs of a forgotten row stay planned, so that other pairs come first`() {
    var plan = StrataPlan(seed: 2)
    plan.declare("a", count: 2)
    plan.declare("b", count: 2)
    var pairs: Set<[Int]> = []
    for _ in 0..<12 {
      plan.nextRow()
      pairs.insert([plan.take("a", count: 2), plan.take("b", count: 2)])
      plan.forgetRow()
    }
    #expect(pairs.count == 4)
  }
}
