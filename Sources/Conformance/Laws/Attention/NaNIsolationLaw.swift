internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A06: NaN, infinity or the largest number in keys, values or both that are hidden from a query
  /// does not reach its output, nor, where no query sees them, a derivative by the tensors of the call; NaN that is seen
  /// reaches every output that moves with its token.
  ///
  /// Parameters that act on every token meet the NaN itself, so their derivatives are not judged.
  static let nanIsolation = Law(
    .nanIsolation, trials: 24, witness: "maskedValueNaN", dtypes: [.float64, .float32],
    needs: [.someMask, .isolatesMasked],
    plan: ScenarioPlan(masks: .always()) { draft in
      [
        .number("content", below: 3), .number("token", below: draft.keys),
        .tensor("cotangent", draft.output),
      ]
    }
  ) { setting, trial in
    let poisons = [
      ("NaN", Double.nan), ("infinity", .infinity),
      ("the largest number", setting.dtype.greatestFiniteMagnitude),
    ]
    let (word, poison) = poisons[try setting.number("content")]
    let contents: [Content] = [
      (
        "\(word) behind the mask",
        { key, value, _ in (try key.full(poison), try value.full(-poison)) }
      ),
      ("\(word) in hidden keys", { key, value, _ in (try key.full(poison), value) }),
      ("\(word) in hidden values", { key, value, _ in (key, try value.full(poison)) }),
    ]
    // Where a call holds such numbers, a part may take another path, with other roundings.
    try expectIrrelevant(contents, isExact: false, setting, &trial)
    let part = try setting.part()
    let call = try AttentionCall(setting, part).with()
    // A derivative by weights may overflow beside the largest number.
    if !poison.isFinite, setting.dtype == .float64 {
      try expectCleanDerivatives(part, call, (word, poison), setting, &trial)
    }
    for call in [call, call.unmasked] {
      try expectSeen(part, call, setting.number("token"), &trial)
    }
  }

  /// Checks that what no query sees reaches no derivative by the tensors of the call.
  private static func expectCleanDerivatives(
    _ part: any PartModule, _ given: AttentionCall, _ content: (String, Double),
    _ setting: Setting, _ trial: inout Trial
  ) throws {
    let (word, poison) = content
    let call = try given.hiding(key: setting.number("token"))
    let visibility = try Visibility(call, setting.claims, part)
    if setting.claims.emptyRow == .throwing, visibility.hasEmptyRow { return }
    let cotangent = try setting.extra("cotangent")
    func derivatives(_ call: AttentionCall) throws -> [Tensor] {
      var tensors = call.tensors
      let leaves = try call.names.map { try (call.tensors[$0] ?? call.query).clone().requireGrad() }
      for (name, leaf) in zip(call.names, leaves) { tensors[name] = leaf }
      let output = try part.run(tensors)
      return try zip(leaves, output.gradients(of: leaves, cotangent: cotangent)).map {
        try $1 ?? Tensor.zeros($0.shape, $0.dtype)
      }
    }
    let clean = try derivatives(call)
    let seen = try visibility.keysSeen(like: call.key)
    let poisoned = try call.with(
      key: seen.select(call.key, else: call.key.full(poison)),
      value: seen.select(call.value, else: call.value.full(poison)))
    for (name, (actual, expected)) in zip(call.names, zip(try derivatives(poisoned), clean)) {
      // Products of other matrices may be added up in another order.
      try trial.equal(
        actual, expected, .exact(), label: "the derivative by \(name) beside hidden \(word)")
    }
  }

  /// Checks that NaN in a token reaches every output that moves with it.
  private static func expectSeen(
    _ part: any PartModule, _ call: AttentionCall, _ token: Int, _ trial: inout Trial
  ) throws {
    func output(_ role: Int, moved step: Double) throws -> Tensor {
      var changed = call
      let tensor = try [call.query, call.key, call.value][role]
      changed.tensors[call.names[role]] =
        try tensor.moving(token: token % tensor.size(-2), by: step)
      return try part.run(changed.tensors).detached()
    }
    let before = try part.run(call.tensors).detached()
    for role in 0..<3 {
      let hasMoved = try (.!output(role, moved: 1).equals(before)).any(-1)
      let isNumber = try .!output(role, moved: .nan).isNaN().any(-1)
      trial.compared(hasMoved.count)
      trial.expect(
        try !(hasMoved .& isNumber).anyTrue(), label: "NaN in \(call.names[role])",
        "an output that moves with a token of \(call.names[role]) is a number when that is NaN")
    }
  }
}

extension AttentionCall {
  /// The call with one key hidden from every query by its mask.
  fileprivate func hiding(key: Int) throws -> AttentionCall {
    var call = self
    for name in ["att_mask", "key_padding_mask"] {
      guard let mask = call.tensors[name] else { continue }
      let isKey = try Tensor((0..<mask.size(-1)).map { $0 == key }, shape: [mask.size(-1)])
      call.tensors[name] =
        mask.dtype == .bool
        ? try mask .& (.!isKey) : try mask.filled(-.infinity, where: isKey)
      break
    }
    return call
  }
}

extension Tensor {
  /// A tensor of this shape and type with one number everywhere.
  fileprivate func full(_ number: Double) throws -> Tensor { try Tensor.full(shape, number, dtype) }
}

extension Visibility {
  /// Whether some query of each item sees a key: Boolean `[…, T, 1]`, with the leading axes of a
  /// tensor.
  fileprivate func keysSeen(like key: Tensor) throws -> Tensor {
    try tensor.any(1).reshaped(key.shape.dropLast(2) + [keys, 1])
  }
}

extension Need {
  /// NaN behind masks does not spread.
  static let isolatesMasked = Need("NaN behind masks is not isolated", .isolation(.masked))
}
