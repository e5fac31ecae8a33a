internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A04: appending masked keys changes nothing, and masking a key equals deleting it.
  ///
  /// Where S and T must be equal, whole tokens are appended and the original rows compared.
  /// Deletion is checked only if key order is irrelevant, since otherwise later keys change
  /// position.
  static let keyPaddingErasure = Law(
    .keyPaddingErasure, trials: 24, witness: "paddingIgnored",
    needs: [.keyMask, .patternOfAnyLength],
    plan: ScenarioPlan(fills: .small, masks: .none, minimumLength: 2) { draft in
      [.number("keys appended", below: 4), .number("key hidden", below: draft.keys)]
    }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part).with()
    try expectAppended(part, call, setting, &trial)
    try expectDeleted(part, call, setting, &trial)
  }

  /// Compares with a shorter call with the same pattern, if the part accepts one.
  private static func expectAppended(
    _ part: any PartModule, _ call: AttentionCall, _ setting: Setting, _ trial: inout Trial
  ) throws {
    let (queries, keys) = (try call.query.size(-2), try call.keys)
    let isFree = setting.claims.crossLength
    let fewest = max(1, keys - 1 - (try setting.number("keys appended")))
    let accepted = (1..<max(1, keys)).filter { count in
      let claims = part.claims(queryLength: isFree ? queries : count, keyLength: count)
      return claims.sequence.accepts(count) && Need.patternOfAnyLength.holds(claims)
    }
    guard let real = accepted.first(where: { $0 >= fewest }) ?? accepted.last else { return }
    let rows = 0..<(isFree ? queries : real)
    let shorter = try call.with(
      query: call.query.slice(-2, rows), key: call.key.slice(-2, 0..<real),
      value: call.value.slice(-2, 0..<real))
    var hidden = call
    try hidden.hide(where: (0..<keys).map { $0 < real }, setting.claims, queries: queries)
    try trial.equal(
      part.run(hidden.tensors).slice(-2, rows), part.run(shorter.tensors),
      trial.tolerance(setting, part, shorter.tensors), label: "hidden keys appended")
  }

  /// Compares with a call without one key, if the part accepts one.
  private static func expectDeleted(
    _ part: any PartModule, _ call: AttentionCall, _ setting: Setting, _ trial: inout Trial
  ) throws {
    let keys = try call.keys
    let shorter = try part.claims(queryLength: call.query.size(-2), keyLength: keys - 1)
    guard setting.claims.crossLength, setting.claims.keyValueInvariant, keys > 1,
      shorter.keyValueInvariant, shorter.sequence.accepts(keys - 1)
    else { return }
    let lost = try setting.number("key hidden")
    let rest = (0..<keys).filter { $0 != lost }
    let deleted = try call.with(key: call.key.picked(-2, rest), value: call.value.picked(-2, rest))
    var hidden = call
    try hidden.hide(
      where: (0..<keys).map { $0 != lost }, setting.claims, queries: call.query.size(-2))
    try trial.equal(
      part.run(hidden.tensors), part.run(deleted.tensors),
      trial.tolerance(setting, part, deleted.tensors), label: "a key hidden")
  }
}

extension Need {
  /// Some mask can hide a key from all queries.
  fileprivate static let keyMask = Need("no mask can hide keys") {
    !$0.masks.isDisjoint(with: [.keyPadding, .boolean2D])
  }
  /// Which keys a query sees is independent of the number of keys, and so is how they are
  /// approximated: segments for landmarks are not.
  fileprivate static let patternOfAnyLength = Need("the pattern depends on the length") {
    if case .exactly = $0.sequence { return false }
    return $0.keyValueInvariant || $0.accuracy == .exact && $0.pattern?.servesAnyLength == true
  }
}

extension PatternClaim {
  /// Whether the pattern of a longer call starts with that of a shorter one.
  fileprivate var servesAnyLength: Bool {
    switch self {
    case .full, .band, .tokens, .pairs: true
    case .blocks, .drawn: false
    }
  }
}

extension AttentionCall {
  /// Hides the unmarked keys from every query, by key padding if the part takes it.
  fileprivate mutating func hide(where real: [Bool], _ claims: Claims, queries: Int) throws {
    if claims.masks.contains(.keyPadding) {
      // Heads may be folded into the batch, and padding may not have one item for all of them.
      let items = try query.size(0)
      tensors["key_padding_mask"] = try Tensor(real, shape: [1, real.count])
        .expanded([items, real.count]).contiguous()
    } else {
      tensors["att_mask"] = try Tensor(real, shape: [1, real.count])
        .expanded([queries, real.count]).contiguous()
    }
  }
}
