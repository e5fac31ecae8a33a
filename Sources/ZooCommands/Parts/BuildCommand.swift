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
    abstract: "Build a part or a model from a configuration and show which keys it used.",
    discussion: """
      The configuration is a JSON object with the `name` and the options of the part, or that of a \
      multi-head dispatch, whose `attention` holds such an object. A model is a list of stacks, an \
      object whose keys name them, or one with `stack_configs`. Checkpoints are safetensors files \
      under the keys of the original zoo.
      """)

  @Option(
    help: ArgumentHelp("The configuration, a JSON file; - is standard input.", valueName: "file")
  )
  var config: String
  @Option(
    help: "The kind of the part; needed if parts of several kinds have its name.",
    transform: kind(named:))
  var kind: Kind?
  @OptionGroup var state: CheckpointOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let kit = try Session.usableKit()
    try state.checkOutput(inputs: [config])
    let json = try readJSON(config)
    var result: BuiltDescription
    if isModel(json) {
      let model = try kit.registry.model(json, generator: Generator(seed: 0))
      result = BuiltDescription(
        kind: .model, name: nil, part: model, report: model.report)
    } else {
      let entry = try namedEntry(in: json, kind: kind, kit)
      let built = try kit.registry.build(
        entry.kind, entry.name, json, generator: Generator(seed: 0))
      result = BuiltDescription(
        kind: entry.kind, name: entry.name, part: built.part, report: built.report)
    }
    result.state = try state.apply(to: result.part)
    let text =
      switch format.format {
      case .text: result.text
      case .json: try result.json.text(.pretty)
      case .markdown: result.markdown
      }
    Session.current.console.print(text)
  }

  /// Whether a configuration is that of a model: a list, or an object of stacks.
  private func isModel(_ json: JSON) -> Bool {
    guard let object = json.object else { return kind ?? .model == .model && json.array != nil }
    guard kind ?? .model == .model, object["name"] == nil else { return false }
    return kind == .model || object["stack_configs"] != nil
      || object.contains { $0.value["block_type"] != nil }
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

/// A part or model that was built, and how it used the keys of its configuration.
private struct BuiltDescription {
  let kind: Kind
  /// The registered name; models have none.
  let name: String?
  let part: any PartModule
  let report: BuildReport
  /// What was loaded and saved.
  var state = CheckpointResult(checkpoint: nil, report: nil, saved: nil)

  private var keyTable: Table {
    var table = Table(["key", "value", "use"])
    for (keys, use) in [(report.used, "used"), (report.defaults, "default")] {
      table.rows += keys.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)", use] }
    }
    table.rows += report.unused.sorted { $0.key < $1.key }.map {
      [$0.key, "\($0.value)", "unused: \(report.reasons[$0.key] ?? "a key of other parts")"]
    }
    return table
  }

  private var title: String { name.map { "\(kind.rawValue) \($0)" } ?? kind.rawValue }

  /// Every module with its parameters, those that are shared at their first place.
  private var tree: String {
    var seen: Set<ObjectIdentifier> = []
    return lines(part, key: nil, &seen).joined(separator: "\n")
  }

  private func lines(_ module: Module, key: String?, _ seen: inout Set<ObjectIdentifier>)
    -> [String]
  {
    var inner: [String] = []
    for (key, member) in module.members {
      switch member {
      case let child as Module where !child.members.isEmpty:
        inner += lines(child, key: key, &seen)
      case let child as Module: inner.append("\(key): \(type(of: child))")
      case let parameter as Parameter:
        let isFirst = seen.insert(ObjectIdentifier(parameter)).inserted
        inner.append(
          "\(key): \(parameter.value.dtype)\(parameter.value.shape)"
            + (isFirst ? "" : " (shared)"))
      case let buffer as Buffer:
        inner.append("\(key): \(buffer.value.dtype)\(buffer.value.shape) (buffer)")
      default: break
      }
    }
    let size = module.parameterCount == 0 ? "" : ", \(Self.size(module))"
    return ["\(key.map { "\($0): " } ?? "")\(type(of: module))\(size)"] + inner.map { "  " + $0 }
  }

  private static func size(_ module: Module) -> String {
    "\(module.parameterCount) parameters, \(bytes(module)) bytes"
  }

  private static func bytes(_ module: Module) -> Int {
    module.parameters.reduce(0) { $0 + $1.value.count * $1.value.dtype.size }
  }

  private var count: String {
    let tensors = part.parameters.count
    return "\(Self.size(part)) in \(tensors) \(tensors == 1 ? "tensor" : "tensors")"
  }

  var text: String {
    ["\(title)\n", tree, "\(count)\n", keyTable.text, state.lines.map { "\n\($0)" }.joined()]
      .joined(separator: "\n")
  }

  var markdown: String {
    "# \(title)\n\n```\n\(tree)\n```\n\n\(count).\n\n\(keyTable.markdown)"
      + state.lines.map { "\n\n\($0)" }.joined()
  }

  var json: JSON {
    func object(_ keys: [String: JSON]) -> JSON {
      .object(JSONObject(keys.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    }
    let facts: JSONObject = [
      "kind": .string(kind.rawValue), "name": name.map { .string($0) } ?? .null,
      "parameters": .array(
        part.parameters.map { parameter in
          [
            "key": .string(parameter.key),
            "shape": .array(parameter.value.shape.map { .integer($0) }),
            "dtype": .string(parameter.value.dtype.rawValue),
            "bytes": .integer(parameter.value.count * parameter.value.dtype.size),
          ]
        }),
      "parameterCount": .integer(part.parameterCount), "bytes": .integer(Self.bytes(part)),
      "used": object(report.used), "defaults": object(report.defaults),
      "unused": object(report.unused),
      "reasons": object(report.reasons.mapValues { .string($0) }),
    ]
    return .object(facts.merging(JSONObject(state.json)))
  }
}
