internal import JSON
public import Oracles
public import Parts
public import Torch

/// The definitions with which parts are compared.
public struct OracleBook: Sendable {
  private var table: [String: Oracle]
  /// Definitions from other packages.
  private var added: [Oracle] = []

  /// The zoo's definitions.
  public static let zoo = OracleBook(
    table: Dictionary(
      Oracles.all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))

  private init(table: [String: Oracle]) { self.table = table }

  /// Adds definitions of another package.
  ///
  /// - Throws: `KitError` when a name is taken.
  public mutating func add(_ oracles: [Oracle]) throws {
    for oracle in oracles {
      guard table[oracle.name] == nil else {
        throw KitError("the definition `\(oracle.name)` already exists")
      }
      table[oracle.name] = oracle
      added.append(oracle)
    }
  }

  /// The names of the definitions.
  var names: [String] { table.keys.sorted() }

  /// Whether a definition exists.
  func contains(_ name: String) -> Bool { table[name] != nil }

  /// The definition with a name.
  ///
  /// - Throws: `KitError` with the known names.
  public func oracle(_ name: String) throws -> Oracle {
    guard let oracle = table[name] else {
      throw KitError(
        "there is no definition `\(name)`; known are \(names.joined(separator: ", "))")
    }
    return oracle
  }

  /// What the definition that a part claims gives for its tensors and state, in float64.
  ///
  /// - `without`: options that are not passed on, so that the definition uses its own.
  /// - Throws: `KitError` when the part claims none.
  public func evaluate(
    _ part: any PartModule, _ inputs: [String: Tensor], without omitted: Set<String> = []
  ) throws -> Tensor {
    guard let definition = part.claims.definition?.without(omitted) else {
      throw KitError("the part claims no definition")
    }
    let oracle = try oracle(definition.oracle)
    let values = try oracle.evaluate(call(definition, part, inputs))
    return try Tensor(values.values, shape: values.shape)
  }

  private func call(
    _ definition: Definition, _ part: any PartModule, _ inputs: [String: Tensor]
  ) throws -> OracleCall {
    let state = part.stateDict
    var parameters: [String: Values] = [:]
    for (role, key) in definition.parameters {
      guard let value = state[key] else {
        throw KitError("the definition \(definition.oracle) needs the parameter `\(key)`")
      }
      parameters[role] = try Values(value)
    }
    var named: [String: Values] = [:]
    for (name, tensor) in inputs {
      switch (name, tensor.dtype) {
      case ("att_mask", .bool): named["boolean_mask"] = try Values(tensor)
      case ("att_mask", _): named["additive_mask"] = try Values(tensor)
      case ("key_padding_mask", let dtype) where dtype.isFloating:
        // The additive form: 0 means real.
        let padding = tensor.rank == 3 ? try tensor.squeezed(1) : tensor
        named[name] = try Values(padding.equals(0))
      default: named[name] = try Values(tensor)
      }
    }
    var call = OracleCall(
      options: OracleOption.group(of: definition.options), inputs: named, parameters: parameters,
      state: try part.drawn.mapValues(Values.init))
    // A dispatch may wrap an attention from another package.
    call.others = added
    return call
  }
}

extension Values {
  /// The elements of a tensor, widened.
  init(_ tensor: Tensor) throws {
    self.init(shape: tensor.shape, values: try tensor.detached().doubles())
  }
}

extension OracleOption {
  /// An option of a JSON value.
  init(_ json: JSON) {
    switch json {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .string(let value): self = .text(value)
    case .array(let values): self = .list(values.map(OracleOption.init))
    case .object: self = .group(Self.group(of: json))
    }
  }

  /// The options of a JSON object.
  static func group(of json: JSON) -> [String: OracleOption] {
    guard let object = json.object else { return [:] }
    var group: [String: OracleOption] = [:]
    for (key, value) in object { group[key] = OracleOption(value) }
    return group
  }
}
