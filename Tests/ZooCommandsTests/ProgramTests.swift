import Catalogue
import Conformance
import Foundation
import Reporting
import Testing

@testable import ZooCommands

/// The program itself, as a shell runs it.
@Suite(.serialized) struct `the program` {
  let package: Package

  init() throws { package = try Package() }

  /// Next to the bundle of the tests.
  private var zoo: String {
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "zoo").path
  }

  /// Runs a line of shell in which `$0` is the program.
  private func shell(
    _ line: String, in folder: URL? = nil
  ) async throws -> ChildProcess.Collected {
    try await ChildProcess("bash", ["-o", "pipefail", "-c", line, zoo], folder: folder)
      .collect(within: .seconds(120))
  }

  @Test(arguments: [
    (
      #""$0" list > /dev/full"#,
      "error: standard output cannot be written: No space left on device\n"
    ),
    (
      #""$0" --help > /dev/full"#,
      "error: standard output cannot be written: No space left on device\n"
    ),
    (#""$0" list >&-"#, "error: standard output cannot be written: Bad file descriptor\n"),
    (#""$0" list -k nothing-like-it 2>&-"#, ""), (#""$0" list -k nothing-like-it 2>/dev/full"#, ""),
  ])
  func `a stream that cannot be written is one line and 1`(line: String, errors: String)
    async throws
  {
    let outcome = try await shell(line)
    #expect(outcome.ending == .exited(line.contains("nothing-like-it") ? 5 : 1))
    #expect(outcome.errors == errors)
  }

  @Test func `a closed standard error does not end up in a file`() async throws {
    let report = package.path("r.json")
    let line = #""$0" check -k 'FIX and part:pooling' --report "# + report + " 2>&- >/dev/null"
    #expect(try await shell(line).ending == .exited(1))
    #expect(try ReportStore.load(from: URL(fileURLWithPath: report)).totals.failed == 0)
  }

  @Test func `a reader that has read enough ends it quietly`() async throws {
    let outcome = try await shell(#""$0" list --cells | head -1"#)
    #expect(outcome.ending == .exited(0))
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.hasPrefix("part"))
  }

  @Test func `pipes and links are written through`() async throws {
    _ = await package.zoo("check", "-k", "part:local and test-passes")
    let outcome = try await shell(
      """
      mkfifo pipe; cat pipe & "$0" report --input report.json -o pipe; wait
      touch target; ln -s target link; "$0" report --input report.json -o link; cat target
      test -p pipe && test -h link
      """, in: package.folder)
    #expect(outcome.ending == .exited(0), "\(outcome.errors)")
    #expect(
      outcome.output.split(separator: "1 of 1 cell ran", omittingEmptySubsequences: false).count
        == 3)
  }

  @Test func `a program from another package is refused with both paths`() async throws {
    for line in [
      #""$0" check"#, #""$0" fixtures verify"#, #""$0" known list"#, #""$0" report"#,
      #""$0" test"#, #""$0" list -k verdict:failed"#, #""$0" new attention mine -o mine.swift"#,
    ] {
      let outcome = try await shell(line, in: package.folder)
      #expect(outcome.ending == .exited(1), "\(line)")
      #expect(outcome.errors.hasPrefix("error: this zoo was built from /"))
      #expect(outcome.errors.contains("but the current folder is in \(package.folder.path): "))
      #expect(outcome.errors.count { $0 == "\n" } == 1)
    }
    #expect(try await shell(#""$0" list"#, in: package.folder).ending == .exited(0))
    let outside = try await shell(#""$0" known list"#, in: URL(fileURLWithPath: "/"))
    #expect(outside.ending == .exited(0))
  }

  @Test func `the template of each kind compiles in another package`() async throws {
    for kind in Kind.registrable {
      let template = PartTemplate(kind: kind, name: "my")
      try template.text(inParts: false)
        .write(toFile: package.path("\(template.type).swift"), atomically: true, encoding: .utf8)
    }
    let build = URL(filePath: zoo).deletingLastPathComponent().path
    let features = ["ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault"]
      .map { "-enable-upcoming-feature \($0)" }.joined(separator: " ")
    let outcome = try await shell(
      """
      swiftc -typecheck -warnings-as-errors -swift-version 6 \(features) -I '\(build)/Modules' \
        -Xcc '-fmodule-map-file=\(build)/CTorch.build/module.modulemap' My*.swift
      """, in: package.folder)
    #expect(outcome.ending == .exited(0), "\(outcome.errors)")
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `a signal ends a check with what it has found`(number: Int32, status: Int32) async throws {
    let report = package.path("r.json")
    // The nightly profile, so that the run cannot end before the signal.
    let line =
      #"exec timeout -s \#(number) 6 "$0" check --profile nightly --report "# + report
    let outcome = try await shell(line)
    // `timeout` itself returns 124.
    #expect(outcome.ending == .exited(124))
    #expect(outcome.output.contains("- not run"))
    #expect(outcome.errors.contains("their report is \(report)"))
    #expect(
      outcome.errors.hasSuffix("stopped by \(number == SIGINT ? "SIGINT" : "SIGTERM")\n"))
    let totals = try ReportStore.load(from: URL(fileURLWithPath: report)).totals
    #expect(totals.notRun > 0 && totals.failed == 0 && totals.missing == 0)
    let direct = try await shell(
      #""$0" check --profile nightly --report "# + report + " & sleep 4; "
        + "kill -\(number) $!; wait $!")
    #expect(direct.ending == .exited(status), "\(direct.errors)")
  }
}
