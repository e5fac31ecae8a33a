internal import ArgumentParser
internal import Catalogue
internal import Conformance
internal import JSON
internal import Parts
internal import Reporting
internal import Torch

/// Lists parts, or the cells in which they are judged.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the registered parts, or the cells that judge them.")

  @OptionGroup var selection: SelectionOptions
  @Flag(help: "List every cell: a part, a law and a type, and whether the law applies.")
  var cells = false
  @OptionGroup var format: FormatOption

  func run() throws {
    let kit = try Session.usableKit()
    let console = Session.current.console
    if cells {
      let rows = try selection.cells(of: kit).map { try CellRow($0, kit) }
      console.print(try CellRow.written(rows, as: format.format))
    } else {
      let rows = try selection.entries(of: kit).map { PartRow($0, kit) }
      console.print(try PartRow.written(rows, as: format.format))
    }
  }
}

/// A part in a list.
private struct PartRow {
  let entry: PartEntry
  let file: String
  let claims: Claims?
  let tags: [String]

  init(_ entry: PartEntry, _ kit: Kit) {
    self.entry = entry
    file = kit.shortened(entry.filePath)
    claims = try? entry.claims(for: entry.sample)
    tags = kit.claimWords(entry)
  }

  private var json: JSON {
    [
      "kind": .string(entry.kind.rawValue), "name": .string(entry.name),
      "config": .string(entry.configName), "summary": .string(entry.summary),
      "file": .string(file), "line": .integer(entry.line),
      "tags": .array(tags.map { .string($0) }),
    ]
  }

  static func written(_ rows: [PartRow], as format: ResultFormat) throws -> String {
    switch format {
    case .json: return try JSON.array(rows.map(\.json)).text(.pretty)
    case .text:
      var table = Table(["kind", "name", "summary"])
      table.rows = rows.map { [$0.entry.kind.rawValue, $0.entry.name, $0.entry.summary] }
      return table.text
    case .markdown:
      var table = Table(["kind", "name", "summary", "causal", "masks", "lengths", "memory"])
      table.rows = rows.map { row in
        [
          row.entry.kind.rawValue, "`\(row.entry.name)`", row.entry.summary,
          row.claims?.causal.rawValue ?? "", row.claims.map { $0.maskList } ?? "",
          row.claims?.sequence.phrase ?? "", row.claims?.memoryPhrase ?? "",
        ]
      }
      return table.markdown
    }
  }
}

/// A cell in a list.
private struct CellRow {
  let cell: Cell
  /// Why the law does not apply; nil if it does.
  let reason: String?

  init(_ cell: Cell, _ kit: Kit) throws {
    self.cell = cell
    reason = try kit.reasonNotToApply(cell)
  }

  private var json: JSON {
    [
      "kind": .string(cell.kind.rawValue), "part": .string(cell.part),
      "law": .string(cell.law.name), "code": .string(cell.law.code),
      "family": .string(cell.law.family.rawValue), "dtype": .string(cell.dtype),
      "tags": .array(cell.law.tags.map { .string($0.rawValue) }),
      "applies": .bool(reason == nil), "reason": reason.map { .string($0) } ?? .null,
    ]
  }

  private var phrase: String { reason.map { "not applicable: \($0)" } ?? "applies" }

  static func written(_ rows: [CellRow], as format: ResultFormat) throws -> String {
    var table = Table(["part", "code", "law", "type", "verdict"])
    table.rows = rows.map { row in
      [row.cell.suite, row.cell.law.code, row.cell.law.name, row.cell.dtype, row.phrase]
    }
    let applicable = rows.count { $0.reason == nil }
    let count = "\(rows.count) cells, of which \(applicable) apply"
    return switch format {
    case .json: try JSON.array(rows.map(\.json)).text(.pretty)
    case .text: table.text + "\n\n" + count
    case .markdown: table.markdown + "\n\n" + count
    }
  }
}
