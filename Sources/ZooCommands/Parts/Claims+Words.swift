internal import Parts
internal import Torch

extension Claims {
  /// The supported masks, in words.
  var maskList: String {
    masks.isEmpty ? "none" : masks.map(\.rawValue).sorted().joined(separator: ", ")
  }

  /// The claims, each with its value.
  var sentences: [(about: String, promise: String)] {
    [
      ("causal", causal.phrase), ("masks", maskList),
      ("row without keys", emptyRow.phrase),
      ("lengths", sequence.phrase + (crossLength ? ", queries and keys may differ in length" : "")),
      ("value width", valueWidth == .free ? "any" : "as that of the keys"),
      ("order of queries", queryEquivariant ? "outputs follow it" : "matters"),
      ("order of keys", keyValueInvariant ? "does not matter" : "matters"),
      ("linear in the values", linearInValue ? "yes" : "no"),
      ("weights", weights), ("tokens", tokenWise ? "independent" : "mixed"),
      ("batch", batch), ("next tokens", incremental ? "from a cache" : "need all before them"),
      ("evaluation", evalDeterminism.phrase), ("training", redraws),
      ("accuracy", accuracy.phrase),
      ("NaN stays in", list(nanIsolation.map(\.phrase), none: "nothing")),
      ("types", DType.floating.filter(dtypes.contains).map(\.rawValue).joined(separator: ", ")),
      ("no gradient through", list(Array(withoutGradient), none: "nothing")),
      ("dropout", dropout.phrase),
      ("stochastic depth", stochasticDepth.map { "`\($0)`" } ?? "none"), ("memory", memoryPhrase),
      ("heads", heads.phrase + (inputProjection ? "" : ", not projected")),
      (
        "pattern",
        causal == .always && pattern == .full
          ? "every key up to the query" : pattern?.phrase ?? "not declared"
      ),
      ("definition", definition?.oracle ?? "none: unproven"),
    ]
  }

  /// How memory grows with the length of a sequence.
  var memoryPhrase: String { memoryExponent == 1 ? "O(S)" : "O(S^\(memoryExponent))" }

  private var weights: String {
    let promises = [
      softmaxOverProducts ? "softmax of scaled products" : nil, rowsSumToOne ? "sum to 1" : nil,
      convexHull ? "are not negative" : nil,
    ].compactMap { $0 }
    return promises.isEmpty ? "no claim" : promises.joined(separator: ", ")
  }

  private var batch: String {
    (batchIndependent ? "items are independent" : "items are mixed")
      + (batchBroadcast ? ", sizes 1 and B can be combined" : "")
  }

  private var redraws: String {
    redrawsInTraining.map { "draws again after \($0) calls" } ?? "keeps its draws"
  }

  private func list(_ words: [String], none: String) -> String {
    words.isEmpty ? none : words.sorted().joined(separator: ", ")
  }
}

extension CausalClaim {
  fileprivate var phrase: String {
    switch self {
    case .never: "never"
    case .option: "on request"
    case .always: "in this configuration"
    }
  }
}

extension EmptyRowClaim {
  fileprivate var phrase: String {
    switch self {
    case .zero: "0"
    case .offset(let key): "the offset `\(key)`"
    case .throwing: "throws"
    }
  }
}

extension SequenceClaim {
  /// The lengths in words.
  var phrase: String {
    switch self {
    case .any: "any"
    case .squared: "squares"
    case .squaredFrom(let side): "squares from \(side * side)"
    case .multipleOf(let block): "multiples of \(block)"
    case .exactly(let length): "exactly \(length)"
    case .atMost(let longest): "at most \(longest)"
    }
  }
}

extension DeterminismClaim {
  fileprivate var phrase: String {
    switch self {
    case .pure: "always the same"
    case .seeded: "the same for a seed"
    case .redraws(let count): "the same until it draws again, after \(count) calls"
    }
  }
}

extension AccuracyClaim {
  fileprivate var phrase: String {
    switch self {
    case .exact: "exact"
    case .approximates(let oracle, let knob, let law):
      "approximates \(oracle), better with `\(knob)` (law \(law))"
    }
  }
}

extension IsolationClaim {
  fileprivate var phrase: String {
    switch self {
    case .masked: "masked keys"
    case .batchRow: "its item of the batch"
    case .token: "its token"
    }
  }
}

extension DropoutClaim {
  fileprivate var phrase: String {
    switch self {
    case .none: "none"
    case .weights(let key): "on the weights (`\(key)`)"
    case .output(let key): "on the output (`\(key)`)"
    case .inside(let key): "between the layers (`\(key)`)"
    case .both(let key): "inside and on the output (`\(key)`)"
    case .within(let key, _): "in the parts inside (`\(key)`)"
    }
  }
}

extension HeadsClaim {
  fileprivate var phrase: String {
    switch self {
    case .folded: "folded into the batch"
    case .explicit: "a separate axis"
    case .owned: "made inside the part"
    }
  }
}

extension PatternClaim {
  fileprivate var phrase: String {
    switch self {
    case .full: "every key"
    case .band(let past, let future):
      "\(past.map(String.init) ?? "all") before to \(future.map(String.init) ?? "all") after"
    case .tokens(let tokens, let andItself):
      "to and from \(tokens.count) tokens" + (andItself ? ", and the token itself" : "")
    case .blocks(let size, _): "stored blocks of \(size) by \(size)"
    case .pairs(let rule): rule.name
    case .drawn(let name): "as drawn (`\(name)`)"
    }
  }
}
