internal import ArgumentParser
internal import Foundation
internal import LongRangeArena
internal import Reporting
internal import Torch

/// How many processes train together, and how they reach each other.
struct RankOptions: ParsableArguments {
  @Option(
    name: both("world-size"),
    help: ArgumentHelp(
      "The number of processes that train one model, started on this machine.",
      discussion: """
        Where RANK and WORLD_SIZE or the variables of srun give this process a rank, nothing is \
        started. Rank 0 then serves at MASTER_ADDR and MASTER_PORT.
        """),
    transform: positive)
  var worldSize: Int?
  @Option(help: "The network interface to ranks on other machines, such as eth0.")
  var interface: String?
  @Option(
    name: both("rank-timeout"),
    help: ArgumentHelp(
      "How long ranks wait for each other before they give up; 60 on one machine, else 600.",
      valueName: "seconds"),
    transform: positive)
  var rankTimeout: Int?

  /// Joins the group of a rank.
  func join(_ place: RankPlace) throws -> ProcessGroup {
    try place.join(interface: interface, timeout: rankTimeout.map { .seconds($0) })
  }

  /// Runs this command line as ranks of this machine.
  static func launch(_ size: Int) async throws {
    guard let program = Session.current.executable else {
      throw CommandFailure("ranks are processes of this program, whose file cannot be found")
    }
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch try await LocalLauncher(program.path, arguments, size: size).run() {
    case .finished: return
    case .stopped: throw CommandFailure(silently: .stopped)
    case .failed(let status, let lines):
      throw CommandFailure(status.flatMap(ExitStatus.init) ?? .commandFailed, lines: lines)
    }
  }
}

/// The names of a flag: with dashes, and with underscores as in the original.
func both(_ name: String) -> NameSpecification {
  [.customLong(name), .customLong(name.replacing("-", with: "_"))]
}
