public import Catalogue
public import Parts
public import Properties
public import Torch

/// What a law needs a part to claim, and how a report says that it does not.
public struct Need: Sendable {
  /// Why the law does not apply where the need is not met, such as `not causal`.
  public let reason: String
  /// Whether claims meet the need.
  public let holds: @Sendable (Claims) -> Bool

  /// Names a need.
  public init(_ reason: String, _ holds: @escaping @Sendable (Claims) -> Bool) {
    self.reason = reason
    self.holds = holds
  }
}

extension Need {
  /// The configuration keeps outputs from later positions.
  public static let causal = Need("not causal") { $0.causal == .always }
  /// The configuration does not.
  public static let notCausal = Need("always causal") { $0.causal != .always }
  /// Some mask is honoured.
  public static let someMask = Need("no masks") { !$0.masks.isEmpty }
  /// Additive masks are honoured.
  public static let additiveMask = Need("no additive masks") { $0.masks.contains(.additive) }
  /// Key padding is honoured.
  public static let keyPadding = Need("no key padding") { $0.masks.contains(.keyPadding) }
  /// Reordering queries reorders outputs.
  public static let queryEquivariant = Need("not equivariant in queries") { $0.queryEquivariant }
  /// Reordering keys with values changes nothing.
  public static let keyValueInvariant = Need("not invariant in keys") { $0.keyValueInvariant }
  /// Items of a batch do not meet.
  public static let batchIndependent = Need("items of a batch meet") { $0.batchIndependent }
  /// The logits are scaled products of queries and keys.
  public static let softmaxOverProducts = Need("no softmax over products") {
    $0.softmaxOverProducts
  }
  /// It is known which keys a query sees.
  public static let exactPattern = Need("no exact pattern") { $0.pattern != nil }
  /// The part computes some definition.
  public static let someDefinition = Need("no definition") { $0.definition != nil }
  /// The part computes a certain definition.
  public static func definition(_ name: String) -> Need {
    Need("not defined as \(name)") { $0.definition?.oracle == name }
  }
}

/// A statement about parts: what it is about, when it applies, and how it is judged.
public struct Law: Sendable {
  /// What, besides the claims, keeps a law from judging a part, such as `no naive form of mine`.
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
  let judgement: Judgement

  /// A law that judges by itself.
  public init(
    _ id: LawID, trials: Int, witness: String?, dtypes: [DType] = [.float64], needs: [Need] = [],
    obstacle: @escaping Obstacle = { _, _ in nil }, judgement: @escaping Judgement
  ) {
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
  /// - `plan`: what scenarios look like; those whose claims do not meet the needs are not drawn.
  /// - `property`: runs the part and asserts.
  public init(
    _ id: LawID, trials: Int, witness: String?, dtypes: [DType] = [.float64], needs: [Need] = [],
    of object: LawObject = .calls, obstacle: @escaping Obstacle = { _, _ in nil },
    plan: ScenarioPlan = ScenarioPlan(),
    property: @escaping @Sendable (Setting, inout Trial) throws -> Void
  ) {
    self.init(
      id, trials: trials, witness: witness, dtypes: dtypes, needs: needs, obstacle: obstacle
    ) {
      subject, dtype, cell, profile in
      let generator = plan.generator(subject, dtype: dtype, needs: needs)
      var health = LawHealth(object: object)
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
      return report
    }
  }
}
