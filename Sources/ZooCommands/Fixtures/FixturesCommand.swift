internal import ArgumentParser
internal import Conformance
internal import Foundation
internal import JSON
internal import Reporting
internal import Torch

/// Verifies, makes and reviews golden fixtures.
struct FixturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fixtures", abstract: "Verify, make and review golden fixtures.",
    subcommands: [
      FixturesVerifyCommand.self, FixturesNewCommand.self, FixturesDiffCommand.self,
      FixturesAcceptCommand.self, FixturesImportCommand.self,
    ])
}

extension SelectionOptions {
  /// The fixtures of the kit, and the last report if it can be read.
  fileprivate func store() throws -> FixtureStore {
    let kit = try Session.packageKit()
    let report = try? readReport(kit.file(nil, default: ReportFile.name))
    return FixtureStore(kit, report: report)
  }
}

/// Reports what is wrong with the fixtures.
struct FixturesVerifyCommand: ParsableCommand {
  private static let problems = FixtureProblem.Kind.allCases.map(\.rawValue)
    .joined(separator: ", ")
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Report what is wrong with the fixtures; nothing is written.",
    discussion: """
      The problems of a fixture are \(problems); each makes the command fail with 3. Orphans are \
      looked for only if everything is selected.
      """)

  @OptionGroup var selection: SelectionOptions
  @Flag(help: "Run every definition again and compare its values with the stored ones.")
  var recompute = false
  @OptionGroup var format: FormatOption

  func run() throws {
    let console = Session.current.console
    let store = try selection.store()
    let chosen = try selection.selection()
    let problems = try store.verify(chosen, recompute: recompute)
    for title in try store.unproven(chosen) {
      console.note("\(title) is unproven: its fixtures come from no definition")
    }
    var table = Table(["problem", "fixture", "what is wrong"])
    table.rows = problems.map { [$0.kind.rawValue, "\($0.fixture)", $0.message] }
    let good = "all fixtures are good"
    let text =
      switch format.format {
      case .text:
        problems.isEmpty
          ? good
          : table.text + "\n\n\(problems.count) \(problems.count == 1 ? "problem" : "problems")"
      case .markdown: problems.isEmpty ? good + "." : table.markdown
      case .json:
        try JSON.array(
          problems.map { problem in
            [
              "problem": .string(problem.kind.rawValue), "fixture": .string("\(problem.fixture)"),
              "message": .string(problem.message),
            ]
          }
        ).text(.pretty)
      }
    console.print(text)
    try CommandFailure.check(.combined(problems.map(\.exitStatus)))
  }
}

/// Computes missing and stale fixtures, for review.
struct FixturesNewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Compute missing and stale fixtures, for review, and show them.",
    discussion: """
      Each case is written beside the old one as <case>.new, from the definition and never from \
      the part. The command fails with 3 if anything waits for review.
      """)

  @OptionGroup var selection: SelectionOptions

  func run() throws {
    let console = Session.current.console
    let changes = try selection.store().new(selection.selection())
    guard !changes.isEmpty else { return console.print("nothing is missing or stale") }
    console.print(changes.map(\.description).joined(separator: "\n"))
    console.note(
      "\(counted(changes)) for review; then: \(Session.current.command) fixtures accept "
        + "-k '\(selection.expression ?? "*")'")
    try CommandFailure.check(.stale)
  }
}

/// Shows the fixtures that wait for review.
struct FixturesDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show how fixtures that wait for review differ from the stored ones.",
    discussion: """
      For each case: the fields of its recipe that changed, the largest change of each tensor, and \
      the verdicts of the part in the last report. If no field changed, the change is unexplained.
      """)

  @OptionGroup var selection: SelectionOptions

  func run() throws {
    let console = Session.current.console
    let changes = try selection.store().diff(selection.selection())
    console.print(
      changes.isEmpty
        ? "nothing waits for review" : changes.map(\.description).joined(separator: "\n"))
  }
}

/// Accepts reviewed fixtures.
struct FixturesAcceptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Replace stored fixtures by the reviewed ones.",
    discussion: "Needs -k ('*' selects everything), and is refused if CI is set.")

  @OptionGroup var selection: SelectionOptions

  func run() throws {
    let changes = try selection.store().accept(selection.selection())
    Session.current.console.print(
      changes.map { "\($0.fixture): \($0.action.rawValue)" }.joined(separator: "\n"))
  }
}

/// Imports cases that were recorded elsewhere.
struct FixturesImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Import recorded cases as fixtures, for review.",
    discussion: "Cases of parts that are not registered are skipped, and listed.")

  @Argument(help: "A folder of recorded cases, safetensors files.")
  var folder: String

  func run() throws {
    let console = Session.current.console
    let store = FixtureStore(try Session.packageKit())
    let result = try store.importRecorded(from: URL(fileURLWithPath: folder))
    for (file, reason) in result.leftOut { console.note("skipped \(file): \(reason)") }
    guard !result.waiting.isEmpty else { return console.print("nothing is new") }
    console.print(result.waiting.map { "\($0): waits for review" }.joined(separator: "\n"))
    try CommandFailure.check(.stale)
  }
}

private func counted(_ changes: [FixtureChange]) -> String {
  changes.count == 1 ? "1 fixture waits" : "\(changes.count) fixtures wait"
}
