internal import Catalogue
internal import JSON
internal import Oracles
internal import Parts
internal import Properties
internal import Support
internal import Torch

extension Law {
  /// U01: for every claim that the part does not make, some law shows an input on which it does not
  /// hold; otherwise the part keeps more than it claims.
  ///
  /// The laws are those that would judge the claim. Where a part refuses a call because it does not
  /// claim it, the claim does not hold. Configurations that claim differently are tried apart, and so
  /// are those with another value of an option, so that a claim cannot be left out for some of them.
  /// Claims that no law could judge, because they rest on others or name something unknown, fail too.
  static let claimHonesty = Law(
    .claimHonesty, trials: 1, witness: "softmaxLinearInValueUnclaimed"
  ) { subject, _, cell, profile in
    check(cell, .constant("the claims of \(subject.title)"), profile: profile.once) { _, trial in
      let groundless = subject.groundlessClaims
      trial.expect(
        groundless.isEmpty, label: "claims that nothing supports",
        groundless.joined(separator: "\n"))
      var laws = subject.laws.laws.filter { $0.id.kinds.contains(subject.entry.kind) }
      if subject.entry.kind == .attention { laws += [.exactness, .fixedPattern] }
      var tried: Set<String> = []
      var unclaimed: [String] = []
      for capability in laws.flatMap(\.decides) where tried.insert(capability.line).inserted {
        let judges = laws.filter { law in
          law.search != nil && law.decides.contains { $0.line == capability.line }
        }
        let (groups, judged) = subject.groups(
          keeping: capability, by: judges, cell, seed: profile.seed)
        trial.compared(judged)
        guard !groups.isEmpty else { continue }
        unclaimed.append(
          "\(capability.line) \(groups.map(\.description).joined(separator: ", or "))")
      }
      trial.expect(
        unclaimed.isEmpty, label: "claims",
        "the part keeps what it does not claim; in its claims, write\n"
          + unclaimed.joined(separator: "\n"))
    }
  }

  /// Decides whether an attention that claims to approximate a definition computes it.
  private static let exactness = Law(
    .claimHonesty, trials: 16, witness: nil, needs: [.approximate],
    deciding: [
      Capability("claims.accuracy = .exact") {
        $0.accuracy == .exact
      } claim: { _ in
      }
    ],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    guard case .approximates(let name, _, _) = setting.claims.accuracy else { return }
    let part = try setting.part()
    let inputs = try setting.inputs()
    let expected = try setting.subject.oracles.oracle(name)
      .evaluate(OracleCall(inputs: inputs.mapValues(Values.init)))
    try trial.equal(
      part.run(inputs), Tensor(expected.values, shape: expected.shape), .exact(),
      label: "the approximated definition")
  }

  /// Decides whether an attention that declares no pattern always uses the same pairs.
  private static let fixedPattern = Law(
    .claimHonesty, trials: 8, witness: nil,
    deciding: [
      Capability("claims.pattern = .full, or the pattern that it has,") {
        $0.pattern != nil
      } claim: {
        $0.pattern = .full
      }
    ],
    plan: ScenarioPlan(fills: .small, masks: .none) { draft in
      [
        .tensor("other queries", draft.query), .tensor("other keys", draft.key),
        .tensor("other values", draft.value),
      ]
    }
  ) { setting, trial in
    let part = try setting.part(settled: false)
    let call = try AttentionCall(setting, part).gentle
    let moved = try dependence(part, call)
    guard moved.contains(where: { $0.contains(true) }) else {
      throw KitError("the output depends on no value")
    }
    try part.reseed(setting.scenario.parameterSeed &+ 1)
    let queries = try setting.extra("other queries")
    // Weights that are products of queries vanish with them.
    for query in try [queries, queries * 0] {
      let other = try call.with(
        query: query, key: setting.extra("other keys"), value: setting.extra("other values"))
      for (key, rows) in try dependence(part, other.gentle).enumerated() {
        trial.expect(rows == moved[key], label: "the queries that see a key")
      }
    }
  }
}

extension Subject {
  /// What is wrong with claims that rest on a claim which is not made, or name something unknown.
  fileprivate var groundlessClaims: [String] {
    var found: [String] = []
    for claims in candidates.map(\.claims) {
      if claims.nanIsolation.contains(.token), !claims.tokenWise {
        found.append(
          "claims.nanIsolation contains .token, which only a part with claims.tokenWise = true keeps"
        )
      }
      // A dispatch has the accuracy of its attention, which is judged there.
      guard entry.kind != .multihead,
        case .approximates(let name, let knob, let code) = claims.accuracy
      else { continue }
      do { _ = try oracles.oracle(name) } catch { found.append("claims.accuracy: \(error)") }
      if !entry.keys.contains(knob) {
        found.append(
          "claims.accuracy names the key `\(knob)`, which the configuration does not have"
            + (nearest(knob, among: entry.keys).map { "; did you mean `\($0)`?" } ?? ""))
      }
      guard let law = laws.laws.first(where: { $0.id.code == code }) else {
        found.append("claims.accuracy names the law \(code), which does not exist")
        continue
      }
      if !law.id.kinds.contains(entry.kind) {
        found.append("claims.accuracy names the law \(code), which does not judge this kind")
      } else if let reason = inapplicable(law, law.dtypes[0]) {
        found.append("claims.accuracy names the law \(code), which does not apply: \(reason)")
      }
    }
    return Array(Set(found)).sorted()
  }

  /// The groups of configurations that keep what they do not claim; all, if none of them lacks it.
  ///
  /// - Returns: the groups, and how often the laws could tell.
  fileprivate func groups(
    keeping capability: Capability, by judges: [Law], _ cell: CellID, seed: UInt64
  ) -> (kept: [Assumption.Group], judged: Int) {
    func outcome(_ group: Assumption.Group) -> Outcome {
      let assumption = Assumption(capability: capability, among: group)
      return self.outcome(of: assumption, judges, cell, seed: seed)
    }
    // Measuring memory takes too long to repeat it for every group.
    let isCostly = judges.contains { $0.id.family == .cost }
    var outcomes: [(group: Assumption.Group, outcome: Outcome)] = []
    for group in isCostly ? [] : groups {
      outcomes.append((group, outcome(group)))
      // What all of them keep need not be found in each.
      let isFirst = outcomes.count { $0.outcome == .kept } == 1
      if isFirst, outcomes.last?.outcome == .kept, outcome(.all) == .kept { return ([.all], 1) }
    }
    if isCostly { outcomes = [(.all, outcome(.all))] }
    let kept = outcomes.filter { $0.outcome == .kept }.map(\.group)
    let isEverywhere = !kept.isEmpty && !outcomes.contains { $0.outcome == .lacking }
    return (isEverywhere ? [.all] : kept, outcomes.count { $0.outcome != .unknown })
  }

  /// The configurations that claim alike, and those with another value of an option that has words
  /// or truth values.
  fileprivate var groups: [Assumption.Group] {
    var outlines: [Claims] = []
    for outline in candidates.map(\.claims.outline) where !outlines.contains(outline) {
      outlines.append(outline)
    }
    return outlines.map { .claiming($0) }
      + options.filter { isTriedApart($0.name) }.flatMap { axis in
        axis.values.dropFirst().map { $0.resolve(.reference) }
          .filter { $0.bool != nil || $0.string != nil }
          .map { .option(axis: axis.name, value: $0) }
      }
  }

  /// Whether configurations with another value of an option may claim more: not of one without effect,
  /// nor of a dispatch's own, since a dispatch claims what its attention does.
  private func isTriedApart(_ option: String) -> Bool {
    !entry.inert.contains(option)
      && (entry.kind != .multihead || option.hasPrefix("attention."))
  }

  /// What looking for an input on which a claim does not hold has shown.
  fileprivate enum Outcome {
    case kept, lacking, unknown
  }

  /// Whether a part keeps a claim that it does not make, by all laws that can judge it.
  fileprivate func outcome(
    of assumption: Assumption, _ judges: [Law], _ cell: CellID, seed: UInt64
  ) -> Outcome {
    var outcome = Outcome.unknown
    for law in judges {
      guard let search = law.search, canTry(assumption, law) else { continue }
      let found = search(self, assumption, cell, seed)
      if found.isFound { return .lacking }
      // A few calls that lack the claim prove nothing.
      if found.trials >= (law.id.family == .cost ? 4 : 8), found.comparisons > 0 { outcome = .kept }
    }
    return outcome
  }

  /// Whether some configuration lacks the claim and has everything else that the law needs.
  private func canTry(_ assumption: Assumption, _ law: Law) -> Bool {
    candidates.contains { candidate in
      if case .option(let axis, let value) = assumption.among,
        axis.split(separator: ".").reduce(candidate.config, { $0[String($1)] ?? .null }) != value
      {
        return false
      }
      guard candidate.claims.dtypes.contains(law.dtypes[0]) else { return false }
      return assumption.added(to: candidate.claims).map { more in
        law.needs.allSatisfy { $0.holds(more) }
      } ?? false
    }
  }
}

extension Assumption.Group: CustomStringConvertible {
  /// The configurations, to follow the line to add.
  var description: String {
    switch self {
    case .all: "in every configuration"
    case .claiming(let outline):
      "where claims.causal is .\(outline.causal) and claims.accuracy \(outline.accuracy)"
    case .option(let axis, let value): "where `\(axis)` is \(value)"
    }
  }
}
