internal import ArgumentParser
internal import Benchmarking
internal import Conformance
internal import JSON
internal import Parts
internal import Torch

/// Measures time and memory.
struct BenchCommand: ParsableCommand {
  static let name = "bench"

  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Measure time and memory; build with -c release first.",
    subcommands: [
      BenchAttentionCommand.self, BenchFeedforwardCommand.self, BenchCompareCommand.self,
      BenchModelCommand.self, BenchArenaCommand.self, BenchCallsCommand.self,
      BenchEngineCommand.self, BenchWorkerCommand.self,
    ])
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
