internal import ArgumentParser
internal import Benchmarking
internal import Foundation
internal import Reporting

/// Compares the results of two runs.
struct BenchCompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare two files of results, case by case.",
    discussion: """
      A case is slower or faster if its median differs by more than the threshold and by more than \
      both inter-quartile ranges. Fails with 2 if a case is slower, or has no figures any more.
      """)

  @Argument(help: ArgumentHelp("The results before, as --append keeps them.", valueName: "before"))
  var before: String
  @Argument(help: ArgumentHelp("The results after.", valueName: "after"))
  var after: String
  @Option(help: "The least change that counts, in percent.")
  var threshold = 5.0
  @Flag(help: "Compare results of different settings, machines and builds.")
  var across = false
  @OptionGroup var format: FormatOption

  func validate() throws {
    guard threshold >= 0, threshold.isFinite else {
      throw ValidationError("expected a threshold of at least 0 percent, got \(threshold)")
    }
  }

  func run() throws {
    let console = Session.current.console
    let loaded = try [before, after].map { try BenchResults.load($0) }
    for note in loaded.compactMap(\.note) { console.note(note) }
    let (old, new) = (loaded[0].results, loaded[1].results)
    let differences = old.header.differences(from: new.header, sources: false)
    guard across || differences.isEmpty else {
      throw CommandFailure(
        "\(before) and \(after) cannot be compared: "
          + differences.map { "\($0.name) is \($0.own) and \($0.other)" }.joined(separator: ", ")
          + "; --across compares them all the same")
    }
    let comparison = BenchComparison(old, new, threshold: threshold / 100)
    let text: String =
      switch format.format {
      case .text: comparison.table.text + "\n\n" + comparison.totals
      case .markdown: comparison.table.markdown + "\n\n" + comparison.totals
      case .json: try comparison.json
      }
    console.print(text)
    try CommandFailure.check(comparison.isWorse ? .lawFailed : .success)
  }
}

/// The cases of two runs, side by side.
struct BenchComparison {
  enum Change: String, Encodable {
    case slower, faster, same, failing, working, skipped
    case onlyBefore = "only before"
    case onlyAfter = "only after"
  }

  struct Case: Encodable {
    let key: BenchCase
    let change: Change
    let before: BenchFigures?
    let after: BenchFigures?
    let reason: String?
  }

  let cases: [Case]

  /// - Parameter threshold: the share of the time before by which times must differ.
  init(_ old: BenchResults, _ new: BenchResults, threshold: Double) {
    let keys = old.rows.map(\.key) + new.rows.map(\.key).filter { old[$0] == nil }
    cases = keys.map { key in
      let (a, b) = (old[key], new[key])
      return Case(
        key: key, change: Self.change(a, b, threshold), before: a?.measured, after: b?.measured,
        reason: b?.skipped ?? a?.skipped)
    }
  }

  static func change(_ before: BenchRow?, _ after: BenchRow?, _ threshold: Double) -> Change {
    guard let before else { return .onlyAfter }
    guard let after else { return .onlyBefore }
    switch (before.measured, after.measured) {
    case (nil, nil): return .skipped
    case (nil, _): return .working
    case (_, nil): return .failing
    case (let a?, let b?):
      let least = max(a.medianMs * threshold, a.iqrMs, b.iqrMs)
      guard abs(b.medianMs - a.medianMs) > least else { return .same }
      return b.medianMs > a.medianMs ? .slower : .faster
    }
  }

  /// Whether a case is slower or fails now.
  var isWorse: Bool { cases.contains { $0.change == .slower || $0.change == .failing } }

  /// The cases that are not the same.
  var table: Table {
    var table = Table(["part", "level", "S", "pass", "", "before ms", "after ms", "ratio", ""])
    table.rows = cases.filter { $0.change != .same && $0.change != .skipped }.map { item in
      func time(_ measured: BenchFigures?) -> String {
        measured.map { "\(figures($0.medianMs)) ± \(figures($0.iqrMs))" } ?? "–"
      }
      let ratio = item.before.flatMap { a in item.after.map { $0.medianMs / a.medianMs } }
      return [
        item.key.part, item.key.level.rawValue, "\(item.key.length)", item.key.pass.rawValue,
        item.change.rawValue, time(item.before), time(item.after), ratio.map(figures) ?? "–",
        item.reason ?? "",
      ]
    }
    return table
  }

  /// How many cases changed in which way.
  var totals: String {
    let counts = Dictionary(grouping: cases, by: \.change).mapValues(\.count)
    let words: [Change] = [
      .slower, .failing, .faster, .working, .same, .skipped, .onlyBefore, .onlyAfter,
    ]
    return words.compactMap { word in counts[word].map { "\($0) \(word.rawValue)" } }
      .joined(separator: ", ")
  }

  var json: String {
    get throws { String(decoding: try benchEncoder().encode(cases), as: UTF8.self) }
  }
}
