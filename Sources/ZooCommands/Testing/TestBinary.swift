internal import Conformance
internal import Foundation

/// The program that SwiftPM builds of all test targets of a package.
struct TestBinary {
  let file: URL
  private let folder: URL

  /// Finds the program of a package, the newest if there are several.
  ///
  /// - Parameter scratch: where it was built.
  /// - Throws: `CommandFailure` when there is none.
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
        "there is no test program in \(products.path): swift build --build-tests")
    }
    file = found
    folder = kit.root
  }

  private static func date(_ file: URL) -> Date {
    (try? file.resourceValues(forKeys: [.contentModificationDateKey]))?.contentModificationDate
      ?? .distantPast
  }

  /// The tests in it.
  func tests() throws -> [ListedTest] {
    try withEventFile { events in
      let process = try ChildProcess(
        file.path, arguments(["--list-tests"], events: events), folder: folder,
        output: .discarded, errors: .piped)
      let errors = process.lastErrors
      let ending = process.wait()
      guard ending == .exited(0) else {
        throw CommandFailure("the test program, asked for its tests, \(ending.phrase) \(errors)")
      }
      return ListedTest.read(lines(of: events))
    }
  }

  /// Runs the tests that match one of the filters, or all; their output is that of this process.
  func run(filters: [String], environment: [String: String?]) throws -> TestRun {
    try withEventFile { events in
      let process = try ChildProcess(
        file.path, arguments(filters.flatMap { ["--filter", $0] }, events: events),
        environment: environment, folder: folder)
      let ending = process.wait()
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

  private func withEventFile<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let events = FileManager.default.temporaryDirectory
      .appendingPathComponent("zoo-events-\(UUID().uuidString).jsonl")
    defer { try? FileManager.default.removeItem(at: events) }
    return try body(events)
  }
}
