internal import ArgumentParser
internal import Catalogue
internal import Conformance
internal import JSON
internal import Parts
internal import Torch

/// Describes one part.
struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Describe a part: options, call, claims, parameters and laws.")

  @Argument(help: "The kind of the part, such as attention.", transform: kind(named:))
  var kind: Kind
  @Argument(help: "The registered name of the part.")
  var name: String
  @OptionGroup var format: FormatOption

  func run() throws {
    let kit = try Session.usableKit()
    let description = try PartDescription(kit.registry.entry(kind, name), kit)
    let text =
      switch format.format {
      case .text: description.text
      case .json: try description.json.text(.pretty)
      case .markdown: description.markdown
      }
    Session.current.console.print(text)
  }
}
