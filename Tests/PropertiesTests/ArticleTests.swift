import Foundation
import Properties
import Testing

/// The article that teaches the engine: its code is that of an example that is built and run, and
/// what it prints is what is printed.
@Suite struct `the article on checking a property` {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private let article: String
  private let example: String

  init() throws {
    func read(_ path: String) throws -> String {
      try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
    }
    article = try read("Sources/Properties/Properties.docc/Checking-a-property.md")
    let files = [
      "Package.swift", "Sources/Intervals/Merged.swift", "Tests/IntervalsTests/MergedTests.swift",
    ]
    example = try files.map { try read("Examples/Intervals/\($0)") }.joined(separator: "\n")
  }

  /// What stands between fences of a language.
  private func blocks(_ language: String) -> [String] {
    article.components(separatedBy: "```\(language)\n").dropFirst().map {
      $0.components(separatedBy: "\n```")[0]
    }
  }

  @Test func `shows code of the example, and one line that is wrong`() {
    let foreign = blocks("swift").filter { !example.contains($0) }
    #expect(foreign == ["      result[result.count - 1] = last.lowerBound...next.upperBound"])
    #expect(blocks("swift").count == 6)
  }

  @Test func `shows what a run prints`() throws {
    let interval = Gen<ClosedRange<Int>>("interval") { source throws(Rejected) in
      let start = try source.draw(.int(0...1000))
      return start...(start + (try source.draw(.int(0...100))))
    }
    let report = check(
      "intervals/keeps every number", .list(of: interval, count: 0...20), profile: Profile(.ci)
    ) { intervals, trial in
      let result = wronglyMerged(intervals)
      trial.note("merged: \(result)")
      for number in intervals.joined() {
        trial.expect(result.contains { $0.contains(number) }, "\(number) is lost")
      }
    }
    let failure = try #require(report.failure)
    #expect(article.contains("input:  \(failure.printed)\n"), "\(report.summary)")
    #expect(article.contains("note:   \(try #require(failure.notes.first))\n"))
    #expect(article.contains("\(failure.message)\n"))
  }
}

private func wronglyMerged(_ intervals: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
  var result: [ClosedRange<Int>] = []
  for next in intervals.sorted(by: { $0.lowerBound < $1.lowerBound }) {
    if let last = result.last, next.lowerBound <= last.upperBound {
      result[result.count - 1] = last.lowerBound...next.upperBound
    } else {
      result.append(next)
    }
  }
  return result
}
