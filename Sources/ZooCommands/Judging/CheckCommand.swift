internal import ArgumentParser
internal import Catalogue
internal import Conformance
internal import Foundation
internal import Parts
internal import Properties
internal import Reporting
internal import Torch

/// Judges cells without a test runner, and reports.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Judge parts by their laws, and print the conformance matrix.",
    discussion: """
      Every cell, a part by a law in a type, is judged in a process of its own, so that one that \
      crashes is reported and the others still run. The report is on disk from the first moment. \
      Known failures are replayed, not searched for.
      """)

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var options: ProfileOptions
  @Option(
    help: ArgumentHelp(
      "Run one stored counterexample, as a failure prints it.", valueName: "cell@choices"))
  var replay: String?
  @Option(
    help: ArgumentHelp(
      "The report to write, in JSON; report.json in the package's folder if not given.",
      valueName: "file"))
  var report: String?
  @OptionGroup var format: ReportFormatOption
  @OptionGroup var judging: JudgingOptions

  func validate() throws {
    if let replay, ReplayRequest(replay) == nil {
      throw ValidationError(
        "--replay is '\(replay)', expected 'attention nystrom/causality f64@choices'")
    }
  }

  func run() throws {
    let session = Session.current
    let kit = try Session.usableKit()
    var profile = try options.resolved(for: kit)
    if let replay { profile.replay = ReplayRequest(replay) }
    let cells = try chosenCells(kit, profile)
    let known = try kit.knownFailures()
    try requireCurrentBuild(kit)

    let store = try ReportStore(
      file: kit.file(report, default: ReportFile.name),
      run: RunDescription(kit, profile, selection: selection.expression), expected: cells)
    let progress = Progress(cells, console: session.console, isQuiet: judging.quiet)
    let run = Judging(
      kit: kit, profile: profile, known: known, executable: session.executable,
      jobs: judging.jobs, limit: .seconds(judging.timeout))
    try run.run(cells) { cell in
      try store.begin(cell)
    } ended: { result in
      try store.record(result)
      progress.ended(result)
    }
    progress.finish()
    let report = try store.finish()
    session.console.print(
      report.written(
        as: format.format, width: session.console.width, colors: session.console.hasColors))
    let orphans = kit.orphanedRegressions()
    for line in orphans { session.console.error(line) }
    try CommandFailure.check(
      .combined([report.exitStatus, orphans.isEmpty ? .success : .stale]))
  }

  /// The cells of the selection; of a replay, its one cell.
  private func chosenCells(_ kit: Kit, _ profile: Profile) throws -> [Cell] {
    guard let request = profile.replay else { return try selection.cells(of: kit) }
    let cell = try Cell(path: request.cell, laws: kit.laws.laws.map(\.id))
    _ = try kit.registry.entry(cell.kind, cell.part)
    guard kit.cells.contains(cell) else {
      throw CommandFailure("there is no cell \(cell): the law is not judged in that type")
    }
    return [cell]
  }
}

/// Says how many processes judge, and how patiently.
struct JudgingOptions: ParsableArguments {
  @Option(
    help: "The number of processes that judge side by side; one for each core if not given.",
    transform: positive)
  var jobs = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: "The longest that a cell may take, in seconds.", transform: positive)
  var timeout = 900
  @Flag(help: "Do not tell how far it has come.")
  var quiet = false
}

extension RunDescription {
  /// The run of a kit.
  init(_ kit: Kit, _ profile: Profile, selection: String?) {
    let registry = kit.cells.map(\.path).joined(separator: "\n")
    self.init(
      profile: profile.name.rawValue, seed: profile.seed, selection: selection,
      swift: Toolchain.version ?? "unknown", torch: Runtime.version, device: "cpu",
      registryHash: XXH3.hash64(registry).paddedHex)
  }
}
