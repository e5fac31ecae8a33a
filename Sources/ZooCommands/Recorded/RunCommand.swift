internal import ArgumentParser
internal import Catalogue
internal import Conformance
internal import Foundation
internal import JSON
internal import Reporting
internal import Torch

/// What replaces the header of a case.
struct CaseOptions: ParsableArguments {
  @Option(
    help: "The kind of the part, instead of the one in the header.", transform: kind(named:))
  var kind: Kind?
  @Option(
    help: ArgumentHelp(
      "The configuration, a JSON file, instead of the one in the header; - is standard input.",
      valueName: "file"))
  var config: String?

  /// Reads a case.
  func read(_ path: String, config: JSON?, _ kit: Kit) throws -> RecordedFile {
    try RecordedFile(path, kind: kind, config: config, kit)
  }

  /// The configuration that was given, if one was.
  func givenConfig() throws(CommandFailure) -> JSON? {
    guard let config else { return nil }
    return try readJSON(config)
  }
}

/// Runs a part on the tensors of a file.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a part on the tensors of a recorded case.",
    discussion: """
      A case is a safetensors file with the tensors input.*, param.* and state.*; the metadata of \
      its header holds kind, part and config. The part runs in evaluation mode and in the type of \
      the tensors. Its result is written as output and, if the case has a cotangent, its gradients \
      as grad.input.* and grad.param.*. A case of the kind training is trained: loss, lr, beta1 and \
      final.* are written.
      """)

  @Argument(help: ArgumentHelp("The case, a safetensors file.", valueName: "case"))
  var file: String
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The safetensors file to write; - is standard output.", valueName: "file"))
  var output: String
  @OptionGroup var options: CaseOptions

  func run() throws {
    let kit = try Session.usableKit()
    let console = Session.current.console
    let destination = try Destination(output, option: "--output", inputs: [file])
    let config = try options.givenConfig()
    let recorded: RecordedFile
    let results: [String: Tensor]
    do {
      recorded = try options.read(file, config: config, kit)
      results = try recorded.results(kit)
    } catch {
      throw CommandFailure.about(file, error)
    }
    let written = SafetensorsFile(
      tensors: try results.mapValues { try $0.safetensorsEntry() }, metadata: recorded.header)
    try destination.write(written.encoded(), console)
    var table = Table(["tensor", "type", "shape"])
    table.rows = results.sorted { $0.key < $1.key }
      .map { [$0.key, $0.value.dtype.rawValue, "\($0.value.shape)"] }
    // Standard output holds tensors or the table, not both.
    if destination.path == nil { console.note(table.text) } else { console.print(table.text) }
  }
}

extension CommandFailure {
  /// A failure of work on a file, whose name comes first.
  static func about(_ file: String, _ error: any Error) -> CommandFailure {
    let failure = CommandFailure(describing: error)
    let text = failure?.lines.joined(separator: "; ") ?? "\(error)"
    return CommandFailure(
      failure?.status ?? .commandFailed, text.hasPrefix(file) ? text : "\(file): \(text)")
  }
}
