internal import ArgumentParser
internal import Codegen
internal import Conformance
internal import Foundation
internal import JSON
internal import Parts
internal import Reporting
internal import Torch

/// Shows that the laws reject what is wrong.
struct FaultsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "faults",
    abstract: "Put faults into the parts and see that the laws reject them.",
    discussion: """
      Faults are wrong lines, kept as data in Faults/KIND-PART.faults. They are folded into a copy \
      of the package in \(FaultBuild.scratch), as switches of which one process turns on one.
      """,
    subcommands: [FaultsListCommand.self, FaultsCheckCommand.self, FaultsRunCommand.self])
}

/// Lists the faults, and how much of the sources they reach.
struct FaultsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the faults, the laws that must reject them and how much of the code they reach."
  )

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let session = Session.current
    let kit = try Session.packageKit()
    let parts = Set(try selection.cells(of: kit).map(\.suite))
    let book = try FaultBook(kit)
    let rows = book.rows.filter { parts.contains($0.part) }
    guard !rows.isEmpty else {
      throw CommandFailure(.nothingSelected, "no fault sits in the selected parts")
    }
    let reach = try book.reach(of: kit)
    let text =
      switch format.format {
      case .text: [faultTable(rows).text, reachTable(reach).text].joined(separator: "\n\n")
      case .markdown:
        [faultTable(rows).markdown, reachTable(reach).markdown].joined(separator: "\n\n")
      case .json: try json(rows, reach).text(.pretty)
      }
    session.console.print(text)
  }

  private func faultTable(_ rows: [FaultRow]) -> Table {
    var table = Table(["fault", "part", "what is wrong", "rejected by", "imitates"])
    table.rows = rows.map { row in
      [
        row.name, row.part, row.wrong,
        row.isControl
          ? "no law: nothing is wrong"
          : row.entry.survives.map { "no law yet: \($0)" }
            ?? row.killers.joined(separator: " "),
        row.entry.imitates ?? "",
      ]
    }
    return table
  }

  private func reachTable(_ reach: [(path: String, reach: FoldedFile.Reach)]) -> Table {
    var table = Table(["file", "lines of code", "changed by a fault", "bodies", "with a fault"])
    var sum = FoldedFile.Reach()
    table.rows = reach.map { path, reach in
      sum.lines += reach.lines
      sum.changed += reach.changed
      sum.bodies += reach.bodies
      sum.faulty += reach.faulty
      return [path, "\(reach.lines)", "\(reach.changed)", "\(reach.bodies)", "\(reach.faulty)"]
    }
    table.rows.append(
      ["in all", "\(sum.lines)", "\(sum.changed)", "\(sum.bodies)", "\(sum.faulty)"])
    return table
  }

  private func json(_ rows: [FaultRow], _ reach: [(path: String, reach: FoldedFile.Reach)]) -> JSON
  {
    [
      "faults": .array(
        rows.map { row in
          [
            "name": .string(row.name), "part": .string(row.part), "wrong": .string(row.wrong),
            "rejectedBy": .array(row.killers.map { .string($0) }), "control": .bool(row.isControl),
            "survives": row.entry.survives.map { .string($0) } ?? .null,
            "imitates": row.entry.imitates.map { .string($0) } ?? .null,
            "place": .string("\(row.entry.path):\(row.entry.line)"),
          ]
        }),
      "files": .array(
        reach.map { path, reach in
          [
            "path": .string(path), "lines": .integer(reach.lines),
            "changed": .integer(reach.changed), "bodies": .integer(reach.bodies),
            "withFault": .integer(reach.faulty),
          ]
        }),
    ]
  }
}

extension FaultBook {
  /// How much faults reach of each source file of the modules that register parts.
  func reach(of kit: Kit) throws -> [(path: String, reach: FoldedFile.Reach)] {
    let modules = Set(
      kit.registry.entries.map { String($0.fileID.prefix { $0 != "/" }) }
    ).map { "Sources/\($0)" }
    var found: [(path: String, reach: FoldedFile.Reach)] = []
    for module in modules.sorted() {
      let folder = root.appendingPathComponent(module).path
      for case let path as String in FileManager.default.enumerator(atPath: folder) ?? .init()
      where path.hasSuffix(".swift") {
        let file = "\(module)/\(path)"
        let text = try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
        let reach = try folded[file]?.reach ?? FoldedFile(text, path: file, entries: []).reach
        found.append((file, reach))
      }
    }
    return found.sorted { $0.path < $1.path }
  }
}

/// Folds the faults in and builds them, without judging anything.
struct FaultsCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Fold all faults into a copy and build it, without judging.")

  func run() async throws {
    let session = Session.current
    let book = try FaultBook(Session.packageKit())
    _ = try await session.interruption.cancelling { try await FaultBuild(session, book) }
    session.console.print("\(book.rows.count) faults fold in and compile")
  }
}
