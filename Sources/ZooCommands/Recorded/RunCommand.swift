internal import ArgumentParser
internal import Catalogue
internal import Conformance
internal import Foundation
internal import JSON
internal import Reporting
internal import Torch

/// Says what stands in the place of a case's header.
struct CaseOptions: ParsableArguments {
  @Option(
    help: "The kind of the part, in the place of the header's.", transform: kind(named:))
  var kind: Kind?
  @Option(
    help: ArgumentHelp(
      "The configuration, a JSON file, in the place of the header's; - reads standard input.",
      valueName: "file"))
  var config: String?

  /// Reads a case.
  func read(_ path: String, config: JSON?) throws -> RecordedCase {
    try RecordedCase(contentsOf: path, kind: kind?.rawValue, config: config)
  }

  /// The configuration that was given.
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
      A case is a safetensors file: input.*, param.* and state.* go in, and the header's metadata \
      holds kind, part and config. The part runs in evaluation mode and in the type of the \
      tensors. What comes out is written under the names output and, if the case has a cotangent, \
      grad.input.* and grad.param.*.
      """)

  @Argument(help: ArgumentHelp("The case, a safetensors file.", valueName: "case"))
  var file: String
  @Option(
    name: .shortAndLong, help: ArgumentHelp("The safetensors file to write.", valueName: "file"))
  var output: String
  @OptionGroup var options: CaseOptions

  func run() throws {
    let kit = try Session.usableKit()
    let recorded = try options.read(file, config: options.givenConfig())
    let results: [String: Tensor]
    do {
      results = try recorded.run(in: kit.registry).results
    } catch {
      throw CommandFailure.about(file, error)
    }
    let header = [
      "kind": recorded.kind.rawValue, "part": recorded.part, "config": "\(recorded.config)",
    ]
    try SafetensorsFile(
      tensors: try results.mapValues { try $0.safetensorsEntry() }, metadata: header
    ).write(to: output)
    var table = Table(["tensor", "type", "shape"])
    table.rows = results.sorted { $0.key < $1.key }
      .map { [$0.key, $0.value.dtype.rawValue, "\($0.value.shape)"] }
    Session.current.console.print(table.text)
  }
}

extension CommandFailure {
  /// The failure of work on a file, which is named first if the error does not name it.
  static func about(_ file: String, _ error: any Error) -> CommandFailure {
    let failure = CommandFailure(describing: error)
    let text = failure?.lines.joined(separator: "; ") ?? "\(error)"
    return CommandFailure(
      failure?.status ?? .commandFailed, text.hasPrefix(file) ? text : "\(file): \(text)")
  }
}
