internal import ArgumentParser
internal import Conformance
internal import Foundation
internal import Reporting
internal import Support

/// Writes the last report in another form.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write the last report in another form.",
    discussion: """
      A run that did not end is reported too: its cells without a result count as crashed. \
      What was found does not change what the process returns; check does that.
      """)

  @OptionGroup var format: ReportFormatOption
  @Option(
    help: ArgumentHelp(
      "The report to read; report.json in the package's folder if not given.", valueName: "file"))
  var input: String?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write; standard output if not given.", valueName: "file"))
  var output: String?

  func run() throws {
    let session = Session.current
    let report = try readReport(session.kit.file(input, default: ReportFile.name))
    let colors = output == nil && session.console.hasColors
    let text = report.written(as: format.format, width: session.console.width, colors: colors)
    try write(text, to: output, session.console)
  }
}

/// Writes a result into a file, or where results go.
func write(_ text: String, to path: String?, _ console: Console) throws(CommandFailure) {
  guard let path else { return console.print(text) }
  do throws(FileError) {
    try writeFile(path, text)
  } catch {
    throw CommandFailure("\(error)")
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
