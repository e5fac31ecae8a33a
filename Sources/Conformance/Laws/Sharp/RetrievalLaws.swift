internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// CMP1: with one retrieval no parameter of the scores counts, and the part is multi-head attention
  /// with one value for all heads.
  static let singleRule = Law(
    .singleRule, trials: 16, witness: "rulesSigmoid", needs: [.compositional, .oneRule],
    plan: ScenarioPlan(fills: .small, masks: .none, extras: RetrievalProblem.otherScorer)
  ) { setting, trial in
    let problem = try RetrievalProblem(setting)
    let output = try problem.part.run(problem.inputs)
    try trial.equal(
      output, problem.attention(ofRule: 0), .exact(), label: "one value for all heads")
    let other = try problem.redrawn(problem.scorer)
    try problem.part.load(other, strict: false)
    try trial.unchanged(
      problem.part.run(problem.inputs), output, label: "other parameters of the scores")
  }

  /// CMP2: where all retrievals have the same values, the scores do not count; and the retrieval query
  /// of a linear score never does.
  static let equalRules = Law(
    .equalRules, trials: 16, witness: "rulesOverHeads",
    needs: [.compositional, .severalRules, .ownValues],
    plan: ScenarioPlan(fills: .small, masks: .none, extras: RetrievalProblem.otherScorer)
  ) { setting, trial in
    let problem = try RetrievalProblem(setting)
    let options = try setting.definition.options
    if options["qk_rule"]?.bool != true, options["nonlinear"]?.bool != true {
      let before = try problem.part.run(problem.inputs)
      let keys = try problem.scorer.filter { key in
        try ["value_q_weight", "value_q_bias"].contains { role in
          try setting.definition.parameters[role] == key
        }
      }
      let own = problem.part.stateDict.filter { keys.contains($0.key) }
      let saved = try own.mapValues { try $0.detached().clone() }
      try problem.part.load(problem.redrawn(keys), strict: false)
      try trial.equal(
        problem.part.run(problem.inputs), before, .exact(),
        label: "another retrieval query of a linear score")
      try problem.part.load(saved, strict: false)
    }
    try problem.part.load(
      problem.values(Array(repeating: 0, count: problem.rules)), strict: false)
    let before = try problem.part.run(problem.inputs)
    let other = try problem.redrawn(problem.scorer)
    try problem.part.load(other, strict: false)
    try trial.equal(
      problem.part.run(problem.inputs), before, .exact(), label: "other scores of equal retrievals")
  }

  /// CMP3: the order of retrievals changes nothing, and the shares picked of them sum to 1: where all
  /// have the same values, the output is theirs.
  static let rulePermutation = Law(
    .rulePermutation, trials: 16, witness: "rulesOrdered",
    needs: [.compositional, .severalRules, .ownValues],
    plan: ScenarioPlan(fills: .small, masks: .none) { draft in
      let rules = draft.scenario.claims.definition?.options["num_rules"]?.int ?? 1
      return [.order("order of retrievals", of: rules)]
    }
  ) { setting, trial in
    let problem = try RetrievalProblem(setting)
    let before = try problem.part.run(problem.inputs)
    let first = try problem.attention(ofRule: 0)
    let own = try problem.values(Array(0..<problem.rules))
    try problem.part.load(problem.values(setting.order("order of retrievals")), strict: false)
    try trial.equal(
      problem.part.run(problem.inputs), before, .exact(), label: "retrievals in another order")
    try problem.part.load(own, strict: false)
    try problem.part.load(
      problem.values(Array(repeating: 0, count: problem.rules)), strict: false)
    try trial.equal(
      problem.part.run(problem.inputs), first, .exact(), label: "the sum of what is picked")
  }

  /// CMP4: with composed retrieval queries, another query of one token moves no output but its own.
  static let composeSource = Law(
    .composeSource, trials: 24, witness: "composeOrder",
    needs: [.compositional, .severalRules, .composedQueries],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let query = try inputs.tensor("q")
    let before = try part.run(inputs)
    let count = query.size(0) * query.size(1)
    let flat = try before.reshaped([count, -1])
    for token in 0..<count where count > 1 {
      let mark = try Tensor(
        (0..<count).map { $0 == token }, shape: [query.size(0), query.size(1), 1])
      let changed = try inputs.merging(["q": mark.select(query + 50, else: query)]) { $1 }
      let others = (0..<count).filter { $0 != token }
      try trial.unchanged(
        part.run(changed).reshaped([count, -1]).picked(0, others), flat.picked(0, others),
        label: "another query of one token")
    }
  }
}
