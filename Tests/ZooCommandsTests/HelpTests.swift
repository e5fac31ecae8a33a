import ArgumentParser
import Conformance
import Foundation
import Reporting
import Testing

@testable import ZooCommands

@Suite struct `the command line` {
  @Test func `the help of every command is what was reviewed`() throws {
    let text = Self.pages(of: ZooCommand.self, path: "zoo").joined(separator: "\n")
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Snapshots/help.txt")
    if ProcessInfo.processInfo.environment["ZOO_RECORD_HELP"] == "1" {
      try Data(text.utf8).write(to: file)
      Issue.record("the help was recorded: review it, and run without ZOO_RECORD_HELP")
    }
    let reviewed = try String(contentsOf: file, encoding: .utf8)
    let changed = zip(
      text.split(separator: "\n", omittingEmptySubsequences: false),
      reviewed.split(separator: "\n", omittingEmptySubsequences: false)
    ).first { $0 != $1 }
    #expect(
      text == reviewed,
      """
      first different line: \(changed.map { "\($0.0)" } ?? "at the end"); ZOO_RECORD_HELP=1 \
      swift test --filter 'the help of every command' records it
      """)
  }

  private static func pages(
    of command: any ParsableCommand.Type, path: String
  ) -> [String] {
    guard command.configuration.shouldDisplay else { return [] }
    let own = "# \(path)\n" + ZooCommand.helpMessage(for: command, columns: 80) + "\n"
    return [own]
      + command.configuration.subcommands.flatMap { sub in
        pages(of: sub, path: "\(path) \(sub.configuration.commandName ?? "?")")
      }
  }

  @Test(arguments: [[], ["--help"], ["help", "check"], ["--version"], ["exit-codes"]])
  func `help and version are results`(arguments: [String]) async throws {
    let record = ConsoleRecord()
    let package = try Package()
    let session = Session(kit: package.kit, console: record.console, executable: nil)
    #expect(await Zoo.run(arguments, in: session) == 0)
    #expect(!record.output.isEmpty)
    #expect(record.errors.isEmpty)
  }

  @Test(arguments: [
    ["bogus"], ["list", "--bogus"], ["describe", "attention"], ["describe", "atention", "local"],
    ["check", "--profile", "fast"], ["check", "--trials", "0"], ["check", "--replay", "x"],
    ["list", "-k", "local and"], ["list", "--format", "yaml"],
  ])
  func `wrong usage returns 64 and one error`(arguments: [String]) async throws {
    let record = ConsoleRecord()
    let package = try Package()
    let session = Session(kit: package.kit, console: record.console, executable: nil)
    #expect(await Zoo.run(arguments, in: session) == 64)
    #expect(record.output.isEmpty)
    #expect(record.errors.hasPrefix("error: "))
    #expect(record.errors.firstRange(of: "error:")?.lowerBound == record.errors.startIndex)
  }

  @Test func `every exit status has its line in the table`() {
    for status in ExitStatus.allCases.map(\.rawValue) {
      #expect(
        ExitCodesCommand.table.split(separator: "\n").contains {
          $0.trimmingPrefix(while: { $0 == " " }).hasPrefix("\(status)  ")
        })
    }
  }
}
