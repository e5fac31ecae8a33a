import Foundation
import Properties
import Testing

/// Checks that prove nothing, through the public interface only: each fails and gives the reason.
@Suite struct `sabotage` {
  private let profile = Profile(.ci)

  private func verdict(_ report: CellReport) -> FailureKind? {
    if case .failed(let kind) = report.verdict { kind } else { nil }
  }

  @Test func `a property that asserts nothing is vacuous`() {
    let report = check("sabotage/nothing", .list(of: .int()), profile: profile) { list, _ in
      _ = list.sorted() == list
    }
    #expect(verdict(report) == .vacuous)
  }

  @Test func `a property behind a condition that never holds is vacuous`() {
    let report = check("sabotage/never", .int(0...9), profile: profile) { number, trial in
      if number > 9 { trial.expect(false) }
    }
    #expect(verdict(report) == .vacuous)
  }

  @Test func `a generator that always rejects is unhealthy`() {
    let generator = Gen<Int>("nothing") { _ throws(Rejected) in throw Rejected() }
    let report = check("sabotage/rejects", generator, profile: profile) { $1.expect($0 == 0) }
    #expect(verdict(report) == .unhealthy)
  }

  @Test func `an option that the property never sees is undercovered`() {
    // Drawn, and lost on the way.
    let generator = Gen.zip(Gen.stratified("isCausal", [false, true]), .int(0...9)).map { $0.1 }
    let report = check("sabotage/dead option", generator, profile: profile) { number, trial in
      let isCausal = false
      trial.cover(atLeast: 3, "received isCausal", isCausal)
      trial.expect(number < 10)
    }
    #expect(verdict(report) == .undercovered)
    #expect(report.reason?.contains("'received isCausal' held in 0 of 100") == true)
  }

  @Test func `a property that depends on the clock or a counter is flaky`() {
    var runs = 0
    let report = check("sabotage/flaky", .int(0...1000), profile: profile) { number, trial in
      runs += 1
      trial.expect(runs != 20, label: "twentieth", "the twentieth run")
    }
    #expect(verdict(report) == .flaky)
    #expect(report.reason?.contains("first failed at flaky/twentieth") == true)
    #expect(report.reason?.contains("then passed") == true)
  }
}

/// Stored failures that somebody edited by hand.
@Suite struct `sabotage of stored failures` {
  private let cell: CellID = "sorting/small"
  private let folder = NSTemporaryDirectory() + "sabotage-\(UUID().uuidString)"

  private var profile: Profile {
    var profile = Profile(.ci)
    profile.regressions = folder
    profile.writesRegressions = true
    return profile
  }

  private var file: URL { URL(fileURLWithPath: folder + "/sorting/small.json") }

  /// A check with two assertions, of which a stored failure violates one.
  private func run(limit: Int = 40, label: String = "limit") -> CellReport {
    check(cell, .int(0...1_000_000), profile: profile) { number, trial in
      trial.expect(number < limit, label: label)
    }
  }

  /// Stores the failure 40, and lets the file be edited.
  private func edited(_ edit: (inout [Regression]) -> Void) throws {
    _ = run()
    var entries = try Regression.list(parsing: Array(Data(contentsOf: file)))
    #expect(entries.map(\.printed) == ["40"])
    edit(&entries)
    try Data(Regression.text(entries).utf8).write(to: file)
  }

  private func cleanUp() { try? FileManager.default.removeItem(atPath: folder) }

  @Test func `edited choices are stale`() throws {
    defer { cleanUp() }
    try edited { entries in
      let choices = entries[0].choices
      entries[0].choices =
        String(choices.dropLast(4)) + (choices.hasSuffix("AAAA") ? "BBBB" : "AAAA")
    }
    let report = run(limit: .max)
    #expect(report.verdict == .failed(.stale))
    #expect(report.reason?.contains("damaged") == true)
    #expect(report.reason?.contains("its input was 40") == true)
  }

  @Test func `choices of another check are stale, or are run if they fit`() throws {
    defer { cleanUp() }
    let other = check("other/check", .list(of: .bool()), profile: Profile(.ci)) { list, trial in
      trial.expect(list.count < 2)
    }
    let choices = try #require(other.failure).choices
    try edited { $0[0].choices = choices }
    #expect(run(limit: .max).verdict == .failed(.stale))
  }

  @Test func `an edited hash of the generator is stale`() throws {
    defer { cleanUp() }
    try edited { $0[0].generatorHash = "0123456789abcdef" }
    let report = run(limit: .max)
    #expect(report.verdict == .failed(.stale))
    #expect(report.reason?.contains("its generatorHash is 0123456789abcdef") == true)
  }

  @Test(arguments: ["", "[", "{}", "null", "[{\"choices\": \"AQ\"}]"])
  func `a file that is not a list of failures is stale`(text: String) throws {
    defer { cleanUp() }
    try edited { _ in }
    try Data(text.utf8).write(to: file)
    let report = run(limit: .max)
    #expect(report.verdict == .failed(.stale))
    #expect(report.reason?.contains("small.json") == true)
  }

  @Test func `an entry of another origin fails, and both origins are named`() throws {
    defer { cleanUp() }
    try edited { $0[0].origin = "small/elsewhere" }
    let report = run()
    #expect(report.verdict == .failed(.falsified))
    #expect(
      report.reason?.contains("stored at small/elsewhere is one at small/limit") == true)
  }

  @Test func `a fixed entry stays as a test and does not fail`() throws {
    defer { cleanUp() }
    try edited { _ in }
    #expect(run(limit: .max).isPassed)
  }

  @Test func `a folder that cannot be written is reported`() throws {
    defer { cleanUp() }
    // A file stands where the folder should be.
    try Data().write(to: URL(fileURLWithPath: folder))
    let report = run()
    #expect(report.verdict == .failed(.stale) || report.failure?.notes.isEmpty == false)
    #expect(report.summary.contains("sorting"))
  }
}
