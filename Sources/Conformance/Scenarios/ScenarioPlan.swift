internal import JSON
public import Parts
public import Properties
public import Torch

/// What the scenarios of a law look like.
public struct ScenarioPlan: Sendable {
  /// Which masks are drawn.
  public enum MaskPlan: Sendable {
    /// None.
    case none
    /// Sometimes one of those that are honoured.
    case sometimes
    /// Always one of those that are honoured, or of these.
    case always([MaskKind] = MaskKind.allCases)
  }

  /// What tensors are filled with.
  public var fills: FillSet
  /// Which masks are drawn.
  public var masks: MaskPlan
  /// Whether dropout is drawn, too; otherwise its rates are 0.
  public var dropout: Bool
  /// Whether queries and keys are as many, where they need not be.
  public var sameLength: Bool
  /// The fewest items in a batch.
  public var minimumBatch: Int
  /// The fewest queries and keys.
  public var minimumLength: Int
  /// Whether masks may hide every key from a query.
  public var emptyRows: Bool
  /// What the law draws besides the call.
  public var extras: @Sendable (Draft) throws -> [Extra]

  /// Plans scenarios; by default of moderate values with and without masks.
  public init(
    fills: FillSet = .finiteModerate, masks: MaskPlan = .sometimes, dropout: Bool = true,
    sameLength: Bool = false, minimumBatch: Int = 1, minimumLength: Int = 1,
    emptyRows: Bool = true, extras: @escaping @Sendable (Draft) throws -> [Extra] = { _ in [] }
  ) {
    self.fills = fills
    self.masks = masks
    self.dropout = dropout
    self.sameLength = sameLength
    self.minimumBatch = minimumBatch
    self.minimumLength = minimumLength
    self.emptyRows = emptyRows
    self.extras = extras
  }

  /// The scenarios of a part whose claims meet all needs.
  public func generator(_ subject: Subject, dtype: DType, needs: [Need] = []) -> Gen<Scenario> {
    generator(subject, dtype: dtype, needs: needs, assuming: nil)
  }

  /// The same for a part of which a claim is assumed that it does not make.
  func generator(
    _ subject: Subject, dtype: DType, needs: [Need], assuming assumption: Assumption?
  ) -> Gen<Scenario> {
    let isUsable = { @Sendable (claims: Claims) in
      guard claims.dtypes.contains(dtype) else { return false }
      guard let assumption else { return needs.allSatisfy { $0.holds(claims) } }
      return assumption.added(to: claims).map { more in needs.allSatisfy { $0.holds(more) } }
        ?? false
    }
    let axes = usableAxes(subject, isUsable, assuming: assumption)
    return Gen<Scenario>("scenario") { source throws(Rejected) in
      var lengths = try drawLengths(&source)
      let drawn = try drawConfig(
        &source, subject, axes, &lengths, isUsable, assuming: assumption)
      let config = drawn.0
      var claims = drawn.claims
      guard let part = try? subject.build(config, seed: 0) else { throw Rejected() }
      let signature = part.signature
      // Masks have as many heads as tensors.
      if let heads = signature.fixed["H"] { lengths[.heads] = heads }
      let given = try drawOptionalInputs(&source, signature)
      if given.count < signature.inputs.count, lengths[.keyLength] != lengths[.queryLength] {
        // A key that is left out is the query.
        lengths[.keyLength] = lengths[.queryLength]
        guard let found = try? subject.claims(config, lengths) else { throw Rejected() }
        claims = found
      }
      guard isUsable(claims) else { throw Rejected() }
      if let assumption { claims = assumption.added(to: claims) ?? claims }
      var inputs = try drawInputs(&source, given, signature, lengths, dtype)
      inputs += try drawMasks(&source, claims, lengths, signature)
      let seed = UInt64(try source.integer(0...9999, isBiased: false))
      var scenario = Scenario(
        config: config, lengths: lengths, inputs: inputs, claims: claims, parameterSeed: seed,
        // Every law judges every implementation; as a separate choice it would cost trials.
        path: part.choosing.map { _ in AttentionPath.allCases[Int(seed) % 3] })
      // If the extras cannot be listed for this part, the property throws the same error.
      for extra in (try? extras(Draft(part: part, scenario: scenario))) ?? [] {
        let value = try extra.draw(&source, ElementKind(dtype))
        scenario.extras.append((extra.name, value))
      }
      return scenario
    }
  }
}
