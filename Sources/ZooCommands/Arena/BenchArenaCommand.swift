internal import ArgumentParser
internal import Conformance
internal import Foundation
internal import JSON
internal import LongRangeArena
internal import Torch

/// Measures the speed of training.
struct BenchArenaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "arena", abstract: "Time steps of a training of the Long Range Arena.",
    discussion: "Benchmarks/run arena compares it with the same training in Python.")

  @Option(help: ArgumentHelp("The configuration, a JSON file.", valueName: "file"))
  var config: String
  @Option(help: "The task.") var task = "listops"
  @Option(help: "The attention.") var attention = "scaled_dot_product"
  @Option(help: "The number of examples of a step, instead of the configuration's.")
  var batch: Int?
  @Option(help: "The number of timed steps.", transform: positive) var steps = 5
  @Option(help: "The number of threads of libtorch.", transform: positive) var threads = 1
  @OptionGroup var format: FormatOption

  func run() throws {
    let kit = try Session.usableKit()
    let changes = batch.map { [("training:batch_size", JSON.integer($0))] } ?? []
    let trial = try ArenaTrial(
      ArenaConfig(
        readJSON(config), task: ArenaTask.named(task), attention: attention, in: kit.registry,
        changes: changes), in: kit.registry)
    Runtime.threads = threads
    _ = try trial.next()
    let clock = ContinuousClock()
    let times = try (0..<steps).map { _ in
      try clock.measure { _ = try trial.next() } / .seconds(1)
    }
    let median = times.sorted()[times.count / 2]
    var table = Table(["task", "attention", "seconds a step"])
    table.rows = [[task, attention, String(format: "%.4f", median)]]
    let text: String =
      switch format.format {
      case .text: table.text
      case .markdown: table.markdown
      case .json: try JSON.object(["seconds": .number(median)]).text(.pretty)
      }
    Session.current.console.print(text)
  }
}
