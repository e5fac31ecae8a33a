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
      The file goes into the module that registers parts, or where --output says. Kinds: \
      attention, feedforward, position_embedding.
      """)

  @Argument(help: "The kind of the part, such as attention.", transform: kind(named:))
  var kind: Kind
  @Argument(help: "The name under which it will be registered, such as my_attention.")
  var name: String
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write, which must not be there.", valueName: "file"))
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
    let kit = try Session.usableKit()
    if let taken = try? kit.registry.entry(kind, name) {
      throw CommandFailure(
        "\(taken.title) is registered already, at \(kit.shortened(taken.filePath)):\(taken.line)")
    }
    let template = PartTemplate(kind: kind, name: name)
    let place = try file(template, kit)
    guard !FileManager.default.fileExists(atPath: place.path) else {
      throw CommandFailure("\(kit.shortened(place.path)) is there already")
    }
    let isOwnModule = place.path.hasPrefix(kit.root.path + "/Sources/Parts/")
    do throws(FileError) {
      try writeFile(place.path, template.text(inParts: isOwnModule), makingFolders: true)
    } catch {
      throw CommandFailure("\(error)")
    }
    let console = Session.current.console
    console.print(kit.shortened(place.path))
    console.note("fill in its claims and its call, then: zoo test -k '\(name)'")
  }

  /// Where the part goes: into the module that registers parts, beside those of its kind.
  private func file(_ template: PartTemplate, _ kit: Kit) throws(CommandFailure) -> URL {
    if let output { return URL(fileURLWithPath: output) }
    let sources = kit.root.appendingPathComponent("Sources")
    let own = Inventory(swiftFiles(in: sources)).annotations
    if let sibling = own.first(where: { $0.kind == kind }) ?? own.first {
      return URL(fileURLWithPath: sibling.path).deletingLastPathComponent()
        .appendingPathComponent("\(template.type).swift")
    }
    throw CommandFailure("no module in \(sources.path) registers a part; say where by --output")
  }
}
