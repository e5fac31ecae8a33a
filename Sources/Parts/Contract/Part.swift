public import JSON
internal import Synchronization
public import Torch

/// What every part offers.
public protocol PartModule: Module {
  /// What the part promises in its configuration.
  var claims: Claims { get }

  /// What it promises for calls of certain lengths, in tokens; at least ``claims``.
  func claims(queryLength: Int, keyLength: Int) -> Claims

  /// The tensors it takes and gives.
  var signature: Signature { get }

  /// The options it was made with, as JSON, without those that are nil.
  var options: JSON { get throws }

  /// Computes a call by name; use ``run(_:)``, whose errors name the part.
  ///
  /// - Throws: `PartError` for a tensor that is missing, unknown or does not fit.
  func call(_ inputs: [String: Tensor]) throws -> Tensor

  /// The last call's random draws, or what the part holds in addition to its parameters.
  var drawn: [String: Tensor] { get }

  /// Uses these draws from now on instead of drawing.
  ///
  /// - Throws: `PartError` for a name that the part does not draw.
  func inject(_ drawn: [String: Tensor]) throws

  /// A term that the loss of a model needs besides what follows from the output, for the tensors of a
  /// call; nil if the part adds nothing to a loss.
  ///
  /// - Throws: `PartError` for a tensor that is missing, unknown or does not fit.
  func auxiliaryLoss(_ inputs: [String: Tensor]) throws -> Tensor?

  /// Whether the part reproduces what the original zoo gives for these inputs.
  func reference(for inputs: [String: Tensor]) -> ReferenceClaim
}

extension PartModule {
  /// Calls the part with tensors by name, those of ``signature`` and, for an attention, the masks
  /// `att_mask` and `key_padding_mask`.
  ///
  /// - Throws: `PartError`, with the part's name, for a tensor that is missing, unknown or does not
  ///   fit.
  public func run(_ inputs: [String: Tensor]) throws -> Tensor {
    callsByName.add(1, ordering: .relaxed)
    do { return try call(inputs) } catch let error as PartError { throw error.naming(errorTitle) }
  }

  /// An error about this part.
  public func error(_ problem: PartError.Problem) -> PartError {
    PartError(problem, part: errorTitle)
  }

  /// The kind and name that a registry gave, or else the type.
  var errorTitle: String { title.isEmpty ? "\(type(of: self))" : title }

  /// The same for all lengths.
  public func claims(queryLength: Int, keyLength: Int) -> Claims { claims }

  /// Nothing.
  public var drawn: [String: Tensor] { [:] }

  /// Refuses any draw.
  public func inject(_ drawn: [String: Tensor]) throws {
    if let name = drawn.keys.sorted().first {
      throw error(
        .unsupported(feature: "`state.\(name)`", reason: "the part draws nothing at random"))
    }
  }

  /// The part adds nothing to a loss.
  public func auxiliaryLoss(_ inputs: [String: Tensor]) throws -> Tensor? { nil }

  /// Recorded values are reproduced.
  public func reference(for inputs: [String: Tensor]) -> ReferenceClaim { .matches }
}

/// A part that an annotation registers: a module made from a configuration.
public protocol Part: PartModule {
  /// Its options.
  associatedtype Config: PartConfig

  /// The options it was made with.
  var config: Config { get }

  /// Makes the part in training mode, in single precision.
  ///
  /// - Parameters:
  ///   - config: options that have been validated.
  ///   - generator: the source of initial values and later draws.
  init(_ config: Config, generator: Generator) throws

  /// What a part with these options promises.
  static func claims(for config: Config) -> Claims
}

extension Part {
  /// What a part with its options promises.
  public var claims: Claims {
    if let known = remembered.withLock({ $0 }) as? Claims { return known }
    let claims = Self.claims(for: config)
    remembered.withLock { $0 = claims }
    return claims
  }

  /// Its configuration as JSON.
  public var options: JSON { get throws { try config.json } }
}

/// A part that is made of other registered parts, which its options name.
public protocol CompositePart: Part {
  /// Makes the part and those inside it; see ``Part/init(_:generator:)``.
  ///
  /// - Parameters:
  ///   - config: options that have been validated.
  ///   - registry: the parts that the options may name.
  ///   - generator: the source of initial values and later draws.
  init(_ config: Config, registry: Registry, generator: Generator) throws

  /// What a part with these options promises, made of parts of a registry.
  static func claims(for config: Config, registry: Registry) -> Claims
}

extension CompositePart {
  /// Makes it of parts of the zoo.
  public init(_ config: Config, generator: Generator) throws {
    try self.init(config, registry: .zoo, generator: generator)
  }

  /// What it promises, made of parts of the zoo.
  public static func claims(for config: Config) -> Claims { claims(for: config, registry: .zoo) }
}

/// The tensors of one call by name, each asked for once.
public struct NamedInputs {
  private let tensors: [String: Tensor]
  private let known: [String]

  /// Checks that every name is known.
  ///
  /// - Throws: `PartError` with the nearest known name.
  public init(_ tensors: [String: Tensor], _ signature: Signature, masks: Bool = false)
    throws(PartError)
  {
    let known = signature.inputs.map(\.name) + (masks ? ["att_mask", "key_padding_mask"] : [])
    if let name = tensors.keys.sorted().first(where: { !known.contains($0) }) {
      throw PartError(.unknownTensor(tensor: name, known: known))
    }
    self.tensors = tensors
    self.known = known
  }

  /// The tensor with a name, which must be given.
  public func required(_ name: String) throws(PartError) -> Tensor {
    guard let tensor = tensors[name] else {
      throw PartError(.missingTensor(tensor: name, known: known))
    }
    return tensor
  }

  /// The tensor with a name, if it is given.
  public subscript(name: String) -> Tensor? { tensors[name] }

  /// The masks of the call.
  public var masks: Masks {
    Masks(attention: tensors["att_mask"], keyPadding: tensors["key_padding_mask"])
  }
}
