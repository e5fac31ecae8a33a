internal import ArgumentParser
internal import JSON
internal import Torch

/// Measures the property engine.
struct BenchEngineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine",
    abstract: "Time a trial of the property engine, empty and with a law.",
    discussion: "Benchmarks/run engine compares it with Hypothesis.")

  @Option(
    help: "The number of trials of the law; the empty property gets ten times as many.",
    transform: positive)
  var trials = EngineBenchmark().lawTrials
  @OptionGroup var format: FormatOption

  func run() throws {
    var benchmark = EngineBenchmark()
    benchmark.lawTrials = trials
    benchmark.emptyTrials = 10 * trials
    let result = try benchmark.run()
    var table = Table(["measure", "value"])
    table.rows = [
      ["microseconds of an empty trial", "\((result.emptyMicroseconds * 100).rounded() / 100)"],
      ["trials of causality a second", "\(result.causalityRate.rounded())"],
    ]
    let text: String =
      switch format.format {
      case .text: table.text
      case .markdown: table.markdown
      case .json:
        try
          ([
            "empty_microseconds": .number(result.emptyMicroseconds),
            "causality_per_second": .number(result.causalityRate),
          ] as JSON).text(.pretty)
      }
    Session.current.console.print(text)
  }
}
