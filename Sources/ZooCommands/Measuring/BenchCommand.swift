internal import ArgumentParser
internal import Benchmarking
internal import Catalogue
internal import Conformance
internal import JSON
internal import Parts
internal import Reporting
internal import Torch

/// Measures time and memory.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure time and memory; build with -c release first.",
    subcommands: [
      BenchAttentionCommand.self, BenchModelCommand.self, BenchArenaCommand.self,
      BenchCallsCommand.self,
      BenchEngineCommand.self,
    ])
}

/// Measures the cores of attentions.
struct BenchAttentionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attention",
    abstract: "Measure the time and memory of each attention's core by length.",
    discussion:
      "One item of four heads of 32 channels in single precision, by default on one thread.")

  @OptionGroup var selection: SelectionOptions
  @Option(parsing: .upToNextOption, help: "The numbers of queries and keys.")
  var lengths: [Int] = AttentionBenchmark().lengths
  @Flag(help: "Hide later keys; attentions that cannot do so are skipped.")
  var causal = false
  @Option(help: "The number of threads of libtorch.")
  var threads = 1
  @OptionGroup var format: FormatOption

  func validate() throws {
    if let length = lengths.first(where: { $0 < 1 }) {
      throw ValidationError("expected lengths of at least 1, got \(length)")
    }
    if threads < 1 { throw ValidationError("expected at least 1 thread, got \(threads)") }
  }

  func run() throws {
    let kit = try Session.usableKit()
    let console = Session.current.console
    var names = Set(kit.registry.entries(.attention).map(\.name))
    if selection.expression != nil {
      let cells = try selection.cells(of: kit).filter { $0.kind == .attention && kit.applies($0) }
      names = Set(cells.map(\.part))
      guard !names.isEmpty else {
        throw CommandFailure(.nothingSelected, "no attention is selected")
      }
    }
    var benchmark = AttentionBenchmark()
    benchmark.lengths = lengths
    benchmark.threads = threads
    benchmark.isCausal = causal
    var rows: [AttentionBenchmark.Row] = []
    let entries = kit.registry.entries(.attention).filter { names.contains($0.name) }
    try benchmark.run(entries, in: kit.registry) { row in
      console.note("\(row.part), S = \(row.length)")
      rows.append(row)
    }
    console.print(try written(rows))
  }

  private func written(_ rows: [AttentionBenchmark.Row]) throws -> String {
    var costs = Table(["part", "S", "forward ms", "with backward ms", "peak MiB"])
    costs.rows = rows.map { row in
      switch row.cost {
      case .failure(let skipped): [row.part, "\(row.length)", skipped.reason, "", ""]
      case .success(let cost):
        [
          row.part, "\(row.length)", rounded(cost.forward), rounded(cost.forwardBackward),
          rounded(Double(cost.peakBytes) / 1_048_576),
        ]
      }
    }
    let fits = ScalingFit.all(rows)
    var exponents = Table(["part", "time exponent", "bytes exponent"])
    exponents.rows = fits.map { [$0.part, hundredths($0.time), hundredths($0.bytes)] }
    switch format.format {
    case .text: return [costs.text, exponents.text].joined(separator: "\n")
    case .markdown: return [costs.markdown, exponents.markdown].joined(separator: "\n\n")
    case .json:
      return try JSON.object([
        "rows": .array(rows.map(json)),
        "exponents": .array(
          fits.map {
            ["part": .string($0.part), "time": .number($0.time), "bytes": .number($0.bytes)]
          }),
      ]).text(.pretty)
    }
  }

  private func json(_ row: AttentionBenchmark.Row) -> JSON {
    var object: JSONObject = [
      "part": .string(row.part), "wanted_length": .integer(row.wantedLength),
      "length": .integer(row.length),
    ]
    switch row.cost {
    case .failure(let skipped): object["skipped"] = .string(skipped.reason)
    case .success(let cost):
      object["skipped"] = .null
      object["forward_ms"] = .number(cost.forward)
      object["forward_backward_ms"] = .number(cost.forwardBackward)
      object["peak_bytes"] = .integer(cost.peakBytes)
    }
    return .object(object)
  }

  private func hundredths(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
  private func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}

/// Measures a whole model.
struct BenchModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Time the calls of a model.",
    discussion: "Benchmarks/run model compares it with the same model in Python.")

  @Option(help: ArgumentHelp("The configuration, a JSON file.", valueName: "file"))
  var config: String
  @Option(help: "The number of items.")
  var batch = ModelBenchmark().batch
  @Option(help: "The number of tokens of an item.")
  var length = ModelBenchmark().length
  @Option(help: "The number of threads of libtorch.")
  var threads = 1
  @OptionGroup var format: FormatOption

  func validate() throws {
    for (name, value) in [("batch", batch), ("length", length), ("threads", threads)] {
      if value < 1 { throw ValidationError("expected a \(name) of at least 1, got \(value)") }
    }
  }

  func run() throws {
    let kit = try Session.usableKit()
    var benchmark = ModelBenchmark()
    (benchmark.batch, benchmark.length, benchmark.threads) = (batch, length, threads)
    let model = try kit.registry.model(readJSON(config), generator: Generator(seed: 0))
    let times = try benchmark.run(model)
    var table = Table(["forward ms", "with backward ms"])
    func thousandths(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
    table.rows = [[thousandths(times.forward), thousandths(times.forwardBackward)]]
    let text: String =
      switch format.format {
      case .text: table.text
      case .markdown: table.markdown
      case .json:
        try JSON.object([
          "forward_ms": .number(times.forward),
          "forward_backward_ms": .number(times.forwardBackward),
        ]).text(.pretty)
      }
    Session.current.console.print(text)
  }
}

/// Measures single calls of operators.
struct BenchCallsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calls", abstract: "Time single calls of operators on 4 × 4 tensors.",
    discussion: "Benchmarks/run calls compares them with the same calls from Python.")

  @OptionGroup var format: FormatOption

  func run() throws {
    let rows = try CallBenchmark().run()
    var table = Table(["call", "nanoseconds"])
    table.rows = rows.map { [$0.call, "\($0.nanoseconds.rounded())"] }
    let text: String =
      switch format.format {
      case .text: table.text
      case .markdown: table.markdown
      case .json:
        try JSON.array(
          rows.map { ["call": .string($0.call), "nanoseconds": .number($0.nanoseconds)] }
        ).text(.pretty)
      }
    Session.current.console.print(text)
  }
}
