internal import ArgumentParser
internal import Conformance
internal import Foundation
internal import Reporting
internal import Support

/// Writes the last report in another format.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write the last report in another format.",
    discussion: """
      A run that did not end is reported too: the cells that it was judging count as crashed, \
      those that it had not reached are not run. Failures in the report do not make this command \
      fail; check does that.
      """)

  @OptionGroup var format: ReportFormatOption
  @Option(
    help: ArgumentHelp(
      "The report to read; by default report.json in the folder of the package.",
      valueName: "file"))
  var input: String?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write; by default, and with -, standard output.", valueName: "file"))
  var output: String?

  func run() throws {
    let session = Session.current
    if input == nil { try session.requirePackage() }
    let file = session.kit.file(input, default: ReportFile.name)
    let destination = try Destination(output, option: "--output", inputs: [file.path])
    let report = try readReport(file)
    let colors = destination.path == nil && session.console.hasColors
    let text = report.written(as: format.format, width: session.console.width, colors: colors)
    try destination.write(text, session.console)
  }
}

/// Reads a report.
///
/// - Throws: `CommandFailure` that names the file.
func readReport(_ file: URL) throws(CommandFailure) -> Report {
  do throws(ReportError) {
    return try ReportStore.load(from: file)
  } catch {
    throw .about(file.path, error)
  }
}
