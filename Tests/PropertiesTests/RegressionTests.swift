import Foundation
import Testing

@testable import Properties

/// A folder of its own for a test, gone afterwards.
private final class Folder {
  let path = NSTemporaryDirectory() + "regressions-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A profile that stores failures here.
  func profile(writes: Bool = true) -> Profile {
    var profile = Profile(.ci)
    profile.regressions = path
    profile.writesRegressions = writes
    return profile
  }

  func file(_ cell: CellID) -> RegressionFile { RegressionFile(folder: path, cell: cell) }
}

@Suite struct `stored failures` {
  private let cell = CellID("attention nystrom", "segment-exact", variant: "f64", code: "NYS2")
  private let gen = Gen.int(0...1_000_000)

  private func find(_ profile: Profile, limit: Int = 1000) -> CellReport {
    check(cell, gen, profile: profile) { $1.expect($0 < limit, label: "limit") }
  }

  @Test func `a failure is stored in the file of its part and law, as small as it became`() throws {
    let folder = Folder()
    #expect(find(folder.profile()).failure?.printed == "1000")
    #expect(folder.file(cell).path.hasSuffix("/attention-nystrom/segment-exact.json"))
    let entries = try folder.file(cell).read()
    #expect(entries.map(\.printed) == ["1000"])
    #expect(entries.first?.origin == "NYS2/limit" && entries.first?.dtype == "f64")
    #expect(entries.first?.generatorHash.count == 16)
  }

  @Test func `a stored failure is run before anything else and still fails`() {
    let folder = Folder()
    _ = find(folder.profile())
    var seen: [Int] = []
    let report = check(cell, gen, profile: folder.profile()) {
      seen.append($0)
      $1.expect($0 < 1000, label: "limit")
    }
    #expect(report.verdict == .failed(.falsified) && seen == [1000])
  }

  @Test func `a fixed failure stays as a test outside of the budget`() throws {
    let folder = Folder()
    _ = find(folder.profile())
    var seen: [Int] = []
    let report = check(cell, gen, profile: folder.profile()) {
      seen.append($0)
      $1.expect($0 <= 1_000_000)
    }
    #expect(report.isPassed && report.trials == 100)
    #expect(seen.count == 101 && seen.first == 1000)
    #expect(try folder.file(cell).read().count == 1)
  }

  @Test func `a stored failure that no longer fits the generator is stale and shows its input`() {
    let folder = Folder()
    _ = find(folder.profile())
    let report = check(cell, .int(0...9), profile: folder.profile()) { $1.expect($0 < 1000) }
    #expect(report.verdict == .failed(.stale))
    #expect(report.reason?.contains("its input was 1000") == true)
  }

  @Test(arguments: ["", "{}", "[{\"choices\": 1}]", "[", "null"])
  func `a damaged file is stale and named`(content: String) throws {
    let folder = Folder()
    _ = find(folder.profile())
    try Data(content.utf8).write(to: URL(fileURLWithPath: folder.file(cell).path))
    let report = check(cell, gen, profile: folder.profile()) { $1.compared() }
    #expect(report.verdict == .failed(.stale))
    #expect(report.reason?.contains("segment-exact.json") == true)
  }

  @Test func `other variants of a law share the file and leave each other alone`() throws {
    let folder = Folder()
    _ = find(folder.profile())
    let other = CellID("attention nystrom", "segment-exact", variant: "f32")
    let report = check(other, gen, profile: folder.profile()) { $1.expect($0 < 50) }
    #expect(report.failure?.printed == "50")
    #expect(try folder.file(cell).read().map(\.dtype) == ["f64", "f32"])
  }

  @Test func `a profile that does not write stores nothing, and still reads`() throws {
    let folder = Folder()
    _ = find(folder.profile(writes: false))
    #expect(try folder.file(cell).read().isEmpty)
    _ = find(folder.profile())
    #expect(find(folder.profile(writes: false)).trials == 0)
  }

  @Test func `names cannot leave the folder`() {
    let cell = CellID("../../etc", "a/b\\c:d")
    #expect(RegressionFile(folder: "r", cell: cell).path == "r/------etc/a-b-c-d.json")
  }
}

@Suite struct `failures` {
  @Test func `are shrunk, and the cost is reported`() {
    let report = check("failures/shrunk", .list(of: .int()), profile: Profile(.ci)) {
      $1.expect(Array($0.reversed()) == $0)
    }
    #expect(report.failure?.printed == "[0, 1]")
    #expect(report.failure?.shrink?.to == 5)
    #expect((report.failure?.shrink?.evaluations ?? 0) > 3)
    let again = replay("failures/shrunk", .list(of: .int()), blob: report.failure?.choices ?? "") {
      $1.expect(Array($0.reversed()) == $0)
    }
    #expect(again.failure?.printed == "[0, 1]")
  }

  @Test func `are not shrunk under the profile for faults`() {
    let report = check("failures/unshrunk", .int(), profile: Profile(.faults)) {
      $1.expect($0 < 1000)
    }
    #expect(report.failure != nil && report.failure?.shrink == nil)
  }

  @Test func `of another origin are kept apart and shrunk as well`() {
    let report = check("failures/origins", .int(0...1_000_000), profile: Profile(.ci)) {
      $1.expect($0 < 5000, label: "large")
      $1.expect($0 < 40, label: "small")
    }
    let all = [report.failure].compactMap { $0 } + report.otherFailures
    let found = Dictionary(uniqueKeysWithValues: all.map { ($0.origin.assertion, $0.printed) })
    #expect(found["large"] == "5000")
    #expect(found["small"] == "40" || found["small"] == nil)
    #expect(report.otherFailures.count <= 3)
  }

  @Test func `do not slip from one origin to another`() throws {
    // Small numbers fail elsewhere; the answer must keep the origin of the first failure.
    let report = check("failures/slip", .int(100...1_000_000), examples: [], profile: Profile(.ci))
    {
      try $1.assume($0 != 100)
      $1.expect($0 < 3000, label: "first")
      if $0.isMultiple(of: 2) { $1.fail(label: "second", "even") }
    }
    let failure = try #require(report.failure)
    #expect(failure.printed == (failure.origin.assertion == "first" ? "3000" : "102"))
  }

  @Test func `say which parts may be anything`() {
    var profile = Profile(.ci)
    profile.explains = true
    let gen = Gen.zip(Gen.int(0...1000), .bool(), .int(0...9), .tensor([2, 2]))
    let report = check("failures/explained", gen, profile: profile) { value, trial in
      trial.expect(value.0 < 50)
    }
    let lines = report.failure?.explanation ?? []
    #expect(lines.count == 3, "\(lines)")
    #expect(
      lines.first?.contains("bool") == true && lines.last?.contains("any other tensor") == true)
    let entry = check("failures/entry", .tensor([2, 2]), profile: profile) { recipe, trial in
      trial.expect(recipe.values()[0] < 1)
    }
    #expect(entry.failure?.printed == "zeros(2, 2) with [0,0] = 1")
    let entryLines = entry.failure?.explanation ?? []
    #expect(entryLines.contains { $0.contains("only [[0, 0]] may not") }, "\(entryLines)")
    #expect(entryLines.contains { $0.contains("along axis 0, [1] or") }, "\(entryLines)")
  }
}
