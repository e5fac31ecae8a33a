import Properties
import PropertiesTesting
import Synchronization
import Testing

private struct Broken: Error {}

/// What the outermost handler of one test saw.
private enum Collected {
  static let issues = Mutex<[String]>([])
}

extension Trait where Self == IssueHandlingTrait {
  /// Collects and hides the one issue that is expected; lets others through.
  fileprivate static var collectingIssues: Self {
    .compactMapIssues { issue in
      let text = issue.comments.first?.rawValue ?? issue.description
      Collected.issues.withLock { $0.append("\(issue.sourceLocation?.line ?? 0) \(text)") }
      return text.hasPrefix("testing/fails") ? nil : issue
    }
  }
}

@Suite(.properties) struct `properties inside tests` {
  private let profile = Profile(.ci)

  @Test func `a property of expectations passes`() {
    let report = checkProperty("testing/passes", .list(of: .int(0...9)), profile: profile) {
      list, _ in
      #expect(list.sorted().count == list.count)
    }
    #expect(report.comparisons == 100)
  }

  @Test func `an error thrown by a requirement is a failure`() {
    var report: CellReport?
    withKnownIssue {
      report = checkProperty("testing/throws", .int(0...1000), profile: profile) { number, _ in
        if number > 100 { throw Broken() }
      }
    }
    #expect(report?.failure?.origin.errorType == "Broken")
  }

  @Test func `known issues and warnings inside a property do not fail it`() {
    let report = checkProperty("testing/known", .int(0...9), profile: profile) { _, _ in
      withKnownIssue { Issue.record("known") }
      Issue.record("mild", severity: .warning)
    }
    #expect(report.isPassed)
  }

  @Test func `issues outside of a property are left alone`() {
    withKnownIssue {
      #expect(Bool(false))
    }
  }
}

@Suite struct `properties inside tests without the trait` {
  @Test func `assertions of the trial work as well`() {
    let report = checkProperty("testing/plain", .int(0...9), profile: Profile(.ci)) {
      number, trial in
      trial.expect(number < 10)
    }
    #expect(report.isPassed)
  }
}

@Suite(.collectingIssues) struct `properties that fail inside tests` {
  @Test(.properties)
  func `a property that fails many times records one issue, at its place`() {
    let place = SourceLocation(fileID: "A/File.swift", filePath: "/File.swift", line: 17, column: 3)
    let report = checkProperty(
      "testing/fails", .int(0...1000), profile: Profile(.ci), sourceLocation: place
    ) { number, _ in
      #expect(number < 100)
      #expect(number < 50)
    }
    let texts = Collected.issues.withLock { $0 }
    #expect(texts.count == 1)
    #expect(texts.first?.hasPrefix("17 testing/fails: falsified") == true)
    #expect(report.failure?.origin.description.contains("PropertiesTestingTests.swift") == true)
    let line = report.failure?.reproduce ?? ""
    #expect(
      line.hasSuffix("--filter 'a property that fails many times records one issue. at its place'"))
  }
}
