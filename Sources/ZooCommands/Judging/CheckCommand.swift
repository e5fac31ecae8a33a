internal import ArgumentParser
internal import Catalogue
internal import Conformance
internal import Foundation
internal import Parts
internal import Properties
internal import Reporting
internal import Torch

/// Judges cells without a test runner, and reports.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Judge parts by their laws and print the conformance matrix.",
    discussion: """
      Every cell, a part by a law in a type, is judged in a process of its own, so that one that \
      crashes is reported and the others still run. The report is on disk from the first moment, \
      and a run that is stopped by Ctrl-C prints what it has found. Known failures are replayed, \
      not searched for.
      """)

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var options: ProfileOptions
  @Option(
    help: ArgumentHelp(
      "Run one stored counterexample, as a failure prints it.", valueName: "cell@choices"))
  var replay: String?
  @Option(
    help: ArgumentHelp(
      "The JSON report to write; - prints it in place of the matrix.",
      discussion: "By default report.json in the folder of the package.", valueName: "file"))
  var report: String?
  @OptionGroup var format: ReportFormatOption
  @OptionGroup var judging: JudgingOptions

  func validate() throws {
    if let replay, ReplayRequest(replay) == nil {
      throw ValidationError(
        "--replay is '\(replay)', expected 'attention nystrom/causality f64@choices'")
    }
    if report == "-", format.format != .text {
      throw ValidationError("--report - and --format both say what to print: use --format alone")
    }
  }

  func run() async throws {
    let session = Session.current
    let kit = try Session.packageKit()
    let place = try ReportPlace(report, kit)
    var profile = try options.resolved(for: kit)
    if let replay { profile.replay = ReplayRequest(replay) }
    let cells = try chosenCells(kit, profile)
    let known = try kit.knownFailures()
    try requireCurrentBuild(kit)

    defer { place.clean() }
    let store = try ReportStore(
      file: place.file,
      run: await RunDescription(kit, profile, selection: selection.expression), expected: cells)
    let progress = Progress(cells, console: session.console, isQuiet: judging.quiet)
    let run = Judging(
      kit: kit, profile: profile, known: known, executable: session.executable,
      jobs: judging.jobs, limit: .seconds(judging.timeout))
    let interruption = session.interruption
    do {
      try await interruption.cancelling {
        try await run.run(cells) { cell in
          try store.begin(cell)
        } ended: { result in
          let result = result.reproduced(by: session.command)
          try store.record(result)
          progress.ended(result)
        }
      }
    } catch {
      // A run that was stopped still has something to report.
      if interruption.signal == nil { throw error }
    }
    progress.finish()
    let report = try store.finish()
    let text = report.written(
      as: format.format, width: session.console.width, colors: session.console.hasColors)
    try place.write(report, insteadOf: text, session.console)
    if let failure = interruption.failure {
      session.console.note(
        "\(report.totals.ran) of \(cells.count) cells ran before the run was stopped"
          + (place.name.map { "; their report is \(kit.shortened($0))" } ?? ""))
      throw failure
    }
    let orphans = kit.orphans()
    for line in orphans { session.console.error(line) }
    try CommandFailure.check(
      .combined([report.exitStatus, orphans.isEmpty ? .success : .stale]))
  }

  /// The selected cells, or the one cell of a replay.
  private func chosenCells(_ kit: Kit, _ profile: Profile) throws -> [Cell] {
    guard let request = profile.replay else { return try selection.cells(of: kit) }
    let cell = try Cell(path: request.cell, laws: kit.laws.laws.map(\.id))
    _ = try kit.registry.entry(cell.kind, cell.part)
    guard kit.cells.contains(cell) else {
      throw CommandFailure("there is no cell \(cell): the law is not judged in \(cell.dtype)")
    }
    return [cell]
  }
}

/// Where `check` keeps its report.
private struct ReportPlace {
  /// The file that is rewritten while cells run.
  let file: URL
  /// The file that holds the report at the end; nil for standard output.
  let name: String?
  private let destination: Destination?

  /// Checks the place. What is not a regular file gets the report once, at the end.
  init(_ given: String?, _ kit: Kit) throws(CommandFailure) {
    let own = kit.root.appendingPathComponent(ReportFile.name).path
    let destination = try Destination(given ?? own, option: "--report", makesFolders: true)
    name = destination.path
    if let path = destination.path, destination.isRegular {
      file = URL(fileURLWithPath: path).resolvingSymlinksInPath()
      self.destination = nil
    } else {
      file = FileManager.default.temporaryDirectory
        .appendingPathComponent("zoo-report-\(UUID().uuidString).json")
      self.destination = destination
    }
  }

  /// Prints a text, and writes the report if that is not done yet; to standard output, it takes the
  /// place of the text.
  func write(_ report: Report, insteadOf text: String, _ console: Console) throws {
    if name != nil { console.print(text) }
    try destination?.write(report.json, console)
  }

  /// Deletes the file if it was only for the time of the run.
  func clean() { if destination != nil { try? FileManager.default.removeItem(at: file) } }
}

/// How many processes judge, and how long they may take.
struct JudgingOptions: ParsableArguments {
  @Option(
    help: "The number of processes that judge side by side; by default one for each core.",
    transform: positive)
  var jobs = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: "The longest that a cell may take, in seconds.", transform: positive)
  var timeout = 900
  @Flag(help: "Print no progress.")
  var quiet = false
}

extension RunDescription {
  /// The run of a kit.
  init(_ kit: Kit, _ profile: Profile, selection: String?) async {
    let registry = kit.cells.map(\.path).joined(separator: "\n")
    self.init(
      profile: profile.name.rawValue, seed: profile.seed, selection: selection,
      swift: await Toolchain.version() ?? "unknown", torch: Runtime.version, device: "cpu",
      registryHash: XXH3.hash64(registry).paddedHex)
  }
}
