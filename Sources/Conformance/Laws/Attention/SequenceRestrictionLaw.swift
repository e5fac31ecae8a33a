internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A26: for every length up to 25 the output equals the definition, or the part throws an error
  /// that names the restriction; nothing is silently padded or cropped.
  static let sequenceRestriction = Law(
    .sequenceRestriction, trials: 16, witness: "lengthLimitUnchecked", needs: [.someDefinition],
    judging: ["sequence"],
    plan: ScenarioPlan(fills: .small, masks: .none) { draft in
      // Each trial checks a few of the lengths.
      [.number("first length, less 1", below: 5)]
        + [("queries", draft.query), ("keys", draft.key), ("values", draft.value)]
        .map { name, shape in .tensor("25 \(name)", shape.dropLast(2) + [25] + shape.suffix(1)) }
    }
  ) { setting, trial in
    let part = try setting.part()
    let call = try AttentionCall(setting, part).with()
    for length in stride(from: try setting.number("first length, less 1") + 1, through: 25, by: 5) {
      func tokens(_ name: String) throws -> Tensor {
        try setting.extra("25 \(name)").slice(-2, 0..<length).contiguous()
      }
      let changed = try call.with(
        query: tokens("queries"), key: tokens("keys"), value: tokens("values"))
      let restriction = part.claims(queryLength: length, keyLength: length).sequence
      guard allows(restriction, length) else {
        let error = trial.refuses(changed.wrong("length \(length)"), by: part)
        if let error, let word = keyword(restriction) {
          trial.expect(
            error.description.split { !$0.isLetter && !$0.isNumber }.contains { $0 == word },
            label: "the restriction named",
            "length \(length), claimed \(restriction): the error does not mention `\(word)`: \(error)"
          )
        }
        continue
      }
      try trial.equal(
        part.run(changed.tensors), setting.expected(part, changed.tensors),
        trial.tolerance(setting, part, changed.tensors), label: "length \(length)")
    }
  }
}

/// Whether a length satisfies the claimed restriction.
private func allows(_ restriction: SequenceClaim, _ length: Int) -> Bool {
  switch restriction {
  case .any: true
  case .squared: [1, 4, 9, 16, 25].contains(length)
  case .squaredFrom(let side): length >= side * side && allows(.squared, length)
  case .multipleOf(let block): length.isMultiple(of: block)
  case .exactly(let only): length == only
  case .atMost(let longest): length <= longest
  }
}

/// What an error about a restriction must mention.
private func keyword(_ restriction: SequenceClaim) -> String? {
  switch restriction {
  case .any: nil
  case .squared, .squaredFrom: "square"
  case .multipleOf(let number), .exactly(let number), .atMost(let number): "\(number)"
  }
}
