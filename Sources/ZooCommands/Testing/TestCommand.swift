internal import ArgumentParser
internal import Conformance
internal import Properties
internal import Reporting

/// Builds the tests and runs those that are selected.
struct TestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Build the tests and run those that an expression selects.",
    discussion: """
      The expression selects parts, laws, types and tags in the generated suites, and all other \
      tests by their names, suites and tags. Without one, every test runs. If no test ran, the \
      command fails with 5.
      """)

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var options: ProfileOptions
  @Flag(help: "Run the tests as they were last built.")
  var skipBuild = false
  @Option(
    help: ArgumentHelp(
      "The folder in which SwiftPM builds, relative to the package.", valueName: "folder"))
  var scratchPath = ".build"

  func run() async throws {
    let kit = try Session.packageKit()
    let console = Session.current.console
    let interruption = Session.current.interruption
    // A wrong option should be reported before minutes of building.
    let selection = try selection.selection()
    let profile = try options.resolved(for: kit)
    if !skipBuild { try await interruption.cancelling { try await build(kit) } }
    let binary = try TestBinary(of: kit, scratch: scratchPath)

    var filters: [String] = []
    var environment = options.environment.mapValues { Optional($0) }
    var chosen = "all tests"
    if let selection {
      let listed = try await interruption.cancelling { try await binary.tests() }
      let choice = try TestChoice(
        selection, from: listed, kit,
        verdicts: SelectionOptions.verdicts(for: selection, kit))
      filters = joined(choice.tests.map(\.filter))
      environment["ZOO_K"] = .some(choice.cellExpression)
      chosen = "\(choice.tests.count) of \(listed.count) tests"
    }
    console.note("running \(chosen), profile \(profile.name.rawValue), seed \(profile.seed)")
    let run = try await interruption.cancelling { [filters, environment] in
      try await binary.run(filters: filters, environment: environment)
    }
    if case .signal = run.ending { console.error("the test program \(run.ending.phrase)") }
    if run.status == .nothingSelected { console.error("no test ran") }
    console.note("\(run.tests) tests ran with \(run.cases) cases, \(run.failed) failed")
    try CommandFailure.check(run.status)
  }

  private func build(_ kit: Kit) async throws {
    let ending = try await ChildProcess(
      "swift", ["build", "--build-tests", "--quiet", "--scratch-path", scratchPath],
      folder: kit.root
    ).run(outputToErrors: true)
    guard ending == .exited(0) else {
      throw CommandFailure("the tests cannot be built: swift build \(ending.phrase)")
    }
  }

  /// Joins filters to a few expressions: the system limits the length of one argument.
  private func joined(_ filters: [String]) -> [String] {
    var groups: [[String]] = []
    var length = 0
    for filter in filters {
      if groups.isEmpty || length + filter.utf8.count > 100_000 {
        groups.append([])
        length = 0
      }
      groups[groups.count - 1].append(filter)
      length += filter.utf8.count + 1
    }
    return groups.map { "(" + $0.joined(separator: "|") + ")" }
  }
}
