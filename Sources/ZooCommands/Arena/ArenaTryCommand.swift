internal import ArgumentParser
internal import Catalogue
internal import Conformance
internal import JSON
internal import LongRangeArena
internal import Parts
internal import Reporting
internal import Torch

/// Trains a few steps of everything in a configuration.
struct ArenaTryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "try", abstract: "See which attentions a configuration trains with.",
    discussion: """
      Trains a few steps on random examples for each task of a file and each attention, and prints \
      the losses or, in one line, why there are none. --length and --batch make it quick.
      """)

  @Option(help: ArgumentHelp("The configuration, a JSON file.", valueName: "file"))
  var config: String
  @Option(parsing: .upToNextOption, help: "The attentions; all by default.")
  var attentions: [String] = []
  @Option(
    help: "The number of tokens of an example, instead of the configuration's.",
    transform: positive)
  var length: Int?
  @Option(
    help: "The number of examples of a step, instead of the configuration's.", transform: positive)
  var batch: Int?
  @Option(help: "The number of steps (default: 2).", transform: positive)
  var steps = 2
  @Flag(
    name: both("ignore-padding"),
    help: "Let an attention that cannot hide padding take it for words.")
  var ignorePadding = false
  @OptionGroup var format: FormatOption

  private func sections(of json: JSON) throws -> [ArenaTask] {
    do { return try ArenaConfig.tasks(in: json) } catch {
      throw CommandFailure.about(config, error)
    }
  }

  func run() throws {
    let kit = try Session.usableKit()
    let json = try readJSON(config)
    var names = kit.registry.entries(.attention).map(\.name)
    if !attentions.isEmpty {
      for name in attentions { _ = try kit.registry.entry(.attention, name) }
      names = attentions
    }
    var families: Set<String> = []
    let tasks = try sections(of: json).filter { task in
      json[task.name] != nil || families.insert(task.family).inserted
    }
    var changes: [(path: String, value: JSON)] = []
    if let length { changes.append(("model:common:seq_len", .integer(length))) }
    if let batch {
      changes += [
        ("training:batch_size", .integer(batch)), ("training:gradient_accumulation", 1),
      ]
    }
    var table = Table(["task", "attention", "losses"])
    for task in tasks {
      for name in names {
        let result: String
        do {
          let trial = try ArenaTrial(
            ArenaConfig(json, task: task, attention: name, in: kit.registry, changes: changes),
            in: kit.registry, ignoresPadding: ignorePadding)
          let losses = try (0..<steps).map { _ in try trial.next() }
          result = losses.map { "\(Float($0))" }.joined(separator: ", ")
        } catch {
          let lines = CommandFailure(describing: error)?.lines ?? ["\(error)"]
          result = lines.joined(separator: "; ").split(separator: "\n").joined(separator: ";")
        }
        Session.current.console.note("\(task.name), \(name): \(result)")
        table.rows.append([task.name, name, result])
      }
    }
    guard !table.rows.isEmpty else {
      throw CommandFailure(.nothingSelected, "\(config) has no section of a task")
    }
    switch format.format {
    case .text: Session.current.console.print(table.text)
    case .markdown: Session.current.console.print(table.markdown)
    case .json:
      let rows = table.rows.map { row in
        JSON.object([
          "task": .string(row[0]), "attention": .string(row[1]), "result": .string(row[2]),
        ])
      }
      Session.current.console.print(try JSON.array(rows).text(.pretty))
    }
  }
}
