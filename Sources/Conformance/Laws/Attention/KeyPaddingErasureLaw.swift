internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A04: keys appended behind a mask are as good as absent, and hiding a key deletes it.
  ///
  /// Where S and T must agree, whole tokens are appended and the rows before compared. Deleting is
  /// asked of parts to which the order of keys is nothing, since others see keys move up.
  static let keyPaddingErasure = Law(
    .keyPaddingErasure, trials: 24, witness: "paddingIgnored",
    needs: [.keyMask, .patternOfAnyLength],
    plan: ScenarioPlan(fills: .small, masks: .none, minimumLength: 2) { draft in
      [.number("keys appended", below: 4), .number("key hidden", below: draft.keys)]
    }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part).with()
    let appended = try expectAppended(part, call, setting, &trial)
    let deleted = try expectDeleted(part, call, setting, &trial)
    try trial.assume(appended || deleted)
  }

  /// Says whether a shorter call with the same pattern is accepted, and so was compared.
  private static func expectAppended(
    _ part: any PartModule, _ call: AttentionCall, _ setting: Setting, _ trial: inout Trial
  ) throws -> Bool {
    let (queries, keys) = (try call.query.size(-2), try call.keys)
    let isFree = setting.claims.crossLength
    let fewest = max(1, keys - 1 - (try setting.number("keys appended")))
    let real = (fewest..<max(fewest, keys)).first { count in
      let claims = part.claims(queryLength: isFree ? queries : count, keyLength: count)
      return claims.sequence.accepts(count) && Need.patternOfAnyLength.holds(claims)
    }
    guard let real else { return false }
    let rows = 0..<(isFree ? queries : real)
    let shorter = try call.with(
      query: call.query.slice(-2, rows), key: call.key.slice(-2, 0..<real),
      value: call.value.slice(-2, 0..<real))
    var hidden = call
    try hidden.hide(where: (0..<keys).map { $0 < real }, setting.claims, queries: queries)
    try trial.equal(
      part.run(hidden.tensors).slice(-2, rows), part.run(shorter.tensors),
      trial.tolerance(setting, part, shorter.tensors), label: "hidden keys appended")
    return true
  }

  /// Says whether a key could be deleted, and so was.
  private static func expectDeleted(
    _ part: any PartModule, _ call: AttentionCall, _ setting: Setting, _ trial: inout Trial
  ) throws -> Bool {
    let keys = try call.keys
    let shorter = try part.claims(queryLength: call.query.size(-2), keyLength: keys - 1)
    guard setting.claims.crossLength, setting.claims.keyValueInvariant, keys > 1,
      shorter.keyValueInvariant, shorter.sequence.accepts(keys - 1)
    else { return false }
    let lost = try setting.number("key hidden")
    let rest = (0..<keys).filter { $0 != lost }
    let deleted = try call.with(key: call.key.picked(-2, rest), value: call.value.picked(-2, rest))
    var hidden = call
    try hidden.hide(
      where: (0..<keys).map { $0 != lost }, setting.claims, queries: call.query.size(-2))
    try trial.equal(
      part.run(hidden.tensors), part.run(deleted.tensors),
      trial.tolerance(setting, part, deleted.tensors), label: "a key hidden")
    return true
  }
}

extension Need {
  /// Some mask can hide a key from all queries.
  fileprivate static let keyMask = Need("no mask of keys") {
    !$0.masks.isDisjoint(with: [.keyPadding, .boolean2D])
  }
  /// Which keys a query sees does not depend on how many there are.
  fileprivate static let patternOfAnyLength = Need("a pattern that lengths decide") {
    if case .exactly = $0.sequence { return false }
    return $0.keyValueInvariant || $0.pattern?.servesAnyLength == true
  }
}

extension PatternClaim {
  /// Whether the pattern of a longer call begins with that of a shorter one.
  fileprivate var servesAnyLength: Bool {
    switch self {
    case .full, .band, .tokens: true
    case .blocks, .drawn: false
    }
  }
}

extension AttentionCall {
  /// Hides the keys without a mark from every query, by key padding where the part takes it.
  fileprivate mutating func hide(where real: [Bool], _ claims: Claims, queries: Int) throws {
    if claims.masks.contains(.keyPadding) {
      // Heads may be folded into the batch: one item for all is not a shape that padding may have.
      let items = try query.size(0)
      tensors["key_padding_mask"] = try Tensor(real, shape: [1, real.count])
        .expanded([items, real.count]).contiguous()
    } else {
      tensors["att_mask"] = try Tensor(real, shape: [1, real.count])
        .expanded([queries, real.count]).contiguous()
    }
  }
}
