internal import ArgumentParser
internal import Conformance
internal import Foundation
internal import Parts
internal import Reporting
internal import Support

/// Shows which lines of the parts' files no law runs.
struct CoverageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage", abstract: "Show which lines of the parts' files no law runs.",
    discussion: """
      Builds the program once more, with counters, in \(Self.scratch), judges the selected cells with \
      it, and lists for each part's file the lines that never ran: nothing proves them. If all parts \
      are selected, the other files of their targets are listed, too.
      """)

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var options: ProfileOptions
  @OptionGroup var judging: JudgingOptions

  private static let scratch = ".build-coverage"

  func run() async throws {
    let session = Session.current
    let kit = try Session.packageKit()
    let cells = try selection.cells(of: kit)
    let profile = try options.resolved(for: kit)
    let known = try kit.knownFailures()
    let counts = FileManager.default.temporaryDirectory
      .appendingPathComponent("zoo-coverage-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: counts) }
    let progress = Progress(cells, console: session.console, isQuiet: judging.quiet)
    let files = try await session.interruption.cancelling {
      let program = try await build(session, kit)
      try await Judging(
        kit: kit, profile: profile, known: known, executable: program,
        environment: ["LLVM_PROFILE_FILE": counts.appendingPathComponent("%m.%p.profraw").path],
        jobs: judging.jobs, limit: .seconds(judging.timeout)
      ).run(cells) { progress.ended($0) }
      progress.finish()
      return try await coveredFiles(of: program, counts, sources(of: cells, kit))
    }
    var table = Table(["file", "lines", "ran", "never ran"])
    table.rows = files.map { file in
      let missed = file.lines.filter { !$0.value }.keys.sorted()
      return [
        kit.shortened(file.path), "\(file.lines.count)", "\(file.lines.count - missed.count)",
        ranges(missed, separator: ", "),
      ]
    }
    session.console.print(table.text)
  }

  /// Builds the program with counters.
  private func build(_ session: Session, _ kit: Kit) async throws -> URL {
    guard let name = session.executable?.lastPathComponent else {
      throw CommandFailure("coverage needs a program that can be built again")
    }
    session.console.note("building \(name) with counters in \(Self.scratch)")
    let build = try await ChildProcess(
      "swift",
      ["build", "--product", name, "--enable-code-coverage", "--scratch-path", Self.scratch],
      // The build's own tools count, too.
      environment: ["LLVM_PROFILE_FILE": "/dev/null"], folder: kit.root
    ).collect(within: .seconds(3600))
    guard build.ending == .exited(0) else {
      throw CommandFailure(
        .commandFailed,
        lines: [build.output + build.errors, "swift build \(build.ending.phrase)"])
    }
    return kit.root.appendingPathComponent("\(Self.scratch)/debug/\(name)")
  }

  /// The files of the selected parts; with all parts, every file of their targets.
  private func sources(of cells: [Cell], _ kit: Kit) -> [String] {
    let suites = Set(cells.map(\.suite))
    let own = kit.registry.entries.filter { suites.contains($0.title) }.map(\.filePath)
    guard suites.count == Set(kit.cells.map(\.suite)).count else { return Array(Set(own)) }
    // A target is a folder in `Sources`.
    let root = kit.root.appendingPathComponent("Sources").path + "/"
    let targets = Set(
      own.filter { $0.hasPrefix(root) }.compactMap { path in
        path.dropFirst(root.count).split(separator: "/").first.map { root + $0 }
      })
    return targets.flatMap { target in
      (FileManager.default.enumerator(atPath: target)?.compactMap { $0 as? String } ?? [])
        .filter { $0.hasSuffix(".swift") }.map { "\(target)/\($0)" }
    }
  }

  /// Which lines with code have run, by number, for each file.
  private func coveredFiles(of program: URL, _ counts: URL, _ sources: [String]) async throws
    -> [(path: String, lines: [Int: Bool])]
  {
    let merged = counts.appendingPathComponent("merged").path
    let raw = try FileManager.default.contentsOfDirectory(atPath: counts.path)
      .map { counts.appendingPathComponent($0).path }
    _ = try await tool("llvm-profdata", ["merge", "-sparse", "-o", merged] + raw)
    let text = try await tool(
      "llvm-cov",
      ["export", "-format=lcov", "-skip-functions", "-instr-profile", merged, program.path]
        + sources)
    var files: [(path: String, lines: [Int: Bool])] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("SF:") {
        files.append((String(line.dropFirst(3)), [:]))
      } else if line.hasPrefix("DA:") {
        let numbers = line.dropFirst(3).split(separator: ",").compactMap { Int($0) }
        if numbers.count == 2 { files[files.count - 1].lines[numbers[0]] = numbers[1] > 0 }
      }
    }
    return files.filter { !$0.lines.isEmpty }.sorted { $0.path < $1.path }
  }

  /// The output of a tool of the toolchain, which lies beside the compiler.
  private func tool(_ name: String, _ arguments: [String]) async throws -> String {
    let files = FileManager.default
    let compiler = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/swiftc" }.first { files.isExecutableFile(atPath: $0) }
    let found = compiler.map {
      URL(fileURLWithPath: $0).resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent(name).path
    }
    let run = try await ChildProcess(found ?? name, arguments).collect(within: .seconds(600))
    guard run.ending == .exited(0) else {
      throw CommandFailure(.commandFailed, lines: [run.errors, "\(name) \(run.ending.phrase)"])
    }
    return run.output
  }
}
