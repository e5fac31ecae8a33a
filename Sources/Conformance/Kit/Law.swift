public import Catalogue
internal import Parts
public import Properties
public import Torch

/// A statement about parts: what it is about, when it applies, and how it is judged.
public struct Law: Sendable {
  /// What, besides the claims, keeps a law from judging a part, such as `no naive form of mine in the kit`.
  public typealias Obstacle = @Sendable (Subject, DType) -> String?
  /// How a law judges one cell.
  public typealias Judgement = @Sendable (Subject, DType, CellID, Profile) throws -> CellReport

  /// Its identity.
  public let id: LawID
  /// The floating types in which it is judged.
  public let dtypes: [DType]
  /// The number of trials that kill its witness with a chance of a million to one.
  public let trials: Int
  /// The fault that it must reject; nil leaves the law unproven, which fails the gate.
  public let witness: String?
  /// What it needs of a part.
  public let needs: [Need]
  /// Why the law cannot judge a part in a type although its claims allow it, or nil.
  let obstacle: Obstacle
  /// The claims that it decides, also of a part that does not make them.
  let decides: [Capability]
  /// The other claims that it judges, by name.
  let judges: [String]
  let judgement: Judgement
  /// Looks for an input on which a part lacks what it does not claim; nil if the law cannot.
  let search: Search?

  typealias Search =
    @Sendable (
      Subject, Assumption, CellID, _ seed: UInt64
    ) -> (isFound: Bool, trials: Int, comparisons: Int)

  /// A law that judges by itself.
  public init(
    _ id: LawID, trials: Int, witness: String?, dtypes: [DType] = [.float64], needs: [Need] = [],
    obstacle: @escaping Obstacle = { _, _ in nil }, judgement: @escaping Judgement
  ) {
    self.init(
      id, trials: trials, witness: witness, dtypes: dtypes, needs: needs, obstacle: obstacle,
      deciding: [], judging: [], search: nil, judgement: judgement)
  }

  private init(
    _ id: LawID, trials: Int, witness: String?, dtypes: [DType], needs: [Need],
    obstacle: @escaping Obstacle, deciding: [Capability], judging: [String],
    search: Search?, judgement: @escaping Judgement
  ) {
    decides = needs.compactMap(\.capability) + deciding
    judges = judging
    self.search = search
    self.id = id
    self.dtypes = dtypes
    self.trials = trials
    self.witness = witness
    self.needs = needs
    self.obstacle = obstacle
    self.judgement = judgement
  }

  /// A law whose property is run on generated scenarios.
  ///
  /// A check is unhealthy if it passed without calling the part, or with lengths so often equal that a
  /// wrong axis could hide.
  ///
  /// - `object`: what the law looks at.
  /// - `deciding`: claims that it judges besides those it needs, also of a part that does not make them.
  /// - `judging`: other claims that it judges, by name, for the report of a failure.
  /// - `plan`: what scenarios look like; those whose claims do not meet the needs are not drawn.
  /// - `effects`: how labels begin that the property classifies; the part is wrong if one never holds.
  /// - `property`: runs the part and asserts.
  public init(
    _ id: LawID, trials: Int, witness: String?, dtypes: [DType] = [.float64], needs: [Need] = [],
    of object: LawObject = .calls, obstacle: @escaping Obstacle = { _, _ in nil },
    deciding: [Capability] = [], judging: [String] = [], plan: ScenarioPlan = ScenarioPlan(),
    effects: [String] = [],
    property: @escaping @Sendable (Setting, inout Trial) throws -> Void
  ) {
    self.init(
      id, trials: trials, witness: witness, dtypes: dtypes, needs: needs, obstacle: obstacle,
      deciding: deciding, judging: judging
    ) { subject, assumption, cell, seed in
      let dtype = dtypes[0]
      var plan = plan
      // Among very few tokens nearly everything holds.
      plan.minimumLength = max(plan.minimumLength, 3)
      let generator = plan.generator(subject, dtype: dtype, needs: needs, assuming: assumption)
      // Costs hardly vary, and measuring them takes long; so do models.
      let isLong = id.family == .cost || subject.entry.kind == .model
      let most = isLong ? min(4 * trials, id.family == .cost ? 4 : 12) : 4 * trials
      return findsFailure(cell, generator, trials: most, seed: seed) { scenario, trial in
        do {
          try property(Setting(subject: subject, scenario: scenario, dtype: dtype), &trial)
        } catch is KitError {
          // The law cannot judge this scenario, which shows nothing about the claim.
          try trial.assume(false)
        }
      }
    } judgement: { subject, dtype, cell, profile in
      let generator = plan.generator(subject, dtype: dtype, needs: needs)
      var health = LawHealth(object: object)
      // A model is made of parts that are judged by themselves, and takes as long as several.
      let isQuick = subject.entry.kind != .model || !effects.isEmpty
      let trials = isQuick ? trials : max(4, trials / 3)
      var report = check(cell, generator, trials: trials, profile: profile) { scenario, trial in
        for (label, holds) in scenario.coverage { trial.classify(label, holds) }
        let setting = Setting(subject: subject, scenario: scenario, dtype: dtype)
        defer {
          health.count(
            calls: setting.made.calls,
            equalLengths: scenario.choosesLengths ? scenario.hasEqualLengths : nil)
        }
        try property(setting, &trial)
      }
      if report.isPassed, let problem = health.problem {
        report.verdict = .failed(.unhealthy)
        report.reason = problem
      }
      let missing = report.coverage.filter { label, count in
        count == 0 && effects.contains(where: label.hasPrefix)
      }
      if report.isPassed, let label = missing.keys.min() {
        report.verdict = .failed(.falsified)
        report.reason = "\(label) in none of \(report.trials) trials"
      }
      return report
    }
  }
}
