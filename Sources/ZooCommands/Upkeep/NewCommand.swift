internal import ArgumentParser
internal import Catalogue
internal import Codegen
internal import Conformance
internal import Foundation
internal import Parts
internal import Support

/// Writes the file of a new part.
struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Write the file of a new part, which compiles and fails its laws.",
    discussion: """
      By default the file goes into the module that registers parts, beside those of its kind. \
      Kinds: \(Kind.registrable.map(\.rawValue).joined(separator: ", ")).
      """)

  @Argument(help: "The kind of the part, such as attention.", transform: kind(named:))
  var kind: Kind
  @Argument(help: "The name under which it will be registered, such as my_attention.")
  var name: String
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write, which must not exist; - is standard output.", valueName: "file"))
  var output: String?

  func validate() throws {
    guard Kind.registrable.contains(kind) else {
      throw ValidationError(
        "there is no template for \(kind.rawValue), only for "
          + Kind.registrable.map(\.rawValue).joined(separator: ", "))
    }
    let isWord = name.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "_")
    }
    guard isWord, name.first?.isLetter == true else {
      throw ValidationError(
        "the name is '\(name)', expected a letter and then letters, digits and '_'")
    }
  }

  func run() throws {
    let kit = try Session.packageKit()
    let destination = try output.map { output throws(CommandFailure) in
      try Destination(output, option: "--output", makesFolders: true)
    }
    if let taken = try? kit.registry.entry(kind, name) {
      throw CommandFailure(
        "\(taken.title) is registered already, at \(kit.shortened(taken.filePath)):\(taken.line)")
    }
    let template = PartTemplate(kind: kind, name: name)
    let console = Session.current.console
    let again = "then: \(Session.current.command) test -k '\(name)'"
    guard let place = try destination.map(\.path) ?? file(template, kit) else {
      console.print(template.text(inParts: false))
      return console.note("save it, fill in its claims and its call, \(again)")
    }
    guard !FileManager.default.fileExists(atPath: place) else {
      throw CommandFailure("\(kit.shortened(place)) already exists")
    }
    let isOwnModule = URL(fileURLWithPath: place).path.hasPrefix(kit.root.path + "/Sources/Parts/")
    try writeFile(
      place, [Array(template.text(inParts: isOwnModule).utf8)[...]], makingFolders: true)
    console.print(kit.shortened(place))
    console.note("fill in its claims and its call, \(again)")
  }

  /// Where the part goes: into the module that registers parts, beside those of its kind.
  private func file(_ template: PartTemplate, _ kit: Kit) throws(CommandFailure) -> String {
    let sources = kit.root.appendingPathComponent("Sources")
    let own = Inventory(swiftFiles(in: sources)).annotations
    if let sibling = own.first(where: { $0.kind == kind }) ?? own.first {
      return URL(fileURLWithPath: sibling.path).deletingLastPathComponent()
        .appendingPathComponent("\(template.type).swift").path
    }
    throw CommandFailure(
      "no module in \(sources.path) registers a part; choose the file with --output")
  }
}
