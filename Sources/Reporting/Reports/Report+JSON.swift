public import Foundation
internal import JSON

extension Report {
  /// The report as JSON, format 1: a line for each member and each cell, keys in a fixed order.
  public var json: String {
    let members: JSONObject = [
      "format": .integer(Report.format),
      "profile": .string(run.profile),
      "seed": Int(exactly: run.seed).map { .integer($0) } ?? .string(String(run.seed)),
      "selection": .optional(run.selection),
      "swift": .string(run.swift),
      "torch": .string(run.torch),
      "device": .string(run.device),
      "unfinished": .optional(unfinished),
      "totals": totals.json,
      "registryHash": .string(run.registryHash),
      "fixtureHashes": .sorted(run.fixtureHashes) { .string($0) },
    ]
    var text = "{\n"
    for (key, value) in members { text += "  \"\(key)\": \(value),\n" }
    text += "  \"cells\": ["
    for (index, cell) in cells.enumerated() {
      text += (index > 0 ? ",\n    " : "\n    ") + cell.json.description
    }
    return text + (cells.isEmpty ? "]\n}\n" : "\n  ]\n}\n")
  }

  /// Reads a report back and checks it: counts must add up, no cell may occur twice, and a pass must
  /// have compared something.
  ///
  /// - Throws: ``ReportError`` that names what is wrong and where.
  public init(json: Data) throws(ReportError) {
    self = try reading { try Report(JSONPlace(JSON(parsing: json))) }
  }

  private init(_ file: JSONPlace) throws {
    // Another format may differ in everything else, so its number is checked first.
    let format = try file.member("format").int
    guard format == Report.format else { throw ReportError.format(format) }
    let seed = try file.member("seed")
    // Numbers are read as Int, so a larger seed is a string.
    guard let number = try UInt64(seed.value.string ?? "\(seed.int)") else {
      throw ReportError.malformed("seed is \(seed.value), expected a whole number of 0 or more")
    }
    let hashes = try file.member("fixtureHashes")
    let stated = try file.member("totals")
    try self.init(
      run: RunDescription(
        profile: try file.member("profile").string, seed: number,
        selection: try file.optional("selection")?.string,
        swift: try file.member("swift").string, torch: try file.member("torch").string,
        device: try file.member("device").string,
        registryHash: try file.member("registryHash").string,
        fixtureHashes: try Dictionary(
          uniqueKeysWithValues: hashes.object.keys.map { ($0, try hashes.member($0).string) })),
      expectedCount: try stated.member("expected").int,
      cells: try file.member("cells").elements.map(CellResult.init),
      unfinished: try file.optional("unfinished")?.string)
    for (name, count) in totals.counts {
      guard try stated.member(name).int != count else { continue }
      throw ReportError.inconsistent("totals are \(stated.value), the cells give \(totals.json)")
    }
  }
}

/// Runs a reader of a report or its journal, and turns every error into a ``ReportError``.
func reading<Value>(_ body: () throws -> Value) throws(ReportError) -> Value {
  do {
    return try body()
  } catch let error as ReportError {
    throw error
  } catch {
    throw .malformed("\(error)")
  }
}

extension ReportTotals {
  fileprivate var counts: [(String, Int)] {
    [
      ("expected", expected), ("ran", ran), ("passed", passed), ("failed", failed),
      ("known", known), ("notApplicable", notApplicable), ("notRun", notRun),
      ("missing", missing),
    ]
  }

  fileprivate var json: JSON { .object(JSONObject(counts.map { ($0, .integer($1)) })) }
}
