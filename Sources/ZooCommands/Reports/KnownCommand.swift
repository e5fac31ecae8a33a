internal import ArgumentParser
internal import Catalogue
internal import Conformance
internal import Foundation
internal import JSON
internal import Reporting
internal import Torch

/// Shows known failures.
struct KnownCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "known", abstract: "Show the known failures.",
    subcommands: [KnownListCommand.self], defaultSubcommand: KnownListCommand.self)
}

/// Lists the known failures and the days that they have left.
struct KnownListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the known failures and the days that they have left.",
    discussion: "A wrong, unknown or expired entry of known-failures.json is an error (3).")

  @OptionGroup var format: FormatOption

  func run() throws {
    let kit = try Session.packageKit()
    let entries = try kit.knownFailures().entries
    let today = CalendarDay(Date())
    var table = Table(["cell", "reason", "origin", "expires", "days left", "link"])
    table.rows = entries.map { entry in
      [
        entry.cell.path, entry.note.reason, entry.origin, "\(entry.note.expires)",
        "\(today.days(until: entry.note.expires))", entry.note.link,
      ]
    }
    let none = "there are no known failures"
    let text =
      switch format.format {
      case .text: entries.isEmpty ? none : table.text
      case .markdown: entries.isEmpty ? none : table.markdown
      case .json:
        try JSON.array(
          entries.map { entry in
            [
              "part": .string(entry.cell.suite), "law": .string(entry.cell.law.name),
              "dtype": .string(entry.cell.dtype), "reason": .string(entry.note.reason),
              "link": .string(entry.note.link), "expires": .string("\(entry.note.expires)"),
              "daysLeft": .integer(today.days(until: entry.note.expires)),
              "origin": .string(entry.origin),
            ]
          }
        ).text(.pretty)
      }
    Session.current.console.print(text)
  }
}
