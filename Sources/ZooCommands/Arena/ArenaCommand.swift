internal import ArgumentParser

/// Trains and tests attentions on the Long Range Arena.
struct ArenaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lra", abstract: "Train and test attentions on the Long Range Arena.",
    subcommands: [
      ArenaDataCommand.self, ArenaTryCommand.self, ArenaRunCommand.self, ArenaSubmitCommand.self,
      ArenaStatusCommand.self, ArenaFetchCommand.self,
    ])
}
