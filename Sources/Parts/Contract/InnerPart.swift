internal import Catalogue
internal import JSON
internal import Torch

/// A part of one tensor that an option of another part names.
struct InnerPart {
  let entry: PartEntry
  private let options: JSONObject
  private let registry: Registry
  private let key: String

  /// Reads a name, or an object with a `name`, and fills in the width of a token.
  ///
  /// - Throws: `PartError` for an unknown name or another width.
  init(
    _ json: JSON, _ kind: Kind, key: String, width: Int, of owner: String, in registry: Registry
  ) throws {
    guard let name = json.string ?? json["name"]?.string else {
      throw PartError(
        .value(key: key, expected: "a name, or an object with a `name`", got: json.description))
    }
    let known = registry.entries(kind).map(\.name)
    guard known.contains(name) else {
      throw PartError(
        .value(key: key, expected: "one of \(known.joined(separator: ", "))", got: "\"\(name)\""))
    }
    var options = json.object ?? [:]
    let given = options["dim_model"] ?? .null
    guard given.isNull || given.double == Double(width) else {
      throw PartError(
        .value(
          key: "\(key).dim_model", expected: "\(width), that of \(owner)", got: given.description))
    }
    options["dim_model"] = .integer(width)
    entry = try registry.entry(kind, name)
    self.options = options
    self.registry = registry
    self.key = key
  }

  /// What it promises.
  var claims: Claims {
    get throws {
      let own = options.filter { entry.keys.contains($0.key) }
      return try entry.claims(for: .object(JSONObject(own)), in: registry)
    }
  }

  /// Builds it.
  ///
  /// - Throws: `PartError` for options that it refuses, or a feedforward to another width.
  func build(_ generator: Generator) throws -> any UnaryPart {
    let part = try registry.unary(entry.kind, entry.name, .object(options), generator: generator)
    guard part.signature.output == ["B", "S", "E"] else {
      throw PartError(
        .value(
          key: key, expected: "a \(entry.kind.rawValue) to the width of a token",
          got: JSON.object(options).description))
    }
    return part
  }
}

extension Claims {
  /// Those of a linear layer from tokens of a width to the same.
  static func linear(width: Int) -> Claims {
    var claims = ofEachToken
    let bound = 1 / Double(width).squareRoot()
    claims.parameters = [
      "weight": ParameterClaim([width, width], .uniform(bound: bound)),
      "bias": ParameterClaim([width], .uniform(bound: bound)),
    ]
    claims.definition = Definition("linear", parameters: ["weight": "weight", "bias": "bias"])
    return claims
  }
}

extension Definition {
  /// Its name and options, as the group of another definition's options.
  var group: JSON {
    .object((options.object ?? [:]).merging(["name": .string(oracle)]))
  }
}
