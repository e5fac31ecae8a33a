internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A04: keys appended behind a mask are as good as absent, and hiding a key deletes it.
  ///
  /// Where S and T must agree, whole tokens are appended and the old rows compared. Deleting is
  /// asked of parts to which the order of keys is nothing, since others see keys move up.
  static let keyPaddingErasure = Law(
    .keyPaddingErasure, trials: 24, witness: "paddingIgnored",
    needs: [.keyMask, .patternOfAnyLength], plan: ScenarioPlan(fills: .small, masks: .none)
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part).with()
    let appended = try expectAppended(part, call, setting, &trial)
    let deleted = try expectDeleted(part, call, setting, &trial)
    try trial.assume(appended || deleted)
  }

  /// Says whether the part keeps its pattern when there are more keys, and so was asked.
  private static func expectAppended(
    _ part: any PartModule, _ call: AttentionCall, _ setting: Setting, _ trial: inout Trial
  ) throws -> Bool {
    let (queries, keys) = (try call.query.size(-2), try call.keys)
    let isFree = setting.claims.crossLength
    let most = 1 + Int(trial.seed % 4)
    let extra = (1...most).last { extra in
      let claims = part.claims(
        queryLength: isFree ? queries : queries + extra, keyLength: keys + extra)
      return claims.sequence.accepts(keys + extra) && Need.patternOfAnyLength.holds(claims)
    }
    guard let extra else { return false }
    let generator = Generator(seed: trial.seed)
    func longer(_ x: Tensor) throws -> Tensor {
      let shape = Array(x.shape.dropLast(2)) + [extra, x.size(-1)]
      return try .cat([x, .normal(shape, x.dtype, generator: generator) * 3], -2)
    }
    var changed = try call.with(
      query: isFree ? call.query : longer(call.query), key: longer(call.key),
      value: longer(call.value))
    let real = (0..<keys + extra).map { $0 < keys }
    try changed.hide(where: real, setting.claims, queries: changed.query.size(-2))
    try trial.equal(
      part.run(changed.tensors).slice(-2, 0..<queries), part.run(call.tensors), .exact(),
      label: "hidden keys appended")
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
    let lost = Int(trial.seed / 4 % UInt64(keys))
    let rest = (0..<keys).filter { $0 != lost }
    let deleted = try call.with(key: call.key.picked(-2, rest), value: call.value.picked(-2, rest))
    var hidden = call
    try hidden.hide(
      where: (0..<keys).map { $0 != lost }, setting.claims, queries: call.query.size(-2))
    try trial.equal(
      part.run(hidden.tensors), part.run(deleted.tensors), .exact(), label: "a key hidden")
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
    $0.keyValueInvariant || $0.pattern?.servesAnyLength == true
  }
}

extension PatternClaim {
  /// Whether the pattern of a longer call begins with that of a shorter one, however long; tokens
  /// and blocks are listed up to some length.
  fileprivate var servesAnyLength: Bool {
    switch self {
    case .full, .band: true
    case .tokens, .blocks, .drawn: false
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
