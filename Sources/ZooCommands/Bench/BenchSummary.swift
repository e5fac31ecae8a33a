internal import Benchmarking
internal import Catalogue
internal import Foundation

/// How the costs of one part at one level grow, and where it beats the baseline.
struct BenchSummary {
  let part: String
  let level: BenchCase.Level
  /// The exponents of time by pass, and of the memory of both passes.
  let time: [BenchCase.Pass: Double]
  let memory: Double?
  /// For each pass that was measured, the least length from which on it is faster.
  let crossovers: [(pass: BenchCase.Pass, length: Int?)]
  let longest: Int
  /// The error at the first of these lengths, or else at the longest.
  let error: Double?
  /// Why there is no error.
  let noError: String?

  /// One for each part and level with at least one figure.
  static func all(_ results: BenchResults) -> [BenchSummary] {
    var seen: Set<String> = []
    return results.rows.compactMap { row in
      guard seen.insert("\(row.key.part) \(row.key.level)").inserted else { return nil }
      return BenchSummary(row.key.part, row.key.level, results)
    }
  }

  private init?(_ part: String, _ level: BenchCase.Level, _ results: BenchResults) {
    let rows = results.rows.filter {
      $0.key.part == part && $0.key.level == level && $0.measured != nil
    }.sorted { $0.key.length < $1.key.length }
    guard let last = rows.last else { return nil }
    func points(_ pass: BenchCase.Pass, _ value: (BenchFigures) -> Double?) -> [(
      x: Double, y: Double
    )] {
      rows.filter { $0.key.pass == pass }.compactMap { row in
        row.measured.flatMap(value).map { (Double(row.key.length), $0) }
      }
    }
    self.part = part
    self.level = level
    time = BenchCase.Pass.allCases.reduce(into: [:]) { exponents, pass in
      exponents[pass] = fittedExponent(points(pass) { $0.medianMs })
    }
    memory = fittedExponent(points(.both) { $0.peakMb })
    longest = last.key.length
    crossovers = BenchCase.Pass.allCases.compactMap { pass in
      let own = rows.filter { $0.key.pass == pass }
      return own.isEmpty ? nil : (pass, Self.crossover(own))
    }
    let found = crossovers.compactMap(\.length).min() ?? longest
    let core = BenchCase(part: part, level: .core, length: found, pass: .forward)
    let measured =
      (results[core] ?? rows.first { $0.key.length == found })?.measured ?? last.measured
    error = measured?.error
    noError = measured?.noError
  }

  /// The least length at which, and at all longer ones, a part takes less time than the baseline.
  static func crossover(_ rows: [BenchRow]) -> Int? {
    rows.reversed().prefix { $0.timesBaseline.map { $0 < 1 } ?? false }.last?.key.length
  }

  /// Where it is faster than the baseline, in words.
  func verdict(against baseline: String) -> String {
    guard part != baseline else { return "is the baseline" }
    let price = error.map { ", at an error of \(figures($0))" } ?? ""
    let lengths = Set(crossovers.map(\.length))
    if lengths.count == 1, let only = lengths.first {
      return only.map { "from S = \($0)\(price)" } ?? "not up to S = \(longest)"
    }
    return crossovers.map { pass, length in
      "\(pass.rawValue) " + (length.map { "from S = \($0)" } ?? "not up to S = \(longest)")
    }.joined(separator: ", ") + price
  }
}

// MARK: Tables

extension BenchResults {
  /// What the baseline is called where it is compared with.
  var baselineTitle: String {
    header.settings.kind == .attention ? "exact attention" : header.settings.baseline
  }

  /// A row for each case.
  var table: Table {
    let hasErrors = header.settings.kind == .attention
    var table = Table(
      ["part", "level", "S", "pass", "ms", "IQR", "runs", "× baseline", "peak MB"]
        + (hasErrors ? ["error"] : []) + ["limit ms", "× limit", ""])
    table.rows = rows.map { row in
      let key = [row.key.part, row.key.level.rawValue, "\(row.key.length)", row.key.pass.rawValue]
      guard let own = row.measured else {
        let gaps = Array(repeating: "–", count: hasErrors ? 8 : 7)
        return key + gaps + [row.skipped ?? ""]
      }
      let error = own.error.map(figures) ?? (row.key.level == .core ? "n/a" : "")
      return key
        + [
          figures(own.medianMs), figures(own.iqrMs), "\(own.runs)",
          row.timesBaseline.map(figures) ?? "–", own.peakMb.map(figures) ?? "–",
        ] + (hasErrors ? [error] : []) + [figures(own.limitMs), figures(own.timesLimit), ""]
    }
    return table
  }

  /// A row for each part and level.
  var summary: Table {
    var table = Table(
      [
        "part", "level", "forward grows as", "with backward", "memory",
        "faster than \(baselineTitle)",
      ])
    func power(_ exponent: Double?) -> String {
      exponent.map(Self.power) ?? "–"
    }
    table.rows = BenchSummary.all(self).map {
      [
        $0.part, $0.level.rawValue, power($0.time[.forward]), power($0.time[.both]),
        power($0.memory), $0.verdict(against: header.settings.baseline),
      ]
    }
    return table
  }

  /// A law of growth.
  static func power(_ exponent: Double) -> String { "S^" + String(format: "%.2f", exponent) }

  /// Why some parts have no error.
  var errorNotes: [String] {
    guard header.settings.kind == .attention else { return [] }
    return BenchSummary.all(self).filter { $0.level == .core }.compactMap { summary in
      summary.noError.map { "\(summary.part) has no error: \($0)." }
    }
  }

  /// What the columns mean.
  static func legend(_ results: BenchResults) -> String {
    """
    Times are medians of single calls, IQR is their inter-quartile range. Levels: core is the part \
    alone, layer has the projections of a multi-head layer around it, block is a pre-norm block. \
    Peak is what the process of the case held beyond what it held before the calls. \
    \(results.header.settings.kind == .attention
      ? "Error is the largest difference from exact softmax attention on the same inputs. " : "")\
    The limit is the time that the matrix products of the formula take at the measured rate, or its \
    inputs, outputs and parameters to move once, whichever is longer: a bound from below, without \
    exponentials, normalizations and what is stored in between.
    """
  }
}
