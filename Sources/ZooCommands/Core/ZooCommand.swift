internal import ArgumentParser

/// The root of all commands.
struct ZooCommand: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Session.current.toolName,
      abstract: "Lists, builds, checks and compares transformer parts.",
      discussion: """
        Results go to standard output, errors and progress to standard error. Cells are selected \
        by -k EXPR, such as 'nystrom and (masks or tag:grad) and not f16'. 'help exit-codes' \
        explains the exit status.
        """,
      version: Zoo.version,
      groupedSubcommands: [
        CommandGroup(
          name: "Parts",
          subcommands: [ListCommand.self, DescribeCommand.self, BuildCommand.self]),
        CommandGroup(
          name: "Judging",
          subcommands: [
            CheckCommand.self, TestCommand.self, CoverageCommand.self, FaultsCommand.self,
            RunCommand.self, CompareCommand.self,
          ]),
        CommandGroup(
          name: "Records",
          subcommands: [FixturesCommand.self, KnownCommand.self, ReportCommand.self]),
        CommandGroup(
          name: "Measuring",
          subcommands: [ArenaCommand.self, BenchCommand.self, EngineCommand.self]),
        CommandGroup(
          name: "Upkeep", subcommands: [NewCommand.self, DoctorCommand.self, ExitCodesCommand.self]),
        CommandGroup(name: "Inside", subcommands: [WorkerCommand.self]),
      ])
  }
}

/// Explains the exit status.
struct ExitCodesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exit-codes", abstract: "Explain the exit status.", discussion: table)

  func run() throws { Session.current.console.print(Self.table) }

  static let table = """
      0  Everything passed.
      1  The command itself failed: a file that cannot be read or written, a refused \
    configuration, an engine error.
      2  Something failed: a law, a test, a comparison; also cells that are missing, not run, timed \
    out, undercovered, vacuous, dishonest or unhealthy, a fault that survives, and a control that is \
    killed.
      3  Something recorded is stale, orphaned, corrupt, unknown or expired, or passes unexpectedly.
      4  The sources fail before any fault is seeded.
      5  Nothing was selected, or nothing ran.
     64  The command line is wrong, including an expression after -k.
     75  Stopped early; running the command again resumes.
    130  Stopped by SIGINT, as by Ctrl-C.
    143  Stopped by SIGTERM.

    If several apply, the status is the first of 64, 130, 143, 5, 4, 1, 2 and 3.
    """
}
