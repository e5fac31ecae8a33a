public import Catalogue
public import JSON
internal import Support
public import Torch

/// One call of a part recorded elsewhere: tensors in, and what came out.
///
/// A safetensors file: `input.*`, `param.*` and `state.*` go in; `output` and, with a `cotangent`,
/// `grad.input.*` and `grad.param.*` came out. `input.*` has the names of the part's call, `param.*`
/// the keys of its state, and `state.*` the names of what it draws at random. All floating tensors
/// that go in have one type.
///
/// The header's metadata holds `kind`, `part` and `config`, a JSON text. If its `source` begins with
/// `xFormers`, parameters are loaded as those of the original zoo. Recorded values that are not
/// finite, NaN or infinite, match nothing unless the metadata declares them with `nonFinite`: `true`;
/// then NaN matches NaN, and an infinite value the same one.
public struct RecordedCase: Sendable {
  /// The file it was read from.
  public let file: String
  /// The kind of the part.
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
  /// The tensor by which the output is multiplied before it is summed and differentiated.
  public let cotangent: Tensor?
  /// The recorded results: `output` and the gradients, by their names in the file.
  public let results: [String: Tensor]
  /// Whether the original zoo gave the values, so that its keys and layouts are converted.
  let isOriginal: Bool
  /// Whether the case declares values that are not finite.
  public let nonFinite: Bool

  /// Reads a case.
  ///
  /// - `kind`: replaces the header's kind.
  /// - `config`: replaces the header's configuration.
  /// - Throws: `SafetensorsError`, `JSONError` or `KitError` that names the file.
  public init(contentsOf path: String, kind: String? = nil, config: JSON? = nil) throws {
    try self.init(SafetensorsFile(contentsOf: path), file: path, kind: kind, config: config)
  }

  /// Makes a case of the content of a file.
  ///
  /// - Throws: `KitError` for a header that lacks or contradicts something, or a tensor of an unknown
  ///   group.
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
    part = try Self.name(
      kind, options, source.metadata["part"], isReplaced: config != nil, file)
    isOriginal = source.metadata["source"]?.hasPrefix("xFormers") ?? false
    nonFinite = try Self.nonFinite(source, file)
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
        throw KitError(Self.unknown(name, file))
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
      throw KitError("\(file): the header's `config` is not JSON: \(error)")
    }
  }

  /// The part that the configuration names, or else the header; both must agree.
  private static func name(
    _ kind: Kind, _ config: JSON, _ header: String?, isReplaced: Bool, _ file: String
  ) throws -> String {
    let (own, key) =
      kind == .multihead
      ? (config["attention"]?["name"]?.string, "attention.name") : (config["name"]?.string, "name")
    if let own, let header, own != header, !isReplaced {
      throw KitError(
        "\(file): the header's `part` is `\(header)`, but the \(key) in its `config` is `\(own)`")
    }
    guard let name = own ?? header else {
      throw KitError("\(file): neither the configuration nor the header names the part")
    }
    return name
  }

  private static func nonFinite(_ source: SafetensorsFile, _ file: String) throws -> Bool {
    switch source.metadata["nonFinite"] {
    case "true": return true
    case "false", nil: return false
    case let other?:
      throw KitError("\(file): the header's `nonFinite` is `\(other)`, expected true or false")
    }
  }

  private static func unknown(_ name: String, _ file: String) -> String {
    let groups = ["input.*", "param.*", "state.*", "grad.*"]
    let known = groups + ["cotangent", "output"]
    let isGrouped = name.contains(".")
    let stem = name.split(separator: ".").first.map(String.init) ?? ""
    let hint =
      nearest(isGrouped ? "\(stem).*" : stem, among: isGrouped ? groups : known)
      .map { ", did you mean `\($0)`?" } ?? ""
    return "\(file): unknown tensor `\(name)`\(hint) (a case has \(known.joined(separator: ", ")))"
  }
}
