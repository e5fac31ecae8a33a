internal import ArgumentParser
internal import Conformance
internal import Properties
internal import Reporting

/// Builds the tests and runs those that are chosen.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Build the tests and run those that an expression chooses.",
    discussion: """
      The expression speaks of parts, laws, types and tags in the generated suites, and of the \
      names, suites and tags of all other tests. Without one every test runs. A run of no test \
      fails, with 5.
      """)

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var options: ProfileOptions
  @Flag(help: "Use the tests as they were built last.")
  var skipBuild = false
  @Option(
    help: ArgumentHelp(
      "Where SwiftPM builds, in the package's folder.", valueName: "folder"))
  var scratchPath = ".build"

  func run() throws {
    let kit = try Session.usableKit()
    let console = Session.current.console
    // What is wrong with options should not be said after minutes of building.
    let selection = try selection.selection()
    let profile = try options.resolved(for: kit)
    if !skipBuild { try build(kit) }
    let binary = try TestBinary(of: kit, scratch: scratchPath)

    var filters: [String] = []
    var environment = options.environment.mapValues { Optional($0) }
    var chosen = "all tests"
    if let selection {
      let listed = try binary.tests()
      let choice = try TestChoice(
        selection, from: listed, kit,
        verdicts: SelectionOptions.verdicts(for: selection, kit))
      filters = joined(choice.tests.map(\.filter))
      environment["ZOO_K"] = .some(choice.cellExpression)
      chosen = "\(choice.tests.count) of \(listed.count) tests"
    }
    console.note("running \(chosen), profile \(profile.name.rawValue), seed \(profile.seed)")
    let run = try binary.run(filters: filters, environment: environment)
    if case .signal = run.ending { console.error("the test program \(run.ending.phrase)") }
    if run.status == .nothingSelected { console.error("no test ran") }
    console.note("\(run.tests) tests ran with \(run.cases) cases, \(run.failed) failed")
    try CommandFailure.check(run.status)
  }

  private func build(_ kit: Kit) throws {
    let process = try ChildProcess(
      "swift", ["build", "--build-tests", "--quiet", "--scratch-path", scratchPath],
      folder: kit.root, output: .errors)
    let ending = process.wait()
    guard ending == .exited(0) else {
      throw CommandFailure("the tests cannot be built: swift build \(ending.phrase)")
    }
  }

  /// Expressions for a few filters: the system limits the length of one argument.
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
