internal import ArgumentParser
internal import Benchmarking
internal import Catalogue
internal import Conformance
internal import Foundation
internal import Parts
internal import Reporting
internal import Support
internal import Torch

/// What to measure, how, and where the results go.
struct BenchOptions: ParsableArguments {
  @OptionGroup var selection: SelectionOptions
  @Option(
    help: "The settings, by name: v1, the default.",
    transform: oneOf("preset", BenchPreset.allCases))
  var preset = BenchPreset.v1
  @Option(
    parsing: .upToNextOption, help: "The numbers of tokens; those of the preset if not given.")
  var lengths: [Int] = []
  @Option(
    parsing: .upToNextOption,
    help: "The part alone (core), in a multi-head layer, in a pre-norm block; all if not given.",
    transform: oneOf("level", BenchCase.Level.allCases))
  var levels: [BenchCase.Level] = []
  @Option(
    parsing: .upToNextOption, help: "forward or forward+backward; both if not given.",
    transform: oneOf("pass", BenchCase.Pass.allCases))
  var passes: [BenchCase.Pass] = []
  @Option(
    help: "The type of the numbers: f64, f32, bf16 or f16; by default f32.",
    transform: oneOf("dtype", DType.floating))
  var dtype = DType.float32
  @Option(help: "The number of threads of libtorch, by default 1.", transform: positive)
  var threads = 1
  @Option(help: "How long a case may take, in seconds; by default 120.", transform: positive)
  var timeout = 120
  @Option(
    help: ArgumentHelp(
      "How much memory a case may take, in MB.",
      discussion: "By default what the machine has available.", valueName: "mb"),
    transform: positive)
  var memoryLimit: Int?
  @Option(help: "The format of the result: text, markdown, csv, jsonl or html.")
  var format = BenchFormat.text
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write, or - for standard output.", valueName: "file"))
  var output: String?
  @Option(help: ArgumentHelp("Also write SVG charts into this folder.", valueName: "folder"))
  var chart: String?
  @Option(
    help: ArgumentHelp(
      "A file that keeps the figures, as JSON lines; what it holds is not measured again.",
      valueName: "file"))
  var append: String?

  func validate() throws {
    for (index, length) in lengths.enumerated() {
      if length < 1 { throw ValidationError("expected lengths of at least 1, got \(length)") }
      if lengths[..<index].contains(length) {
        throw ValidationError("the length \(length) is given twice")
      }
    }
  }

  /// Measures and writes.
  func run(_ kind: Kind, causal: Bool = false) async throws {
    let kit = try Session.usableKit()
    let session = Session.current
    var settings = BenchSettings(kind, preset)
    (settings.dtype, settings.causal, settings.threads) = (dtype, causal, threads)
    let cases = try cases(of: kit, settings)
    let destination = try Destination(
      output, option: "--output", inputs: append.map { [$0] } ?? [])
    let file = try append.map { try Destination($0, option: "--append").path } ?? nil
    let process = BenchProcess(
      kit: kit, executable: session.executable, limit: .seconds(timeout))
    let known = try await start(settings, file, process, session.console)
    let run = BenchRun(
      cases: cases, process: process,
      memoryLimit: memoryLimit.map { $0 * 1_000_000 } ?? ProcessMemory.available, file: file,
      console: session.console)
    let results = try await run.complete(known, session.interruption).only(cases)
    if let chart {
      for picture in results.charts {
        try writeFile("\(chart)/\(picture.name)", picture.svg, makingFolders: true)
      }
    }
    let pictures = chart.map { folder in results.charts.map { "\(link(folder))/\($0.name)" } } ?? []
    try destination.write(
      results.written(as: format, pictures: pictures), session.console)
    if let failure = session.interruption.failure {
      session.console.note(
        "\(results.rows.count) of \(cases.count) cases were measured before the run was stopped"
          + (file.map { "; --append \($0) resumes it" } ?? ""))
      throw failure
    }
  }

  /// The cases, those of the baseline first.
  private func cases(of kit: Kit, _ settings: BenchSettings) throws -> [BenchCase] {
    let names = try selection.entries(of: kit).filter { $0.kind == settings.kind }.map(\.name)
    guard !names.isEmpty else {
      throw CommandFailure(.nothingSelected, "no \(settings.kind.rawValue) is selected")
    }
    let known = BenchCase.Level.all(of: settings.kind)
    let chosen = levels.isEmpty ? known : known.filter(levels.contains)
    guard !chosen.isEmpty else {
      throw ValidationError(
        "a \(settings.kind.rawValue) has no level \(levels[0].rawValue), only "
          + known.map(\.rawValue).joined(separator: " and "))
    }
    let parts = [settings.baseline] + names.filter { $0 != settings.baseline }
    return parts.flatMap { part in
      chosen.flatMap { level in
        (lengths.isEmpty ? preset.lengths : lengths.sorted()).flatMap { length in
          BenchCase.Pass.allCases.filter { passes.isEmpty || passes.contains($0) }.map {
            BenchCase(part: part, level: level, length: length, pass: $0)
          }
        }
      }
    }
  }

  /// The results in a file, or none with a new header.
  private func start(
    _ settings: BenchSettings, _ file: String?, _ process: BenchProcess, _ console: Console
  ) async throws -> BenchResults {
    var header = BenchHeader(
      settings: settings, machine: .current, revision: await revision(of: process.kit),
      date: Date().formatted(.iso8601.year().month().day()),
      rates: MachineRates(gflops: 0, copies: []))
    if let file, FileManager.default.fileExists(atPath: file), try !readFile(file).isEmpty {
      let (known, note) = try BenchResults.load(file)
      if let note { console.note(note) }
      let differences = known.header.differences(from: header, sources: true)
      guard differences.isEmpty else {
        throw CommandFailure(
          "\(file) was measured with "
            + differences.map { "\($0.name) \($0.own), not \($0.other)" }.joined(separator: ", ")
            + ": choose another file")
      }
      return known
    }
    let answer = try await process.answer(BenchRequest(settings: settings))
    guard let rates = answer.rates else {
      throw CommandFailure("the rates of this machine: \(answer.problem ?? "no answer")")
    }
    header.rates = rates
    return BenchResults(header)
  }

  private func revision(of kit: Kit) async -> String {
    let git = ["-C", kit.root.path]
    guard let commit = await Toolchain.outputOf("git", git + ["rev-parse", "--short=10", "HEAD"])
    else { return "unknown" }
    let changes = await Toolchain.outputOf(
      "git", git + ["status", "--porcelain", "--untracked-files=no"])
    return commit.trimmingCharacters(in: .whitespacesAndNewlines)
      + (changes?.isEmpty == false ? "+" : "")
  }

  /// The folder of the charts, as the file that shows them must name it.
  private func link(_ folder: String) -> String {
    guard let output else { return folder }
    let own = Support.folder(of: output) + "/"
    return folder.hasPrefix(own) ? String(folder.dropFirst(own.count)) : folder
  }
}

/// Reads one of some words.
private func oneOf<Value: RawRepresentable & Sendable>(
  _ what: String, _ known: [Value]
) -> @Sendable (String) throws -> Value where Value.RawValue == String {
  { given in
    if let value = known.first(where: { $0.rawValue == given }) { return value }
    let words = known.map(\.rawValue)
    throw ValidationError(
      "there is no \(what) `\(given)`"
        + (nearest(given, among: words).map { ", did you mean `\($0)`?" } ?? "")
        + " (known: \(words.joined(separator: ", ")))")
  }
}

/// Measures attentions.
struct BenchAttentionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attention",
    abstract: "Measure time, memory and error of each attention by length.",
    discussion: """
      One item of four heads of 32 channels, each case in a process of its own: a crash, too much \
      memory or too much time costs one row. Exact attention, scaled_dot_product, is measured first. \
      With --append, a run that was stopped goes on where it was.
      """)

  @OptionGroup var options: BenchOptions
  @Flag(help: "Hide later keys; attentions that cannot do so are skipped.")
  var causal = false

  func run() async throws { try await options.run(.attention, causal: causal) }
}

/// Measures feedforwards.
struct BenchFeedforwardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feedforward", abstract: "Measure time and memory of each feedforward by length.",
    discussion: """
      The same as for attentions, against MLP; tokens have 128 channels, and a block has exact \
      attention in it.
      """)

  @OptionGroup var options: BenchOptions

  func run() async throws { try await options.run(.feedforward) }
}
