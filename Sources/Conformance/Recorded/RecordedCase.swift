public import Catalogue
public import JSON
internal import Support
public import Torch

/// One call of a part recorded elsewhere: tensors in, and what came out.
///
/// A safetensors file: `input.*`, `param.*` and `state.*` go in; `output` and, for a `cotangent`,
/// `grad.input.*` and `grad.param.*` came out. The header's metadata holds `kind`, `part` and
/// `config`, a JSON text.
public struct RecordedCase: Sendable {
  /// The file it was read from.
  public let file: String
  /// What the part is.
  public let kind: Kind
  /// The registered name of the part.
  public let part: String
  /// The part's options.
  public let config: JSON
  /// What the part is called with, by name.
  public let inputs: [String: Tensor]
  /// The part's state, by the original's keys.
  public let parameters: [String: Tensor]
  /// What the part drew at random.
  public let state: [String: Tensor]
  /// By what the output is multiplied to give the number that is differentiated.
  public let cotangent: Tensor?
  /// What came out: `output` and the gradients, by their names in the file.
  public let results: [String: Tensor]

  /// Reads a case.
  ///
  /// - `kind`: takes the place of the header's kind.
  /// - `config`: takes the place of the header's configuration.
  /// - Throws: `SafetensorsError`, `JSONError` or `KitError` that names the file.
  public init(contentsOf path: String, kind: String? = nil, config: JSON? = nil) throws {
    try self.init(SafetensorsFile(contentsOf: path), file: path, kind: kind, config: config)
  }

  /// Takes a case from a file that was read.
  ///
  /// - Throws: `KitError` for a header that lacks something, or a tensor of an unknown group.
  public init(
    _ source: SafetensorsFile, file: String, kind: String? = nil, config: JSON? = nil
  ) throws {
    self.file = file
    let word = kind ?? source.metadata["kind"]
    guard let word else {
      throw KitError("\(file): the header names no `kind`; give one with --kind")
    }
    guard let kind = Kind(rawValue: word) else {
      let known = Kind.allCases.map(\.rawValue)
      let hint = nearest(word, among: known).map { ", did you mean `\($0)`?" } ?? ""
      throw KitError(
        "\(file): there is no kind `\(word)`\(hint) (known: \(known.joined(separator: ", ")))")
    }
    self.kind = kind
    let options = try config ?? Self.config(source, file)
    self.config = options
    part = try Self.name(kind, options, source.metadata["part"], file)
    var groups: [String: [String: Tensor]] = [:]
    var results: [String: Tensor] = [:]
    for (name, entry) in source.tensors {
      let tensor = try Tensor(entry)
      if name == "output" || name == "cotangent" || name.hasPrefix("grad.") {
        results[name] = tensor
        continue
      }
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      guard parts.count == 2, ["input", "param", "state"].contains(parts[0]) else {
        throw KitError(
          "\(file): tensor `\(name)` is none of input.*, param.*, state.*, cotangent, output, grad.*"
        )
      }
      groups[parts[0], default: [:]][parts[1]] = tensor
    }
    inputs = groups["input"] ?? [:]
    parameters = groups["param"] ?? [:]
    state = groups["state"] ?? [:]
    cotangent = results.removeValue(forKey: "cotangent")
    self.results = results
  }

  private static func config(_ source: SafetensorsFile, _ file: String) throws -> JSON {
    guard let text = source.metadata["config"] else {
      throw KitError("\(file): the header holds no `config`; give one with --config")
    }
    do { return try JSON(parsing: text) } catch {
      throw KitError("\(file): the header's `config` is no JSON: \(error)")
    }
  }

  private static func name(_ kind: Kind, _ config: JSON, _ header: String?, _ file: String) throws
    -> String
  {
    // What the configuration says counts; a header may be a label only.
    let own = kind == .multihead ? config["attention"]?["name"]?.string : config["name"]?.string
    guard let name = own ?? header else {
      throw KitError("\(file): neither the configuration nor the header names the part")
    }
    return name
  }
}
