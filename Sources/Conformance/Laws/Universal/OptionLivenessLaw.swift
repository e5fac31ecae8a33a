internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U21: any two values of an option that are tried give different results for some input, except
  /// for options that are documented to change none.
  ///
  /// A value left out may equal the one it stands for, and values around a length may equal each other,
  /// but not all. Values that are never accepted together are not compared.
  static let optionLiveness = Law(
    .optionLiveness, trials: 96, witness: "favorMapIgnored",
    obstacle: { subject, _ in
      subject.options.contains { $0.values.count > 1 } ? nil : "no option has two values"
    },
    judgement: { subject, dtype, cell, profile in
      let liveness = OptionLiveness(subject)
      let law = Law(
        .optionLiveness, trials: 96, witness: nil,
        plan: ScenarioPlan(fills: .only(.normal), sameLength: true, minimumLength: 2)
      ) { setting, trial in try liveness.observe(setting, &trial) }
      // What one trial leaves open, another may show; fewer trials would leave more open.
      var whole = profile
      whole.trials = profile.trials ?? max(profile.budget(law.trials), law.trials)
      var report = try law.judgement(subject, dtype, cell, whole)
      if report.isPassed, let problem = liveness.problem {
        report.verdict = .failed(report.trials < law.trials ? .undercovered : .falsified)
        report.reason = problem
      }
      return report
    })
}

/// Which values of options have been told apart by the trials so far.
///
/// Unchecked, since a cell is judged on one thread.
private final class OptionLiveness: @unchecked Sendable {
  /// What is known of two values of an option.
  private struct Pair {
    let axis: Int
    let values: (Int, Int)
    var differs = false
    /// Whether both were accepted in one trial.
    var met = false

    /// Whether the values have different effects, as far as they are accepted.
    var isAlive: Bool { differs || !met }
  }

  private let axes: [OptionAxis]
  private var pairs: [Pair] = []
  private var trials = 0

  init(_ subject: Subject) {
    axes = subject.options
    for (axis, option) in axes.enumerated() {
      for b in option.values.indices {
        for a in 0..<b { pairs.append(Pair(axis: axis, values: (a, b))) }
      }
    }
  }

  /// Looks for differences between values that are still alike.
  func observe(_ setting: Setting, _ trial: inout Trial) throws {
    let lengths = setting.scenario.lengths
    trials += 1
    for axis in axes.indices
    where axes[axis].isInert ? trials <= 8 : problem(axis, \.differs) != nil {
      var seen: [Int: Behaviour] = [:]
      func behaviour(_ value: Int) throws -> Behaviour {
        if let known = seen[value] { return known }
        let config = OptionAxis.setting(
          axes[axis].values[value].resolve(lengths), at: axes[axis].path[...],
          in: setting.scenario.config)
        let new = try Behaviour(setting, config)
        seen[value] = new
        return new
      }
      for index in pairs.indices where pairs[index].axis == axis && !pairs[index].differs {
        let (a, b) = try (behaviour(pairs[index].values.0), behaviour(pairs[index].values.1))
        trial.compared()
        guard a.isAccepted, b.isAccepted else { continue }
        pairs[index].met = true
        pairs[index].differs = try a.differs(from: b)
      }
    }
  }

  /// What the trials together show to be wrong, or nil.
  var problem: String? { axes.indices.lazy.compactMap { self.problem($0, \.isAlive) }.first }

  /// What is wrong with an option, given which pairs of its values are settled.
  private func problem(_ axis: Int, _ isSettled: (Pair) -> Bool) -> String? {
    let (option, own) = (axes[axis], pairs.filter { $0.axis == axis })
    func text(_ pair: Pair, _ what: String) -> String {
      let labels = [pair.values.0, pair.values.1].map { option.values[$0].label }
      return "`\(option.name)`: \(labels[0]) and \(labels[1]) \(what)"
    }
    if option.isInert {
      return own.first(where: \.differs).map {
        text($0, "differ, although it should change nothing")
      }
    }
    let alike = own.filter { !isSettled($0) }
    guard option.isListed else {
      let dead = option.values.indices.first { value in
        own.count > 0
          && own.allSatisfy { pair in
            pair.values.0 != value && pair.values.1 != value || !isSettled(pair)
          }
      }
      return dead.map { "`\(option.name)`: \(option.values[$0].label) gives what all others give" }
    }
    let absent = option.values.firstIndex { $0.label == JSON.null.description }
    func isDefault(_ pair: Pair) -> Bool { pair.values.0 == absent || pair.values.1 == absent }
    if let pair = alike.first(where: { !isDefault($0) }) { return text(pair, "never differ") }
    // What is left out stands for at most one of several values.
    return alike.count > (option.values.count > 2 ? 1 : 0)
      ? alike.last.map { text($0, "never differ") } : nil
  }
}

/// What a part does in a configuration, found out step by step: made anew, and after its seed was set
/// again.
private final class Behaviour {
  private enum Result {
    case tensor(Tensor)
    case text(String)
  }

  private enum Step: CaseIterable {
    // What is drawn again at intervals shows in a second call.
    case made, evaluation, training, moreTraining, gradients
  }

  private let setting: Setting
  /// The parts made in both ways; nil if the configuration is refused.
  private let parts: [any PartModule]?
  private var known: [[[String: Result]]] = [[], []]

  var isAccepted: Bool { parts != nil }

  init(_ setting: Setting, _ config: JSON) throws {
    self.setting = setting
    do {
      let made = try setting.subject.build(config, seed: setting.scenario.parameterSeed)
      let state = made.stateDict.mapValues { Result.tensor($0) }
      let lengths = ["lengths": Result.text("\(made.claims.sequence)")]
      known = [[state.merging(lengths) { $1 }], [lengths]]
      parts = try [false, true].map { try setting.part(in: config, settled: false, reseeds: $0) }
    } catch is PartError {
      parts = nil
    }
  }

  /// Whether both ways show a difference, both being accepted.
  func differs(from other: Behaviour) throws -> Bool {
    try (0..<2).allSatisfy { way in
      try Step.allCases.indices.contains { step in
        let (own, others) = try (results(way, step), other.results(way, step))
        return try own.count != others.count
          || own.contains { name, result in
            switch (result, others[name]) {
            case (.text(let a), .text(let b)): a != b
            case (.tensor(let a), .tensor(let b)):
              try a.shape != b.shape || movedRows(a, b).contains(true)
            default: true
            }
          }
      }
    }
  }

  /// The results of a step, once those before it are known.
  private func results(_ way: Int, _ step: Int) throws -> [String: Result] {
    while known[way].count <= step, let part = parts?[way] {
      let next = Step.allCases[known[way].count]
      if next == .training { part.train() }
      do {
        known[way].append(
          try next == .gradients
            ? gradients(part) : ["output": .tensor(withoutGrad { try part.run(setting.inputs()) })])
      } catch { known[way].append(["output": .text("\(error)")]) }
    }
    return known[way][step]
  }

  private func gradients(_ part: any PartModule) throws -> [String: Result] {
    part.eval()
    var inputs = try setting.inputs()
    for (name, tensor) in inputs where tensor.dtype.isFloating && !name.hasSuffix("_mask") {
      inputs[name] = try tensor.requireGrad()
    }
    let leaves = inputs.filter(\.value.requiresGrad).sorted { $0.key < $1.key }
    let output = try part.run(inputs)
    guard output.requiresGrad, !leaves.isEmpty else { return [:] }
    let found = try output.gradients(
      of: leaves.map(\.value), cotangent: Tensor.ones(output.shape, output.dtype))
    let named = zip(leaves, found).map { leaf, gradient in
      (leaf.key, gradient.map { Result.tensor($0) } ?? .text("none"))
    }
    return Dictionary(uniqueKeysWithValues: named)
  }
}
