internal import ArgumentParser

/// The root of all commands.
struct ZooCommand: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Session.current.toolName,
      abstract: "Lists, builds, checks and compares transformer parts.",
      discussion: """
        Results go to standard output, errors and progress to standard error. Cells are chosen \
        by -k EXPR, such as 'nystrom and (masks or tag:grad) and not f16'. What the process \
        returns is explained by 'help exit-codes'.
        """,
      version: Zoo.version,
      groupedSubcommands: [
        CommandGroup(
          name: "Parts",
          subcommands: [ListCommand.self, DescribeCommand.self, BuildCommand.self]),
        CommandGroup(
          name: "Judging",
          subcommands: [
            CheckCommand.self, TestCommand.self, FaultsCommand.self, RunCommand.self,
            CompareCommand.self,
          ]),
        CommandGroup(
          name: "Records",
          subcommands: [FixturesCommand.self, KnownCommand.self, ReportCommand.self]),
        CommandGroup(name: "Measuring", subcommands: [BenchCommand.self, EngineCommand.self]),
        CommandGroup(
          name: "Upkeep", subcommands: [NewCommand.self, DoctorCommand.self, ExitCodesCommand.self]),
        CommandGroup(name: "Inside", subcommands: [WorkerCommand.self]),
      ])
  }
}

/// Explains what the process returns.
struct ExitCodesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exit-codes", abstract: "Explain what the process returns.", discussion: table)

  func run() throws { Session.current.console.print(Self.table) }

  static let table = """
     0  All is good.
     1  The command itself failed: an unreadable file, a refused configuration, an engine error.
     2  Something failed: a law, a test, a comparison; also cells that are missing, undercovered, \
    vacuous, dishonest or unhealthy, a fault that survives and a control that is killed.
     3  Something recorded is stale, orphaned, corrupt, unknown or expired, or passes unexpectedly.
     4  The sources fail before any fault was seeded.
     5  Nothing was selected, or nothing ran.
    64  The command line is wrong, an expression after -k included.
    75  Stopped before the end; running the command again resumes.

    Of several the process returns 64 before all, then the largest of 1, 4 and 5, then 2, then 3.
    """
}
