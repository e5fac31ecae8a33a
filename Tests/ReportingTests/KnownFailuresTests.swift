import Catalogue
import Foundation
import Reporting
import Testing

@Suite struct `known failures` {
  private static let cells = [
    Sample.cell("nystrom", .oracle, "f16"), Sample.cell("nystrom", .oracle, "f64"),
    Sample.cell("nystrom", .causality), Sample.cell("local", .emptyRow),
  ]

  private static let entry: [String: any Sendable] = [
    "part": "attention nystrom", "law": "oracle", "dtype": "f16",
    "reason": "inverse in half precision", "link": "https://example.org/7",
    "expires": "2027-01-31", "counterexample": "AbC_-9", "origin": "U02/0",
  ]

  private func read(
    _ entries: [[String: any Sendable]], notApplicable: [String: String] = [:]
  ) throws -> KnownFailures {
    try KnownFailures(
      json: JSONSerialization.data(withJSONObject: entries), cells: Self.cells,
      notApplicable: notApplicable, today: Sample.today)
  }

  private func problems(
    _ entries: [[String: any Sendable]], notApplicable: [String: String] = [:]
  ) throws -> [String] {
    let error = #expect(throws: KnownFailuresError.self) {
      try read(entries, notApplicable: notApplicable)
    }
    #expect(error?.exitStatus == .stale)
    return error?.problems.map(\.description) ?? []
  }

  @Test func `an entry is found only by its cell`() throws {
    let known = try read([Self.entry])
    let entry = try #require(known.entry(for: Self.cells[0]))
    #expect(entry.note == Sample.note)
    #expect(entry.counterexample == "AbC_-9" && entry.origin == "U02/0")
    for cell in Self.cells.dropFirst() { #expect(known.entry(for: cell) == nil) }
    #expect(try read([]).entries.isEmpty)
  }

  @Test func `only a failure in the listed place is known`() throws {
    let entry = try #require(try read([Self.entry]).entry(for: Self.cells[0]))
    #expect(entry.judge(.fails(origin: "U02/0")) == .known(Sample.note))
    #expect(entry.judge(.fails(origin: "U02/1")) == .failed(.falsified))
    #expect(entry.judge(.passes) == .failed(.unexpectedPass))
    #expect(entry.judge(.undecodable) == .failed(.stale))
    #expect(entry.judge(.passes).exitStatus == .stale)
    #expect(entry.message(for: .fails(origin: "U02/1")).contains("now fails at U02/1"))
  }

  @Test(arguments: [
    "part", "law", "dtype", "reason", "link", "expires", "counterexample", "origin",
  ])
  func `every field is required, a text, and not empty`(field: String) throws {
    var entry = Self.entry
    entry[field] = nil
    #expect(try problems([entry]) == ["entry 1: \(field) is missing"])
    entry[field] = "  "
    #expect(try problems([entry]) == ["entry 1: \(field) is empty"])
    entry[field] = 7
    #expect(try problems([entry]) == ["entry 1: \(field) must be a string"])
    entry[field] = NSNull()
    #expect(try problems([entry]) == ["entry 1: \(field) must be a string"])
  }

  @Test(arguments: [
    (
      "part", "attention nystorm",
      "unknown part \"attention nystorm\", nearest is \"attention nystrom\""
    ),
    ("part", "nystrom", "unknown part \"nystrom\", nearest is \"attention nystrom\""),
    ("law", "orcale", "unknown law \"orcale\", nearest is \"oracle\""),
    ("law", "U02", "unknown law \"U02\""),
    ("law", "orac*", "unknown law \"orac*\", nearest is \"oracle\""),
    ("dtype", "f166", "unknown dtype \"f166\", nearest is \"f16\""),
    ("law", "causality", "there is no cell attention nystrom/causality f16"),
    ("link", "see above", "link is \"see above\", expected an http address"),
    ("link", "javascript:alert(1)", "link is \"javascript:alert(1)\", expected an http address"),
    ("counterexample", "a b", "counterexample is not base64url"),
    ("counterexample", "AbC+", "counterexample is not base64url"),
    ("counterexample", "AbCde", "counterexample is not base64url"),
    ("origin", "U12/0", "origin is \"U12/0\", an origin of oracle starts with \"U02/\""),
    ("expires", "soon", "expires is \"soon\", expected a day such as 2027-01-31"),
    ("expires", "2026-12-04", "expired on 2026-12-04, 1 day ago: fix it or review it"),
    (
      "expires", "2027-06-04",
      "expires on 2027-06-04, 181 days ahead; at most 180 are allowed, until 2027-06-03"
    ),
  ])
  func `a wrong word has its own error`(field: String, word: String, message: String) throws {
    var entry = Self.entry
    entry[field] = word
    let found = try problems([entry])
    #expect(found.count == 1 && found[0].hasPrefix("entry 1: \(message)"), "\(found)")
  }

  @Test(arguments: ["2026-12-05", "2027-06-03"])
  func `the first and the last day allowed are allowed`(day: String) throws {
    var entry = Self.entry
    entry["expires"] = day
    #expect(try read([entry]).entries.count == 1)
  }

  @Test func `duplicates, unknown fields and cells that do not apply are errors`() throws {
    #expect(
      try problems([Self.entry, Self.entry]) == [
        "entry 2: attention nystrom/oracle f16 is already listed in entry 1"
      ])
    var entry = Self.entry
    entry["expire"] = "2027-01-31"
    #expect(try problems([entry]) == ["entry 1: unknown field \"expire\", nearest is \"expires\""])
    let why = ["attention nystrom/oracle f16": "dtype f16 is not claimed"]
    #expect(
      try problems([Self.entry], notApplicable: why) == [
        "entry 1: attention nystrom/oracle f16 is not applicable (dtype f16 is not claimed), "
          + "so it cannot fail"
      ])
  }

  @Test func `all problems are reported at once`() throws {
    var first = Self.entry
    first["expires"] = "2020-01-01"
    first["link"] = "none"
    var second = Self.entry
    second["dtype"] = "f63"
    #expect(try problems([first, second]).count == 3)
  }

  @Test(arguments: ["", "{}", "[1]", "[", "[[]]", "\"x\""])
  func `a file of another shape is refused`(text: String) {
    let error = #expect(throws: KnownFailuresError.self) {
      try KnownFailures(
        json: Data(text.utf8), cells: Self.cells, notApplicable: [:], today: Sample.today)
    }
    #expect(error?.exitStatus == .stale)
    #expect(error?.description.hasPrefix("known-failures.json: ") == true)
  }

  @Test func `a missing file means no known failures, an unreadable one is an error`() throws {
    let folder = try Sample.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let absent = folder.appendingPathComponent("known-failures.json")
    #expect(
      try KnownFailures.load(from: absent, cells: Self.cells, notApplicable: [:]).entries.isEmpty)
    let error = #expect(throws: KnownFailuresError.self) {
      try KnownFailures.load(from: folder, cells: Self.cells, notApplicable: [:])
    }
    #expect(error?.exitStatus == .commandFailed)
  }
}
