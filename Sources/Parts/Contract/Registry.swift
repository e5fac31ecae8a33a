public import Catalogue
public import JSON
internal import Support
public import Torch

/// The parts that can be built by name.
public struct Registry: Sendable {
  private var table: [Kind: [String: PartEntry]] = [:]

  /// The parts of this package.
  public static let zoo = Registry(generated: PartsRegistry.entries)

  /// No parts.
  public static let empty = Registry(generated: [])

  /// The generator guarantees that names are unique within one module.
  private init(generated entries: [PartEntry]) {
    for entry in entries { insert(entry) }
  }

  private mutating func insert(_ entry: PartEntry) {
    table[entry.kind, default: [:]][entry.name] = entry
    if entry.kind == .attention {
      table[.multihead, default: [:]][entry.name] = PartEntry(dispatching: entry)
    }
  }

  /// These parts and those of another module.
  ///
  /// - Throws: `PartError` when a kind and name is taken already.
  public func adding(_ entries: [PartEntry]) throws -> Registry {
    var result = self
    for entry in entries {
      if let earlier = result.table[entry.kind]?[entry.name] {
        throw PartError(
          .clash(
            name: entry.name,
            places: [earlier, entry].map { "\($0.fileID):\($0.line)" }),
          part: entry.kind.rawValue)
      }
      result.insert(entry)
    }
    return result
  }

  /// All parts, sorted by kind and name.
  public var entries: [PartEntry] {
    table.values.flatMap(\.values).sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
  }

  /// The parts of one kind, sorted by name.
  public func entries(_ kind: Kind) -> [PartEntry] {
    (table[kind] ?? [:]).values.sorted { $0.name < $1.name }
  }

  /// The part with a kind and name.
  ///
  /// - Throws: `PartError` with the nearest name.
  public func entry(_ kind: Kind, _ name: String) throws(PartError) -> PartEntry {
    guard let entry = table[kind]?[name] else {
      throw PartError(
        .unknownPart(name: name, known: (table[kind] ?? [:]).keys.sorted()), part: kind.rawValue)
    }
    return entry
  }

  /// Builds an attention by name.
  ///
  /// - Throws: `PartError` for an unknown name or a configuration that is refused.
  public func attention(_ name: String, _ config: JSON = [:], generator: Generator) throws
    -> any Attention
  {
    try part(.attention, name, config, generator)
  }

  /// Builds a feedforward, normalization, patch or simplicial embedding, or a position embedding of
  /// one tensor by name.
  ///
  /// - Throws: `PartError` for an unknown name, a configuration that is refused, or a part that maps
  ///   more than one tensor.
  public func unary(_ kind: Kind, _ name: String, _ config: JSON = [:], generator: Generator) throws
    -> any UnaryPart
  {
    try part(kind, name, config, generator)
  }

  private func part<P>(_ kind: Kind, _ name: String, _ config: JSON, _ generator: Generator) throws
    -> P
  {
    let part = try build(kind, name, config, generator: generator).part
    guard let typed = part as? P else {
      throw PartError(
        .unsupported(feature: "a call of one tensor", reason: "the part takes more"),
        part: part.title)
    }
    return typed
  }

  /// Builds a part and reports how the keys of its configuration were used.
  ///
  /// - `config`: an object; a key `name` must be the part's. Keys of sibling parts and the shared
  ///   keys of the Long Range Arena are accepted and listed in the report, unless they ask for
  ///   something that the part cannot do.
  /// - `generator`: the source of initial values and later draws.
  /// - Throws: `PartError` for an unknown part or key, or a value that is refused.
  public func build(_ kind: Kind, _ name: String, _ config: JSON, generator: Generator) throws
    -> BuiltPart
  {
    let entry = try entry(kind, name)
    do {
      let sorted = try sort(config, for: entry)
      let part = try entry.build(.object(sorted.own), self, generator)
      part.title = entry.title
      var report = sorted.report
      if let dispatch = part as? MultiHeadDispatch {
        report.used["attention"] = nil
        report.add(dispatch.attentionReport, under: "attention")
      }
      return BuiltPart(part: part, report: report)
    } catch let error as PartError {
      throw error.naming(entry.title)
    } catch let error as TorchError {
      // Even with each size in range, all together may need more memory than the machine has.
      throw PartError(
        .unsupported(feature: "this configuration", reason: error.description), part: entry.title)
    }
  }

  /// The part's own keys of a configuration, and a report of the others.
  func sort(_ config: JSON, for entry: PartEntry) throws(PartError) -> (
    own: JSONObject, report: BuildReport
  ) {
    guard let given = config.object else {
      throw PartError(.value(key: "config", expected: "an object", got: config.kindName))
    }
    let sorted = sorted(given, for: entry)
    if let first = sorted.problems.first { throw first }
    return (sorted.own, sorted.report)
  }

  /// The part's own keys of a configuration, a report of the others, and the problems with those.
  func sorted(_ config: JSONObject, for entry: PartEntry) -> (
    own: JSONObject, report: BuildReport, problems: [PartError]
  ) {
    var given = config
    var problems: [PartError] = []
    if let name = given.removeValue(forKey: "name"), name.string != entry.name {
      problems.append(
        PartError(.value(key: "name", expected: "\"\(entry.name)\"", got: name.description)))
    }
    var own = JSONObject()
    var report = BuildReport()
    let siblings = siblingKeys(of: entry.kind)
    for (key, value) in given {
      if entry.keys.contains(key) {
        own[key] = value
        if !value.isNull { report.used[key] = value }
      } else if siblings.contains(key) {
        do { try refuse(key, value, entry.kind) } catch { problems.append(error) }
        report.unused[key] = value
      } else {
        let known = Set(entry.keys).union(siblings).sorted()
        problems.append(PartError(.unknownKey(key: key, known: entry.keys, others: known)))
      }
    }
    for key in entry.keys where report.used[key] == nil && !entry.required.contains(key) {
      report.defaults[key] = entry.sample[key] ?? .null
    }
    return (own, report, problems)
  }

  /// The keys of other parts that a configuration of a kind may have.
  private func siblingKeys(of kind: Kind) -> Set<String> {
    guard kind != .multihead else { return [] }
    return entries(kind).reduce(into: Self.sharedKeys) { $0.formUnion($1.keys) }
  }

  /// The keys that the original's runner of the Long Range Arena gives to every part.
  static let sharedKeys: Set<String> = [
    "dim_model", "num_classes", "seq_len", "num_heads", "vocab_size", "dropout", "dim_head",
    "causal",
  ]

  /// Refuses a key of a sibling that asks for something this part cannot do.
  private func refuse(_ key: String, _ value: JSON, _ kind: Kind) throws(PartError) {
    let asksAnyPart =
      switch key {
      case "causal": value.bool == true
      // A position embedding leaves dropout to the sublayers, which read the same dictionary.
      case "dropout": kind != .positionEmbedding && (value.double ?? 0) > 0
      default: false
      }
    guard asksAnyPart || entries(kind).contains(where: { asks($0, key, value) }) else { return }
    throw PartError(
      .unsupported(feature: "`\(key)`: \(value)", reason: "the part has no such option"))
  }

  /// Whether a value of a sibling's key makes the sibling causal, drop something in training, or
  /// return another shape: a part without the key would silently do something else.
  private func asks(_ sibling: PartEntry, _ key: String, _ value: JSON) -> Bool {
    guard sibling.keys.contains(key), !value.isNull, value != sibling.sample[key] else {
      return false
    }
    if let number = value.double {
      let dropout = (try? sibling.claims(for: sibling.sample, in: self))?.dropout
      return sibling.kind != .positionEmbedding && dropout?.key == key && number > 0
    }
    let asking = JSON.object((sibling.sample.object ?? [:]).merging([key: value]))
    func outcome(_ config: JSON) throws -> (Claims, [Signature.Axis]) {
      let part = try sibling.build(config, self, Generator(seed: 0))
      return (part.claims, part.signature.output)
    }
    guard let (plain, shape) = try? outcome(sibling.sample),
      let (asked, other) = try? outcome(asking)
    else { return false }
    return asked.causal == .always && plain.causal != .always || shape != other
  }
}
