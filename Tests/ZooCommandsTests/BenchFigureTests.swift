import Catalogue
import Charts
import Foundation
import Parts
import Testing

@testable import Benchmarking
@testable import ZooCommands

/// Numbers whose right values are known.
@Suite struct `the figures of a benchmark` {
  @Test func `the median and the quarters are interpolated`() {
    let four = Sample([4, 1, 3, 2])
    #expect(four.median == 2.5 && four.interquartileRange == 1.5 && four.count == 4)
    let five = Sample([50, 10, 20, 30, 40])
    #expect(five.median == 30 && five.interquartileRange == 20)
    #expect(Sample([7]) == Sample([7]) && Sample([7]).interquartileRange == 0)
  }

  @Test func `timed calls come after the warm-up, and are as many as allowed`() {
    var calls = 0
    let few = Sample.milliseconds(warmups: 3, 2...20, within: .zero) { calls += 1 }
    #expect(few.count == 2 && calls == 5)
    #expect(Sample.milliseconds(warmups: 0, 2...4, within: .seconds(600)) {}.count == 4)
  }

  @Test func `an exponent is found exactly, and only of two lengths`() throws {
    let cubic = [1.0, 2, 4, 8].map { (x: $0, y: 5 * $0 * $0 * $0) }
    #expect(abs(try #require(fittedExponent(cubic)) - 3) < 1e-12)
    #expect(fittedExponent([(2, 3), (2, 4)]) == nil)
    #expect(fittedExponent([(1, 0), (2, 4)]) == nil)
  }

  @Test func `the limit is the slower of arithmetic and memory, at the rate of the size`() {
    let rates = MachineRates(
      gflops: 10, copies: [.init(bytes: 1e3, gbps: 100), .init(bytes: 1e6, gbps: 10)])
    #expect(rates.limit(operations: 1e9, bytes: 1) == 100)
    #expect(rates.limit(operations: 0, bytes: 1e9) == 100)
    #expect(rates.limit(operations: 0, bytes: 1e5) == 1e-3)
  }

  @Test(
    arguments: [
      // Logits and weighted values of four heads: 2·4·16²·(32 + 32).
      ("scaled_dot_product", false, 131_072.0), ("scaled_dot_product", true, 69_632),
      // Each query sees itself and two neighbours on each side, but for the ends.
      ("local", false, 2 * 4 * (16 * 5 - 6) * 64), ("local", true, 2 * 4 * (16 * 6 - 15) * 64),
      // Keys and values to 16 slots, logits and weighted values.
      ("linformer", false, 2 * 4 * 4 * 16 * 16 * 32), ("pooling", false, 0),
      ("linear", false, 2 * 4 * 2 * 16 * 32 * 32),
    ] as [(String, Bool, Double)])
  func `the operations of a formula are counted`(part: String, causal: Bool, expected: Double)
    throws
  {
    var settings = BenchSettings(.attention)
    settings.causal = causal
    let key = BenchCase(part: part, level: .core, length: 16, pass: .forward)
    let workload = try Workload(key, settings, in: .zoo)
    let output = try workload.call(workload.inputs)
    let formula = Formula(workload, output: output, key, settings)
    #expect(formula.operations(key) == expected)
    let inputs = part == "pooling" ? 1.0 : 3
    let numbers = (inputs + 1) * 16 * 128 + formula.parameters
    #expect(formula.bytes(key, settings) == 4 * numbers)
  }

  @Test func `around the core, every matrix meets every token`() throws {
    let settings = BenchSettings(.attention)
    func operations(_ level: BenchCase.Level, _ pass: BenchCase.Pass) throws -> Double {
      let key = BenchCase(part: "scaled_dot_product", level: level, length: 16, pass: pass)
      let workload = try Workload(key, settings, in: .zoo)
      return Formula(workload, output: try workload.call(workload.inputs), key, settings)
        .operations(key)
    }
    let projections = 2.0 * 16 * 4 * 128 * 128
    let hidden = 2.0 * 16 * 2 * 4 * 128 * 128
    #expect(try operations(.layer, .forward) == 131_072 + projections)
    #expect(try operations(.block, .forward) == 131_072 + projections + hidden)
    #expect(try operations(.block, .both) == 3 * (131_072 + projections + hidden))
  }

  /// A row of a part that takes so many times as long as the baseline.
  private func row(_ length: Int, times: Double) -> BenchRow {
    var row = BenchRow(
      BenchCase(part: "p", level: .core, length: length, pass: .forward),
      BenchFigures(medianMs: times, iqrMs: 0, runs: 3, limitMs: 1))
    row.timesBaseline = times
    return row
  }

  @Test func `a part is faster from the length on after which it never is slower`() {
    let rows = { (times: [Double]) in
      zip([1, 2, 4, 8], times).map { self.row($0, times: $1) }
    }
    #expect(BenchSummary.crossover(rows([0.5, 2, 0.9, 0.1])) == 4)
    #expect(BenchSummary.crossover(rows([0.5, 0.6, 0.9, 0.1])) == 1)
    #expect(BenchSummary.crossover(rows([0.5, 0.6, 0.9, 1])) == nil)
  }

  @Test(arguments: [
    (10.0, 0.1, 10.4, 0.1, BenchComparison.Change.same), (10, 0.1, 10.6, 0.1, .slower),
    (10, 0.7, 10.6, 0.1, .same), (10, 0.1, 10.6, 0.7, .same), (10, 0.1, 9.4, 0.1, .faster),
  ])
  func `a change counts beyond the threshold and both ranges`(
    before: Double, range: Double, after: Double, otherRange: Double,
    change: BenchComparison.Change
  ) {
    let key = BenchCase(part: "p", level: .core, length: 1, pass: .forward)
    func row(_ median: Double, _ range: Double) -> BenchRow {
      BenchRow(key, BenchFigures(medianMs: median, iqrMs: range, runs: 9, limitMs: 1))
    }
    let (a, b) = (row(before, range), row(after, otherRange))
    #expect(BenchComparison.change(a, b, 0.05) == change)
    let lost = BenchRow(key, skipped: "it crashed")
    #expect(BenchComparison.change(a, lost, 0.05) == .failing)
    #expect(BenchComparison.change(lost, a, 0.05) == .working)
    #expect(BenchComparison.change(lost, lost, 0.05) == .skipped)
    #expect(BenchComparison.change(nil, a, 0.05) == .onlyAfter)
    #expect(BenchComparison.change(a, nil, 0.05) == .onlyBefore)
  }

  @Test func `numbers have three figures`() {
    #expect(
      [0, 1234.5, 99.94, 5, 0.0123, 1e-6, .infinity].map(figures)
        == ["0", "1234", "99.9", "5.00", "0.0123", "1.0e-06", "inf"])
  }

  @Test func `a chart has a curve for each line, and escapes names`() throws {
    let curve = Chart.Curve("a<b", .first, [(256, 0.1), (512, 1), (1024, 100)])
    var chart = Chart("t", [Chart.Panel("p & q", [curve, .init("dot", .second, [(256, 1)])])])
    (chart.x, chart.y) = (.init(isLogarithmic: true), .init(isLogarithmic: true))
    let svg = chart.svg
    #expect(svg.contains("a&lt;b") && svg.contains("p &amp; q"))
    #expect(svg.contains("prefers-color-scheme: dark"))
    #expect(svg.components(separatedBy: "<polyline").count == 2)
    #expect(svg.components(separatedBy: "<circle").count == 2)
    #expect(["0.1", "1", "10", "100"].allSatisfy { svg.contains(">\($0)</text>") })
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }
}
