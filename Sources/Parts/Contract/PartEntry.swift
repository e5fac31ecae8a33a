public import Catalogue
public import JSON
internal import Torch

/// One registered part: what is known about it before it is built, and how to build it.
public struct PartEntry: Sendable {
  /// The kind of the part.
  public let kind: Kind
  /// Its registered name.
  public let name: String
  /// The name of its configuration type.
  public let configName: String
  /// One sentence about it.
  public let summary: String
  /// Where it is registered: file as `Module/File.swift`.
  public let fileID: String
  /// Where it is registered: the file's path.
  public let filePath: String
  /// Where it is registered: the line of the annotation.
  public let line: Int
  /// A small valid configuration, with all its defaults.
  public let sample: JSON
  /// The keys its configuration may have.
  public let keys: [String]
  /// What each of its keys takes.
  public let keyTypes: [String: OptionType]
  /// The keys its configuration must have.
  public let required: [String]
  /// For a required key, the keys that together replace it.
  public let substitutes: [String: [String]]
  /// What property tests try for its keys.
  public let domain: [String: OptionDomain]
  /// The keys that change no result.
  public let inert: Set<String>
  /// The parts inside the configuration of this one, by key.
  public let nested: [String: PartEntry]
  /// The keys of nested parts that this one fills in, with the lengths that they hold.
  public let filledIn: [String: Dimension]
  /// Whether it is a residual style that normalizes inputs before the sublayer.
  let normalizesFirst: Bool
  /// Whether it maps one tensor.
  let isUnary: Bool
  /// Every problem of a configuration of its own keys.
  package let problems: @Sendable (JSONObject) -> [PartError]

  private let makeSample: @Sendable (Int) -> JSON?
  private let makeClaims: @Sendable (JSON, Registry) throws -> Claims
  private let makePart: @Sendable (JSON, Registry, Generator) throws -> any PartModule
  private let makeResidual: @Sendable (JSON, Module, Registry, Generator) throws -> any Residual

  /// The kind and name, such as `attention nystrom`.
  public var title: String { "\(kind.rawValue) \(name)" }

  /// A configuration for calls of a length that the sample does not reach, or nil.
  public func sample(length: Int) -> JSON? { makeSample(length) }

  /// What the part promises with a configuration.
  ///
  /// - `registry`: the parts that it may be made of.
  /// - Throws: `PartError` when the configuration is refused.
  public func claims(for config: JSON, in registry: Registry = .zoo) throws -> Claims {
    try about { try makeClaims(config, registry) }
  }

  /// Builds the part from its own keys; see `Registry.build(_:_:_:generator:)` for other keys.
  func build(_ config: JSON, _ registry: Registry, _ generator: Generator) throws
    -> any PartModule
  {
    try about { try makePart(config, registry, generator) }
  }

  /// Builds a residual around a sublayer that code gives.
  func build(_ config: JSON, around sublayer: Module, _ registry: Registry, _ generator: Generator)
    throws -> any Residual
  {
    try about { try makeResidual(config, sublayer, registry, generator) }
  }

  private func about<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as PartError { throw error.naming(title) }
  }

  init<P: Part>(
    _ kind: Kind, _ name: String, _ part: P.Type, _ summary: String, _ fileID: String,
    _ filePath: String, _ line: Int
  ) {
    self.kind = kind
    self.name = name
    self.configName = "\(P.Config.self)"
    self.summary = summary
    self.fileID = fileID
    self.filePath = filePath
    self.line = line
    // A sample that cannot be encoded has no keys; building the part then throws.
    sample = (try? P.Config.sample.json) ?? [:]
    keys = (try? P.Config.keys) ?? []
    keyTypes = (try? P.Config.keyTypes) ?? [:]
    required = P.Config.required
    substitutes = P.Config.substitutes
    domain = P.Config.domain
    inert = P.Config.inert
    nested = [:]
    filledIn = [:]
    makeSample = { try? P.Config.sample(length: $0)?.json }
    makeClaims = { json, registry in
      if let type = P.self as? any CompositePart.Type {
        return try Self.claims(type, json, registry)
      }
      return P.claims(for: try P.Config.decode(json))
    }
    makePart = { json, registry, generator in
      if let type = P.self as? any CompositePart.Type {
        return try Self.part(type, json, registry, generator)
      }
      return try P(try P.Config.decode(json), generator: generator)
    }
    makeResidual = { json, sublayer, registry, generator in
      guard let type = P.self as? any Residual.Type else { throw Self.noResidual }
      return try Self.residual(type, json, sublayer, registry, generator)
    }
    isUnary = P.self is any UnaryPart.Type
    normalizesFirst = (P.self as? any Residual.Type)?.normalizesFirst ?? false
    problems = { P.Config.problems(in: $0) }
  }

  private static let noResidual = PartError(
    .unsupported(feature: "a sublayer", reason: "the part is no residual style"))

  private static func residual<P: Residual>(
    _ part: P.Type, _ json: JSON, _ sublayer: Module, _ registry: Registry, _ generator: Generator
  ) throws -> any Residual {
    try P(
      try P.Config.decode(json), around: sublayer, registry: registry, generator: generator)
  }

  private static func claims<P: CompositePart>(_ part: P.Type, _ json: JSON, _ registry: Registry)
    throws -> Claims
  {
    P.claims(for: try P.Config.decode(json), registry: registry)
  }

  private static func part<P: CompositePart>(
    _ part: P.Type, _ json: JSON, _ registry: Registry, _ generator: Generator
  ) throws -> any PartModule {
    try P(try P.Config.decode(json), registry: registry, generator: generator)
  }

  /// The dispatch of heads around a registered attention.
  init(dispatching attention: PartEntry) {
    kind = .multihead
    name = attention.name
    configName = "\(MultiHeadConfig.self)"
    summary = "The dispatch of several heads around \(attention.name)."
    fileID = attention.fileID
    filePath = attention.filePath
    line = attention.line
    var sample = (try? MultiHeadConfig.sample.json.object) ?? [:]
    var inner = attention.sample.object ?? [:]
    inner["name"] = .string(attention.name)
    sample["attention"] = .object(inner)
    self.sample = .object(sample)
    keys = (try? MultiHeadConfig.keys) ?? []
    keyTypes = (try? MultiHeadConfig.keyTypes) ?? [:]
    required = MultiHeadConfig.required
    substitutes = MultiHeadConfig.substitutes
    domain = MultiHeadConfig.domain
    inert = MultiHeadConfig.inert
    nested = ["attention": attention]
    filledIn = MultiHeadDispatch.filledIn
    makeSample = { [sample] length in
      attention.sample(length: length).map { inner in
        var (config, named) = (sample, inner.object ?? [:])
        named["name"] = .string(attention.name)
        config["attention"] = .object(named)
        return .object(config)
      }
    }
    makeClaims = { json, registry in
      try MultiHeadDispatch.claims(
        for: MultiHeadConfig.decode(json), around: attention, in: registry)
    }
    makePart = { json, registry, generator in
      try MultiHeadDispatch(
        MultiHeadConfig.decode(json), registry: registry, generator: generator)
    }
    makeResidual = { _, _, _, _ in throw Self.noResidual }
    isUnary = false
    normalizesFirst = false
    problems = { MultiHeadConfig.problems(in: $0) }
  }
}
