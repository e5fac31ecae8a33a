internal import JSON
public import Parts
internal import Reporting
internal import Torch

extension Claims {
  /// The claims without those that follow single options.
  var outline: Claims {
    var claims = self
    claims.definition = nil
    claims.pattern = nil
    claims.dropout = .none
    claims.sequence = .any
    claims.parameters = [:]
    claims.thresholds = []
    return claims
  }
}

/// Something that a part may claim and that laws decide both ways.
public struct Capability: Sendable {
  /// The statement that claims it, such as `claims.linearInValue = true`.
  public let line: String
  /// Whether claims include it.
  let isClaimed: @Sendable (Claims) -> Bool
  /// Adds it to claims.
  let claim: @Sendable (inout Claims) -> Void

  /// A capability, the statement that claims it, and that statement's effect.
  public init(
    _ line: String, isClaimed: @escaping @Sendable (Claims) -> Bool,
    claim: @escaping @Sendable (inout Claims) -> Void
  ) {
    self.line = line
    self.isClaimed = isClaimed
    self.claim = claim
  }

  /// A claim that is made or not, by its name.
  public init(_ name: String, _ path: any WritableKeyPath<Claims, Bool> & Sendable) {
    self.init("claims.\(name) = true") {
      $0[keyPath: path]
    } claim: {
      $0[keyPath: path] = true
    }
  }

  /// A NaN stays where it is.
  static func isolation(_ place: IsolationClaim) -> Self {
    Self("claims.nanIsolation.insert(.\(place))") {
      $0.nanIsolation.contains(place)
    } claim: {
      $0.nanIsolation.insert(place)
    }
  }

  /// A form of masks is honoured.
  static func mask(_ kind: MaskKind) -> Self {
    Self("claims.masks.insert(.\(kind))") {
      $0.masks.contains(kind)
    } claim: {
      // The only form, so that every call has a mask of this form.
      $0.masks = [kind]
    }
  }

  static let causal = Self("claims.causal = .always") {
    $0.causal == .always
  } claim: {
    $0.causal = .always
  }
  static let crossLength = Self("crossLength", \.crossLength)
  static let linearMemory = Self("claims.memoryExponent = 1") {
    $0.memoryExponent <= 1
  } claim: {
    $0.memoryExponent = 1
  }
}

/// A claim that is taken for granted, to see whether a part that does not make it fails.
struct Assumption: Sendable {
  /// The claim.
  let capability: Capability
  /// Which configurations are tried.
  let among: Group

  /// Configurations that have something in common.
  enum Group: Sendable {
    /// All.
    case all
    /// Those that claim alike, definitions and patterns aside.
    case claiming(Claims)
    /// Those with one value of an option.
    case option(axis: String, value: JSON)
  }

  /// The claims with the assumption, if they lack it and belong to the group.
  func added(to claims: Claims) -> Claims? {
    guard !capability.isClaimed(claims) else { return nil }
    if case .claiming(let outline) = among, claims.outline != outline { return nil }
    var more = claims
    capability.claim(&more)
    return more
  }
}

/// What a law needs a part to claim, and how a report says that it does not.
public struct Need: Sendable {
  /// Why the law does not apply where the need is not met, such as `not causal`.
  public let reason: String
  /// Whether claims meet the need.
  public let holds: @Sendable (Claims) -> Bool
  /// The claim that is needed, if it is a single one that a part could also make.
  let capability: Capability?

  /// Names a need.
  public init(_ reason: String, _ holds: @escaping @Sendable (Claims) -> Bool) {
    self.reason = reason
    self.holds = holds
    capability = nil
  }

  /// Needs a claim. The law is then also run on parts that do not make it: one that fulfils it all the
  /// same claims less than it does.
  public init(_ reason: String, _ capability: Capability) {
    self.reason = reason
    holds = capability.isClaimed
    self.capability = capability
  }
}

extension Need {
  /// The configuration keeps outputs from later positions.
  public static let causal = Need("not causal", .causal)
  /// The configuration does not.
  public static let notCausal = Need("always causal") { $0.causal != .always }
  /// Some mask is honoured.
  public static let someMask = Need("no masks") { !$0.masks.isEmpty }
  /// Additive masks are honoured.
  public static let additiveMask = Need("no additive masks") { $0.masks.contains(.additive) }
  /// Key padding is honoured.
  public static let keyPadding = Need("no key padding") { $0.masks.contains(.keyPadding) }
  /// The part goes on from a cache.
  public static let incremental = Need(
    "needs all tokens at once", Capability("incremental", \.incremental))
  /// Reordering queries reorders outputs.
  public static let queryEquivariant = Need(
    "not equivariant in queries", Capability("queryEquivariant", \.queryEquivariant))
  /// Reordering keys with values changes nothing.
  public static let keyValueInvariant = Need(
    "not invariant in keys", Capability("keyValueInvariant", \.keyValueInvariant))
  /// Items of a batch do not meet.
  public static let batchIndependent = Need(
    "items of a batch meet", Capability("batchIndependent", \.batchIndependent))
  /// The logits are scaled products of queries and keys.
  public static let softmaxOverProducts = Need(
    "no softmax over products", Capability("softmaxOverProducts", \.softmaxOverProducts))
  /// It is known which keys a query sees.
  public static let exactPattern = Need("no exact pattern") { $0.pattern != nil }
  /// The part computes some definition.
  public static let someDefinition = Need(Reporting.Verdict.noDefinition) { $0.definition != nil }
  /// The part computes a certain definition.
  public static func definition(_ name: String) -> Need {
    Need("not defined as \(name)") { $0.definition?.oracle == name }
  }
}
