internal import ArgumentParser
internal import Challenges
internal import Conformance
internal import JSON
internal import Properties
internal import Reporting
internal import Torch

/// Measures the property engine.
struct EngineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine", abstract: "Measure the property engine.",
    subcommands: [ChallengeCommand.self])
}

/// Shrinks failures whose smallest inputs are known.
struct ChallengeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "challenge",
    abstract: "Shrink known failures and count how often the smallest is found.",
    discussion: """
      First the cases of the Shrinking Challenge, then one for each kind of value. Fails with 2 if a \
      case misses its answer for any seed, or needs too many runs of its property.
      """)

  @Option(help: "The number of failures to shrink for each case.", transform: positive)
  var seeds = 100
  @Option(
    help: ArgumentHelp(
      "Shuffle the order of the passes of each shrink, with this seed.",
      discussion: "The answers must stay the same; the number of runs may grow.",
      valueName: "seed"))
  var shuffled: UInt64?
  @OptionGroup var format: FormatOption

  func run() throws {
    let challenges = results(Challenge.all)
    let quality = results(Challenge.quality)
    Session.current.console.print(try written(challenges, quality))
    guard (challenges + quality).allSatisfy(\.isMet) else {
      throw CommandFailure(silently: .lawFailed)
    }
  }

  private func results(_ cases: [Challenge]) -> [Challenge.Result] {
    cases.map { challenge in
      Session.current.console.note(challenge.name)
      return challenge.run(seeds: seeds, shuffledBy: shuffled)
    }
  }

  private func written(
    _ challenges: [Challenge.Result], _ quality: [Challenge.Result]
  ) throws -> String {
    switch format.format {
    case .text: return [challenges, quality].map { table($0).text }.joined(separator: "\n\n")
    case .markdown:
      return [challenges, quality].map { table($0).markdown }.joined(separator: "\n\n")
    case .json:
      let lists: JSON = [
        "challenges": .array(challenges.map(json)), "quality": .array(quality.map(json)),
      ]
      return try lists.text(.pretty)
    }
  }

  private func table(_ results: [Challenge.Result]) -> Table {
    var table = Table(["name", "hits", "distinct", "mean", "allowed", "max", "expected"])
    table.rows = results.map { result in
      [
        result.name, "\(result.hits)/\(result.seeds)", "\(result.answers.count)",
        "\((result.mean * 10).rounded() / 10)", result.bar.map { "\($0)" } ?? "",
        "\(result.maximum)", result.expected,
      ]
    }
    return table
  }

  private func json(_ result: Challenge.Result) -> JSON {
    [
      "name": .string(result.name), "expected": .string(result.expected),
      "hits": .integer(result.hits), "seeds": .integer(result.seeds),
      "distinct": .integer(result.answers.count), "mean": .number(result.mean),
      "max": .integer(result.maximum), "allowed": result.bar.map { .number($0) } ?? .null,
    ]
  }
}
