public import Foundation

extension Report {
  /// The report as JSON, format 1: one member a line, one cell a line, keys in a fixed order.
  public var json: String {
    let members: [(String, JSONText)] = [
      ("format", .integer(Report.format)),
      ("profile", .string(run.profile)),
      ("seed", .unsigned(run.seed)),
      ("selection", .optional(run.selection)),
      ("swift", .string(run.swift)),
      ("torch", .string(run.torch)),
      ("device", .string(run.device)),
      ("unfinished", .optional(unfinished)),
      ("totals", totals.jsonText),
      ("registryHash", .string(run.registryHash)),
      ("fixtureHashes", .sorted(run.fixtureHashes) { .string($0) }),
    ]
    var text = "{\n"
    for (key, value) in members { text += "  \"\(key)\": \(value.line),\n" }
    text += "  \"cells\": ["
    for (index, cell) in cells.enumerated() {
      text += (index > 0 ? ",\n    " : "\n    ") + cell.jsonText.line
    }
    return text + (cells.isEmpty ? "]\n}\n" : "\n  ]\n}\n")
  }

  /// Reads a report back and believes none of it: counts must add up, no cell may come twice, and
  /// a pass must have compared something.
  ///
  /// - Throws: ``ReportError`` that says where the text is wrong.
  public init(json: Data) throws(ReportError) {
    let file: ReportFile = try decodeReport(json)
    guard file.format == Report.format else { throw .format(file.format) }
    var cells: [CellResult] = []
    cells.reserveCapacity(file.cells.count)
    for (index, cell) in file.cells.enumerated() {
      cells.append(try cell.result(at: "cells[\(index)]"))
    }
    try self.init(
      run: RunDescription(
        profile: file.profile, seed: file.seed, selection: file.selection, swift: file.swift,
        torch: file.torch, device: file.device, registryHash: file.registryHash,
        fixtureHashes: file.fixtureHashes),
      expectedCount: file.totals.expected, cells: cells, unfinished: file.unfinished)
    let counted = totals.jsonText.line
    guard file.totals.jsonText.line == counted else {
      throw .inconsistent(
        "totals are \(file.totals.jsonText.line), the cells give \(counted)")
    }
  }
}

/// The members of a report as they are decoded, before they are believed.
private struct ReportFile: Decodable {
  let format: Int
  let profile: String
  let seed: UInt64
  let selection: String?
  let swift: String
  let torch: String
  let device: String
  let unfinished: String?
  let totals: TotalsFile
  let registryHash: String
  let fixtureHashes: [String: String]
  let cells: [CellFile]

  private enum CodingKeys: String, CodingKey {
    case format, profile, seed, selection, swift, torch, device, unfinished, totals, registryHash
    case fixtureHashes, cells
  }

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    format = try members.decode(Int.self, forKey: .format)
    // Another format may spell everything else differently: its number is all that is read.
    guard format == Report.format else {
      (profile, seed, selection, swift, torch, device) = ("", 0, nil, "", "", "")
      (unfinished, totals, registryHash) = (nil, TotalsFile(), "")
      (fixtureHashes, cells) = ([:], [])
      return
    }
    profile = try members.decode(String.self, forKey: .profile)
    seed = try members.decode(UInt64.self, forKey: .seed)
    selection = try members.decodeIfPresent(String.self, forKey: .selection)
    swift = try members.decode(String.self, forKey: .swift)
    torch = try members.decode(String.self, forKey: .torch)
    device = try members.decode(String.self, forKey: .device)
    unfinished = try members.decodeIfPresent(String.self, forKey: .unfinished)
    totals = try members.decode(TotalsFile.self, forKey: .totals)
    registryHash = try members.decode(String.self, forKey: .registryHash)
    fixtureHashes = try members.decode([String: String].self, forKey: .fixtureHashes)
    cells = try members.decode([CellFile].self, forKey: .cells)
  }
}

/// Decodes one value of a report or its journal, and says in our words what is wrong.
func decodeReport<Value: Decodable>(_ data: Data) throws(ReportError) -> Value {
  let decoder = JSONDecoder()
  decoder.nonConformingFloatDecodingStrategy = .convertFromString(
    positiveInfinity: JSONText.name(of: .infinity), negativeInfinity: JSONText.name(of: -.infinity),
    nan: JSONText.name(of: .nan))
  do {
    return try decoder.decode(Value.self, from: data)
  } catch let error as DecodingError {
    throw .malformed(describe(error))
  } catch {
    throw .malformed("\(error)")
  }
}

private func describe(_ error: DecodingError) -> String {
  func place(_ path: [any CodingKey]) -> String {
    var text = ""
    for key in path {
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    return text.isEmpty ? "the top level" : text
  }
  switch error {
  case .keyNotFound(let key, let context):
    return "\(place(context.codingPath + [key])) is missing"
  case .valueNotFound(let type, let context):
    return "\(place(context.codingPath)) is null, expected \(type)"
  case .typeMismatch(let type, let context):
    return "\(place(context.codingPath)) is not of type \(type)"
  case .dataCorrupted(let context):
    return context.codingPath.isEmpty
      ? "it is not JSON, or was cut off, or holds a number that is too large"
      : "\(place(context.codingPath)): \(context.debugDescription)"
  @unknown default:
    return "\(error)"
  }
}

extension ReportTotals {
  fileprivate var jsonText: JSONText {
    totalsText(
      [expected, ran, passed, failed, known, notApplicable, notRun, missing])
  }
}

extension TotalsFile {
  fileprivate var jsonText: JSONText {
    totalsText([expected, ran, passed, failed, known, notApplicable, notRun, missing])
  }
}

private func totalsText(_ counts: [Int]) -> JSONText {
  let names = [
    "expected", "ran", "passed", "failed", "known", "notApplicable", "notRun", "missing",
  ]
  return .object(zip(names, counts).map { (key: $0, value: .integer($1)) })
}

/// The totals as a report states them, to be compared with those its cells give.
private struct TotalsFile: Decodable {
  @WholeNumber var expected = 0
  @WholeNumber var ran = 0
  @WholeNumber var passed = 0
  @WholeNumber var failed = 0
  @WholeNumber var known = 0
  @WholeNumber var notApplicable = 0
  @WholeNumber var notRun = 0
  @WholeNumber var missing = 0
}

/// A count. Foundation's decoder calls the whole text corrupt when a number is a fraction or too
/// large for an integer; this says which number.
@propertyWrapper struct WholeNumber: Decodable {
  let wrappedValue: Int

  init(wrappedValue: Int) {
    self.wrappedValue = wrappedValue
  }

  init(from decoder: any Decoder) throws {
    let number = try decoder.singleValueContainer().decode(Double.self)
    guard let whole = Int(exactly: number) else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath, debugDescription: "\(number) is not a whole number"))
    }
    wrappedValue = whole
  }
}
