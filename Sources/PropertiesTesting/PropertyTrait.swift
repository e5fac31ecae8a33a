public import Testing

/// Lets properties use `#expect`: what it records while inputs are searched is counted, not shown.
public struct PropertyTrait: SuiteTrait, TestTrait, TestScoping {
  /// Whether the tests inside a suite inherit the trait.
  public var isRecursive: Bool { true }

  /// Runs a test with the interception installed.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    // A suite has no test case of its own; its tests come here one by one.
    guard testCase != nil, !Interception.isInstalled else { return try await function() }
    let handler = IssueHandlingTrait.compactMapIssues { issue in
      guard let counter = Interception.counter else { return issue }
      counter.record(issue)
      return nil
    }
    try await Interception.$isInstalled.withValue(true) {
      guard let scope = handler.scopeProvider(for: test, testCase: testCase) else {
        return try await function()
      }
      try await scope.provideScope(for: test, testCase: testCase, performing: function)
    }
  }
}

extension Trait where Self == PropertyTrait {
  /// For suites and tests whose properties use `#expect`.
  public static var properties: Self { PropertyTrait() }
}

/// Where intercepted issues go; per task, so tests running beside each other do not mix.
enum Interception {
  /// Whether a ``PropertyTrait`` watches the current test.
  @TaskLocal static var isInstalled = false
  /// Counts the issues of the property that is running, nil between runs.
  @TaskLocal static var counter: IssueCounter?
}
