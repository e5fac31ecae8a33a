internal import Conformance
internal import Foundation

/// The program that SwiftPM builds from all test targets of a package.
struct TestBinary: Sendable {
  let file: URL
  private let folder: URL

  /// Finds the program of a package, the newest if there are several.
  ///
  /// - Parameter scratch: where it was built.
  /// - Throws: `CommandFailure` if nothing was built.
  init(of kit: Kit, scratch: String) throws(CommandFailure) {
    // SwiftPM's `debug` is a link, and Foundation lists no folder behind one.
    let products = URL(fileURLWithPath: scratch, relativeTo: kit.root)
      .appendingPathComponent("debug").resolvingSymlinksInPath()
    let files =
      (try? FileManager.default.contentsOfDirectory(
        at: products, includingPropertiesForKeys: [.contentModificationDateKey])) ?? []
    let found = files.filter { $0.lastPathComponent.hasSuffix("PackageTests.xctest") }
      .max { Self.date($0) < Self.date($1) }
    guard let found else {
      throw CommandFailure(
        "there is no test program in \(products.path); to build it: swift build --build-tests"
          + (scratch == ".build" ? "" : " --scratch-path \(scratch)"))
    }
    file = found
    folder = kit.root
  }

  private static func date(_ file: URL) -> Date {
    (try? file.resourceValues(forKeys: [.contentModificationDateKey]))?.contentModificationDate
      ?? .distantPast
  }

  /// The tests in it.
  func tests(within limit: Duration = .seconds(300)) async throws -> [ListedTest] {
    try await withEventFile { events in
      let listing = try await ChildProcess(
        file.path, arguments(["--list-tests"], events: events), folder: folder
      ).collect(within: limit)
      guard listing.ending == .exited(0) else {
        let words = listing.errors.trimmingCharacters(in: .whitespacesAndNewlines)
        throw CommandFailure(
          "the test program, asked for its tests, \(listing.ending.phrase)"
            + (words.isEmpty ? "" : ": \(words.suffix(4_000))"))
      }
      return ListedTest.read(lines(of: events))
    }
  }

  /// Runs the tests that match one of the filters, or all; what they print goes to the output of
  /// this process.
  func run(filters: [String], environment: [String: String?]) async throws -> TestRun {
    try await withEventFile { events in
      let ending = try await ChildProcess(
        file.path, arguments(filters.flatMap { ["--filter", $0] }, events: events),
        environment: environment, folder: folder
      ).run()
      return TestRun(ending: ending, events: lines(of: events))
    }
  }

  private func arguments(_ own: [String], events: URL) -> [String] {
    ["--testing-library", "swift-testing"] + own
      + ["--event-stream-output-path", events.path, "--event-stream-version", "0"]
  }

  private func lines(of events: URL) -> [String] {
    guard let data = try? Data(contentsOf: events) else { return [] }
    return data.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  private func withEventFile<Result>(
    _ body: (URL) async throws -> Result
  ) async throws -> Result {
    let events = FileManager.default.temporaryDirectory
      .appendingPathComponent("zoo-events-\(UUID().uuidString).jsonl")
    defer { try? FileManager.default.removeItem(at: events) }
    return try await body(events)
  }
}
