internal import ArgumentParser
internal import Conformance
internal import Torch

/// Shows that the laws reject what is wrong.
struct FaultsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "faults",
    abstract: "Seed faults into the parts and see that the laws reject them.",
    subcommands: [FaultsListCommand.self, FaultsRunCommand.self, FaultsTableCommand.self])
}

/// Lists the seeded faults.
struct FaultsListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the seeded faults and the laws that must reject them.",
    discussion: "Faults are in a build of their own, which is made first.")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var format: FormatOption

  func run() async throws {
    let session = Session.current
    let cells = try selection.cells(of: Session.packageKit())
    let parts = Set(cells.map(\.suite))
    let rows = try await FaultBuild(session).rows.filter { parts.contains($0.part) }
    var table = Table(["fault", "part", "the wrong line", "killers"])
    table.rows = rows.map { row in
      [
        row.name, row.part, row.wrong,
        row.isControl ? "none: an equivalent mutant" : row.killers.joined(separator: " "),
      ]
    }
    let text =
      switch format.format {
      case .text: table.text
      case .markdown: table.markdown
      case .json: try JSON.array(rows.map(\.json)).text(.pretty)
      }
    session.console.print(text)
  }
}

/// Prints the table of a build with faults, for the program that made it.
struct FaultsTableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table", abstract: "Print the faults that this build holds, as JSON.",
    shouldDisplay: false)

  func run() throws {
    guard let rows = FaultRow.all else {
      throw CommandFailure("this build holds no faults; faults run makes one that does")
    }
    Session.current.console.print(try JSON.array(rows.map(\.json)).text(.pretty))
  }
}
