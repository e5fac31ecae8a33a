internal import Catalogue
public import Foundation
internal import JSON
internal import Support

extension KnownFailures {
  /// Reads the text of `known-failures.json`: an array of objects in which every field is required.
  ///
  /// - `cells`: every cell of the registry, selected or not.
  /// - `notApplicable`: why a cell's law does not apply to its part, by the path of the cell.
  /// - `today`: the day that expiry days are compared with.
  /// - Throws: ``KnownFailuresError`` with every problem in the text.
  public init(
    json: Data, cells: [Cell], notApplicable: [String: String], today: CalendarDay
  ) throws(KnownFailuresError) {
    let list: [JSON]
    do throws(JSONError) {
      guard let array = try JSON(parsing: json).array else {
        throw JSONError("expected an array of entries")
      }
      list = array
    } catch {
      throw KnownFailuresError(problems: [.init(entry: nil, text: "\(error)")])
    }
    var reader = EntryReader(registry: RegistryWords(cells), notApplicable: notApplicable)
    for (index, value) in list.enumerated() {
      reader.read(value, number: index + 1, today: today)
    }
    guard reader.problems.isEmpty else {
      throw KnownFailuresError(problems: reader.problems)
    }
    self.init(reader.entries)
  }
}

/// The words of the registry's cells, for lookup and suggestions.
private struct RegistryWords {
  let cells: [String: Cell]
  let suites: Set<String>
  let laws: Set<String>
  let dtypes: Set<String>

  init(_ list: [Cell]) {
    cells = Dictionary(list.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    suites = Set(list.map(\.suite))
    laws = Set(list.map(\.law.name))
    dtypes = Set(list.map(\.dtype))
  }
}

private struct EntryReader {
  let registry: RegistryWords
  let notApplicable: [String: String]
  private(set) var entries: [KnownFailures.Entry] = []
  private(set) var problems: [KnownFailuresError.Problem] = []
  private var firstNumber: [String: Int] = [:]

  private static let fields = [
    "part", "law", "dtype", "reason", "link", "expires", "counterexample", "origin",
  ]

  init(registry: RegistryWords, notApplicable: [String: String]) {
    self.registry = registry
    self.notApplicable = notApplicable
  }

  mutating func read(_ value: JSON, number: Int, today: CalendarDay) {
    func problem(_ text: String) {
      problems.append(.init(entry: number, text: text))
    }
    guard let object = value.object else {
      return problem("expected an object with \(Self.fields.joined(separator: ", "))")
    }
    for key in object.keys.sorted() where !Self.fields.contains(key) {
      problem("unknown field \"\(key)\"" + hint(key, Self.fields))
    }
    var words: [String: String] = [:]
    for field in Self.fields {
      switch object[field] {
      case nil: problem("\(field) is missing")
      case .string(let word) where !word.allSatisfy(\.isWhitespace): words[field] = word
      case .string: problem("\(field) is empty")
      default: problem("\(field) must be a string")
      }
    }
    let day = words["expires"].flatMap { term($0, number, today) }
    if let link = words["link"], !isWebAddress(link) {
      problem("link is \"\(link)\", expected an http address")
    }
    if let choices = words["counterexample"], !isBase64URL(choices) {
      problem("counterexample is not base64url")
    }
    guard let cell = cell(words, number) else { return }
    if let origin = words["origin"], !origin.hasPrefix(cell.law.code + "/") {
      problem(
        "origin is \"\(origin)\", an origin of \(cell.law.name) starts with \"\(cell.law.code)/\"")
    }
    if let first = firstNumber[cell.path] {
      problem("\(cell) is already listed in entry \(first)")
    } else {
      firstNumber[cell.path] = number
    }
    if let why = notApplicable[cell.path] {
      problem("\(cell) is not applicable (\(why)), so it cannot fail")
    }
    guard let day, let reason = words["reason"], let link = words["link"],
      let counterexample = words["counterexample"], let origin = words["origin"]
    else { return }
    entries.append(
      KnownFailures.Entry(
        cell: cell, note: KnownNote(reason: reason, link: link, expires: day),
        counterexample: counterexample, origin: origin))
  }

  private mutating func term(_ text: String, _ number: Int, _ today: CalendarDay) -> CalendarDay? {
    guard let day = CalendarDay(text) else {
      problems.append(
        .init(entry: number, text: "expires is \"\(text)\", expected a day such as 2027-01-31"))
      return nil
    }
    let left = today.days(until: day)
    if left < 0 {
      problems.append(
        .init(
          entry: number,
          text: "expired on \(day), \(counted(-left, "day")) ago: fix it or review it"))
    } else if left > KnownFailures.longestTerm {
      let latest = today.advanced(by: KnownFailures.longestTerm)
      problems.append(
        .init(
          entry: number,
          text: "expires on \(day), \(left) days ahead; at most \(KnownFailures.longestTerm) "
            + "are allowed, until \(latest)"))
    }
    return day
  }

  /// The cell that an entry names; reports what is wrong with a name that fits no cell.
  private mutating func cell(_ words: [String: String], _ number: Int) -> Cell? {
    guard let part = words["part"], let law = words["law"], let dtype = words["dtype"] else {
      return nil
    }
    if let cell = registry.cells["\(part)/\(law) \(dtype)"] { return cell }
    var texts: [String] = []
    for (field, word, known) in [
      ("part", part, registry.suites), ("law", law, registry.laws),
      ("dtype", dtype, registry.dtypes),
    ] where !known.contains(word) {
      texts.append("unknown \(field) \"\(word)\"" + hint(word, known))
    }
    if texts.isEmpty { texts = ["there is no cell \(part)/\(law) \(dtype)"] }
    problems += texts.map { .init(entry: number, text: $0) }
    return nil
  }

  private func hint(_ word: String, _ known: some Sequence<String>) -> String {
    let near = nearest(word, among: known) ?? known.filter { $0.hasSuffix(" \(word)") }.min()
    return near.map { ", nearest is \"\($0)\"" } ?? ""
  }
}

private func isWebAddress(_ text: String) -> Bool {
  guard let url = URL(string: text), let scheme = url.scheme?.lowercased() else { return false }
  return ["http", "https"].contains(scheme) && url.host?.isEmpty == false
}

private func isBase64URL(_ text: String) -> Bool {
  let digits = text.utf8.prefix { $0 != UInt8(ascii: "=") }
  let padding = text.utf8.count - digits.count
  let isDigit: (UInt8) -> Bool = { byte in
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
  return !digits.isEmpty && digits.allSatisfy(isDigit) && digits.count % 4 != 1
    && text.utf8.dropFirst(digits.count).allSatisfy { $0 == UInt8(ascii: "=") }
    && (padding == 0 || (padding < 3 && text.utf8.count % 4 == 0))
}
