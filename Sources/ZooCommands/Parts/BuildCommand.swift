internal import ArgumentParser
internal import Catalogue
internal import Conformance
internal import Foundation
internal import JSON
internal import Parts
internal import Torch

/// Builds a part from a configuration file.
struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build a part from a configuration and show which keys it used.",
    discussion: """
      The configuration is a JSON object with the `name` and the options of the part, or that of a \
      multi-head dispatch, whose `attention` holds such an object.
      """)

  @Option(
    help: ArgumentHelp("The configuration, a JSON file; - is standard input.", valueName: "file")
  )
  var config: String
  @Option(
    help: "The kind of the part; needed if parts of several kinds have its name.",
    transform: kind(named:))
  var kind: Kind?
  @OptionGroup var format: FormatOption

  func run() throws {
    let kit = try Session.usableKit()
    let json = try readJSON(config)
    let entry = try namedEntry(in: json, kind: kind, kit)
    let built = try kit.registry.build(
      entry.kind, entry.name, json, generator: Generator(seed: 0))
    let result = BuiltDescription(entry: entry, built: built)
    let text =
      switch format.format {
      case .text: result.text
      case .json: try result.json.text(.pretty)
      case .markdown: result.markdown
      }
    Session.current.console.print(text)
  }
}

/// Reads a JSON file; `-` is standard input.
///
/// - Throws: `CommandFailure` with the file and the place in it.
func readJSON(_ path: String) throws(CommandFailure) -> JSON {
  let bytes: Data
  do {
    bytes =
      path == "-"
      ? FileHandle.standardInput.readDataToEndOfFile()
      : try Data(contentsOf: URL(fileURLWithPath: path))
  } catch {
    throw CommandFailure("\(path): \(fileProblem(path))")
  }
  do throws(JSONError) {
    return try JSON(parsing: bytes)
  } catch {
    throw CommandFailure("\(path):\(error)")
  }
}

/// Why a file cannot be read.
func fileProblem(_ path: String) -> String {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
    return "there is no such file"
  }
  return isFolder.boolValue ? "is a folder, not a file" : "cannot be read"
}

/// The part that a configuration names.
///
/// - Throws: `CommandFailure` if it names none, or parts of several kinds have the name; `PartError`
///   if no part has it.
func namedEntry(in config: JSON, kind: Kind?, _ kit: Kit) throws -> PartEntry {
  guard let object = config.object else {
    throw CommandFailure("the configuration is \(config.kindName), expected an object")
  }
  if let attention = object["attention"], object["name"] == nil, kind ?? .multihead == .multihead {
    guard let name = attention["name"]?.string else {
      throw CommandFailure("the configuration's `attention` has no `name`")
    }
    return try kit.registry.entry(.multihead, name)
  }
  guard let name = object["name"] else {
    throw CommandFailure(
      "the configuration has neither `name` nor `attention.name`, which say what part it is for")
  }
  guard let name = name.string else {
    throw CommandFailure("the configuration's `name` is \(name.kindName), expected a string")
  }
  if let kind { return try kit.registry.entry(kind, name) }
  // A dispatch is named by its `attention`.
  let parts = kit.registry.entries.filter { $0.kind != .multihead }
  let found = parts.filter { $0.name == name }
  switch found.count {
  case 1: return found[0]
  case 0: throw PartError(.unknownPart(name: name, known: Set(parts.map(\.name)).sorted()))
  default:
    throw CommandFailure(
      "`\(name)` is the name of several parts; choose one with --kind: "
        + found.map(\.kind.rawValue).joined(separator: ", "))
  }
}

/// A part that was built, and how it used the keys of its configuration.
private struct BuiltDescription {
  let entry: PartEntry
  let built: BuiltPart

  private var keyTable: Table {
    var table = Table(["key", "value", "use"])
    for (keys, use) in [
      (built.report.used, "used"), (built.report.defaults, "default"),
      (built.report.unused, "unused: a key of other parts"),
    ] {
      table.rows += keys.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)", use] }
    }
    return table
  }

  private var count: String {
    let tensors = built.part.parameters.count
    return
      "\(built.part.parameterCount) parameters in \(tensors) \(tensors == 1 ? "tensor" : "tensors")"
  }

  var text: String {
    "\(entry.title)\n\n\(built.part.description)\n\(count)\n\n\(keyTable.text)"
  }

  var markdown: String {
    "# \(entry.title)\n\n```\n\(built.part.description)\n```\n\n\(count).\n\n\(keyTable.markdown)"
  }

  var json: JSON {
    func object(_ keys: [String: JSON]) -> JSON {
      .object(JSONObject(keys.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    }
    return [
      "kind": .string(entry.kind.rawValue), "name": .string(entry.name),
      "parameters": .array(
        built.part.parameters.map { parameter in
          [
            "key": .string(parameter.key),
            "shape": .array(parameter.value.shape.map { .integer($0) }),
            "dtype": .string(parameter.value.dtype.rawValue),
          ]
        }),
      "parameterCount": .integer(built.part.parameterCount),
      "used": object(built.report.used), "defaults": object(built.report.defaults),
      "unused": object(built.report.unused),
    ]
  }
}
