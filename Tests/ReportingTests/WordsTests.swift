import Catalogue
import Foundation
import Reporting
import Testing

@Suite struct `cell names` {
  @Test func `a path reads back as its cell`() throws {
    for law in LawID.all {
      for kind in law.kinds {
        let cell = Cell(kind: kind, part: "scaled_dot_product", law: law, dtype: "bf16")
        #expect(try Cell(path: cell.path) == cell)
        #expect("\(cell)" == cell.path)
      }
    }
  }

  @Test func `the name of a part may contain spaces and slashes`() throws {
    let cell = Cell(kind: .multihead, part: "my a/b c", law: Self.outside, dtype: "f16")
    #expect(try Cell(path: cell.path, laws: [Self.outside]) == cell)
  }

  private static let outside = LawID("X1", "mine", kinds: [.multihead], .sharp, tags: [])

  @Test(arguments: [
    ("attention nystrom/causalty f64", "unknown law \"causalty\", nearest is \"causality\""),
    ("atention nystrom/causality f64", "unknown kind \"atention\", nearest is \"attention\""),
    ("attention nystrom/causality f65", "unknown dtype \"f65\", nearest is \"f64\""),
    (
      "feedforward mlp/causality f64",
      "the law causality does not apply to parts of kind feedforward"
    ),
    ("nystrom", "expected a cell such as \"attention nystrom/causality f64\", got \"nystrom\""),
    ("", "expected a cell such as \"attention nystrom/causality f64\", got \"\""),
    ("attention /causality f64", "expected a cell such as"),
    ("attention x f64/causality", "expected a cell such as"),
  ])
  func `the error for a wrong path names the wrong word`(path: String, message: String) {
    let error = #expect(throws: CellPathError.self) { try Cell(path: path) }
    #expect(error?.description.hasPrefix(message) == true)
  }
}

@Suite struct `calendar days` {
  @Test(arguments: [
    ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2024-12-31", 20_088),
    ("0001-01-01", -719_162), ("9999-12-31", 2_932_896),
  ])
  func `days are counted from 1970`(text: String, count: Int) {
    #expect(CalendarDay(text)?.daysSinceEpoch == count)
    #expect(CalendarDay(daysSinceEpoch: count).description == text)
  }

  @Test func `every day of eight centuries reads back`() {
    for count in -200_000...100_000 {
      let day = CalendarDay(daysSinceEpoch: count)
      guard CalendarDay(day.description) == day else {
        Issue.record("\(day) does not read back")
        return
      }
    }
  }

  @Test(arguments: [
    "2027-02-29", "2027-13-01", "2027-00-10", "2027-01-00", "2027-1-31", "31.01.2027", "",
    "2027-01-31 ", "２０２７-01-31", "2027/01/31", "+027-01-31",
  ])
  func `anything but a day is refused`(text: String) {
    #expect(CalendarDay(text) == nil)
  }

  @Test func `a moment belongs to its day in UTC`() {
    #expect(CalendarDay(Date(timeIntervalSince1970: 86_399)).description == "1970-01-01")
    #expect(CalendarDay(Date(timeIntervalSince1970: -1)).description == "1969-12-31")
  }
}

@Suite struct `exit statuses` {
  @Test(
    arguments: [
      ([], 0), ([0, 0], 0), ([2, 3], 2), ([3, 0], 3), ([1, 2, 3], 1), ([4, 1, 2], 4),
      ([5, 4, 1, 2, 3], 5), ([64, 5], 64), ([75, 0], 75), ([75, 3], 3), ([75, 2], 2),
      ([3, 75, 1], 1), ([2, 130], 130), ([143, 1], 143), ([64, 130], 64),
    ] as [([Int32], Int32)])
  func `several combine into the documented one`(all: [Int32], expected: Int32) {
    let statuses = all.compactMap(ExitStatus.init)
    #expect(statuses.count == all.count)
    #expect(ExitStatus.combined(statuses).rawValue == expected)
    #expect(ExitStatus.combined(statuses.reversed()).rawValue == expected)
  }

  @Test func `stale records and failures have different statuses`() {
    #expect(Verdict.failed(.stale).exitStatus == .stale)
    #expect(Verdict.failed(.unexpectedPass).exitStatus == .stale)
    for kind in FailureKind.allCases where kind != .stale && kind != .unexpectedPass {
      #expect(Verdict.failed(kind).exitStatus == .lawFailed)
    }
    #expect(Verdict.missing.exitStatus == .lawFailed)
    #expect(Verdict.notRun.exitStatus == .lawFailed)
    #expect(Verdict.known(Sample.note).exitStatus == .success)
  }
}
