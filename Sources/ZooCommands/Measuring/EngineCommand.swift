internal import ArgumentParser
internal import Conformance
internal import Properties
internal import Torch

/// Looks at the property engine itself.
struct EngineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine", abstract: "Measure the property engine.",
    subcommands: [ChallengeCommand.self])
}

/// Shrinks the failures of the Shrinking Challenge.
struct ChallengeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "challenge",
    abstract: "Shrink known failures, and count how often the smallest is found.",
    discussion: "Returns 2 if a case misses its answer for one seed, or needs too many runs.")

  @Option(help: "The number of failures to shrink for each case.")
  var seeds = 100
  @OptionGroup var format: FormatOption

  func validate() throws {
    if seeds < 1 { throw ValidationError("expected at least 1 seed, got \(seeds)") }
  }

  func run() throws {
    let results = Challenge.run(seeds: seeds)
    Session.current.console.print(try written(results))
    guard results.allSatisfy(\.isMet) else { throw CommandFailure(silently: .lawFailed) }
  }

  private func written(_ results: [Challenge.Result]) throws -> String {
    var table = Table(["name", "hits", "distinct", "mean", "allowed", "max"])
    table.rows = results.map { result in
      [
        result.name, "\(result.hits)/\(result.seeds)", "\(result.answers.count)",
        "\((result.mean * 10).rounded() / 10)", "\(result.bar)", "\(result.maximum)",
      ]
    }
    switch format.format {
    case .text: return table.text
    case .markdown: return table.markdown
    case .json:
      let challenges = results.map { result -> JSON in
        [
          "name": .string(result.name), "hits": .integer(result.hits),
          "seeds": .integer(result.seeds), "distinct": .integer(result.answers.count),
          "mean": .number(result.mean), "max": .integer(result.maximum),
        ]
      }
      return try (["challenges": .array(challenges)] as JSON).text(.pretty)
    }
  }
}
