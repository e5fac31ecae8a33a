internal import ArgumentParser
public import Conformance
internal import Foundation
internal import Reporting

/// The `zoo` command, which any package can offer with its own parts and laws in it:
///
/// ```swift
/// import Conformance
/// import MyParts
/// import ZooCommands
///
/// await Zoo.main(Kit { try $0.parts.add(MyPartsRegistry.entries) })
/// ```
public enum Zoo {
  /// The version of the package.
  public static let version = "0.1.0"

  /// Runs the arguments of the process, and ends the process.
  ///
  /// - Parameter kit: the parts, laws and definitions that the commands work on; those of this
  ///   package if not given. Made before other threads start, which then share one store of memory
  ///   blocks.
  @MainActor
  public static func main(_ kit: @autoclosure () -> Kit = Kit()) async -> Never {
    StandardStream.holdPlaces()
    // A closed pipe is an error of the write, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments == WorkerCommand.copying { WorkerCommand.becomeCopy() }
    let kit = kit()
    let status = await run(
      arguments,
      in: Session(
        kit: kit, console: .standard, executable: Session.ownExecutable,
        folder: URL(fileURLWithPath: FileManager.default.currentDirectoryPath),
        interruption: Interruption(listens: true)))
    exit(status)
  }

  /// Runs arguments, and returns the exit status of the process.
  static func run(_ arguments: [String], in session: Session) async -> Int32 {
    await Session.$current.withValue(session) {
      let status = await run(arguments)
      guard let problem = session.console.problem() else { return status }
      session.console.error(problem)
      let own = ExitStatus(rawValue: status) ?? .commandFailed
      return ExitStatus.combined([own, .commandFailed]).rawValue
    }
  }

  private static func run(_ arguments: [String]) async -> Int32 {
    do {
      var command = try ZooCommand.parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      return ExitStatus.success.rawValue
    } catch {
      return report(error, to: Session.current.console)
    }
  }

  /// Prints what went wrong, in as few lines as that takes, and returns the exit status.
  private static func report(_ error: any Error, to console: Console) -> Int32 {
    if let failure = CommandFailure(describing: error) {
      for line in failure.lines { console.error(line) }
      return failure.status.rawValue
    }
    let status = ZooCommand.exitCode(for: error).rawValue
    var message = ZooCommand.fullMessage(for: error)
    if status == 0 {
      console.print(message)
    } else if !message.isEmpty {
      if message.hasPrefix("Error: ") { message = "error: " + message.dropFirst("Error: ".count) }
      console.note(message)
    }
    return status
  }
}
