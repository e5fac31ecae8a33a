internal import ArgumentParser
internal import Catalogue
internal import Codegen
internal import Conformance
internal import Foundation
internal import JSON
internal import Properties
internal import Reporting
internal import Support
internal import Torch

/// Judges parts with one fault after the other.
struct FaultsRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Judge the parts with one fault after the other.",
    discussion: """
      First the parts are judged without a fault; if that fails the run ends with 4. Then each \
      fault is judged, in processes of its own, by the laws of its part that apply. The run fails \
      with 2 when a fault survives, never runs or gets no verdict in time, when an equivalent \
      mutant is rejected, and when a law does not reject the fault that it declares as its \
      witness, or declares none.
      """)

  @OptionGroup var selection: SelectionOptions
  @Option(
    help: ArgumentHelp(
      "Turn on this fault only; may be repeated.", valueName: "name"))
  var fault: [String] = []
  @Flag(
    help: """
      Judge each fault by every law that applies, and print which rejects which; otherwise a \
      fault is done when some law has rejected it and the laws it witnesses have been asked.
      """)
  var matrix = false
  @Option(
    help: "Judge each fault so many times, from other seeds, for a better rate.",
    transform: positive)
  var repeats = 1
  @Option(help: "What the inputs are drawn from.")
  var seed: UInt64 = 0
  @OptionGroup var judging: JudgingOptions
  @OptionGroup var format: FormatOption
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write; standard output if not given.", valueName: "file"))
  var output: String?

  func run() async throws {
    let session = Session.current
    let kit = try Session.packageKit()
    let destination = try Destination(output, option: "--output")
    let cells = try selection.cells(of: kit)
    let book = try FaultBook(kit)
    let rows = try chosenRows(book.rows, cells)
    let stoppable = session.interruption
    let build = try await stoppable.cancelling { try await FaultBuild(session, book) }
    var profile = Profile(.faults)
    profile.seed = seed
    let trial = FaultTrial(
      kit: kit, build: build, profile: profile, known: try kit.knownFailures(),
      options: judging, console: session.console, isComplete: matrix, repeats: repeats)
    let outcomes = try await stoppable.cancelling {
      try await trial.outcomes(of: rows, cells: cells)
    }
    let report = FaultReport(
      kit: kit, outcomes: outcomes, all: book.rows, selected: cells, seed: seed,
      repeats: repeats)
    let text =
      switch format.format {
      case .text: report.text(withMatrix: matrix)
      case .json: try report.json.text(.pretty)
      case .markdown: report.markdown(withMatrix: matrix)
      }
    try destination.write(text, session.console)
    try CommandFailure.check(report.problems.isEmpty ? .success : .lawFailed)
  }

  private func chosenRows(_ all: [FaultRow], _ cells: [Cell]) throws(CommandFailure) -> [FaultRow] {
    for name in fault where !all.contains(where: { $0.name == name }) {
      throw CommandFailure(
        .nothingSelected,
        "there is no fault `\(name)`" + didYouMean(name, among: all.map(\.name)))
    }
    let parts = Set(cells.map(\.suite))
    let rows = all.filter { row in
      // What is known to survive costs every law of its part.
      parts.contains(row.part)
        && (fault.isEmpty ? matrix || row.entry.survives == nil : fault.contains(row.name))
    }
    guard !rows.isEmpty else {
      throw CommandFailure(.nothingSelected, "no fault sits in the selected parts")
    }
    return rows
  }
}
