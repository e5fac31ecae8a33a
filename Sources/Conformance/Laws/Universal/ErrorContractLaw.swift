internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U04: for every wrong call, injection or configuration the part throws a one-line `PartError` that
  /// names the part, the problem, and the expected and actual values. A key without listed numbers takes
  /// no two that make the same part.
  static let errorContract = Law(
    .errorContract, trials: 16, witness: "unknownKeyIgnored",
    judging: ["masks", "sequence", "crossLength", "valueWidth", "batchBroadcast", "dtypes"],
    plan: ScenarioPlan(fills: .small) { _ in [.number("misspellings", below: 3)] }
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let entry = setting.subject.entry
    // The valid call and configuration are accepted, so each refusal below is due to the change.
    let output = try part.run(inputs)
    trial.observe(output: try XXH3.hash64(output.detached().bytes()))
    for wrong in try WrongCalls(part, setting, inputs).all {
      if let error = trial.refuses(wrong, by: part) {
        trial.expectText(error, of: [entry.title], label: wrong.label)
      }
    }
    try expectInjections(setting, &trial)
    let registry = setting.subject.registry
    let titles = [entry.title] + entry.nested.values.map(\.title)
    for wrong in try wrongConfigs(setting, setting.number("misspellings")) {
      let error = trial.throwsError(PartError.self, label: wrong.label) {
        let generator = Generator(seed: 0)
        _ = try registry.build(entry.kind, entry.name, wrong.config, generator: generator)
      }
      guard let error else { continue }
      trial.expectText(error, of: titles, label: wrong.label)
      trial.expectMentions(error, wrong)
    }
    expectDistinct(setting, &trial)
    for typo in WrongConfigs.misspellings(entry.name) {
      let error = trial.throwsError(PartError.self, label: "the part `\(typo)`") {
        _ = try registry.entry(entry.kind, typo)
      }
      guard let error else { continue }
      trial.expectText(error, of: [entry.kind.rawValue], label: "the part `\(typo)`")
      let text = error.description
      if case .unknownPart(typo, _) = error.problem {
      } else {
        trial.fail(
          label: "the problem", "the part `\(typo)`: expected an unknown-part error, got: \(text)")
      }
      trial.expect(
        text.contains("`\(typo)`") && text.contains("`\(entry.name)`"), label: "the name suggested",
        "the part `\(typo)`: the error does not suggest `\(entry.name)`: \(text)")
    }
  }

  /// Draws with another name or shape are refused when they are injected or used, and so are positions
  /// before the first token and beyond the last.
  private static func expectInjections(
    _ setting: Setting, _ trial: inout Trial
  ) throws {
    var lengths = setting.scenario.lengths
    lengths[.queryLength] = 16
    let first = try setting.part()
    let inputs = try setting.call(of: first, lengths)
    _ = try first.run(inputs)
    let end = Double(inputs.values.map { $0.size(-2) }.max() ?? 0)
    for (name, tensor) in first.drawn.sorted(by: { $0.key < $1.key }) {
      var wrong = [
        ("unknown", name + "s", tensor), ("of another rank", name, try tensor.unsqueezed(0)),
      ]
      if tensor.dtype == .int64 {
        for (label, place) in [("beyond the last token", end), ("before the first token", -1)] {
          wrong.append((label, name, try Tensor.full(tensor.shape, place, .int64)))
        }
      }
      for (label, name, tensor) in wrong {
        let error = trial.throwsError(PartError.self, label: "draws `\(name)` \(label)") {
          let part = try setting.part()
          try part.inject([name: tensor])
          _ = try part.run(inputs)
        }
        guard let error else { continue }
        trial.expect(
          error.description.contains(name), label: "the draws named",
          "`\(name)` \(label): the error does not name it: \(error)")
      }
    }
  }

  /// A number that changes nothing is ignored, and should be refused.
  private static func expectDistinct(_ setting: Setting, _ trial: inout Trial) {
    let entry = setting.subject.entry
    for key in entry.keys where entry.keyTypes[key]?.takes(1) == true {
      guard case .fixed = entry.domain[key] else { continue }
      var seen: [(number: Int, claims: Claims)] = []
      for number in 1...6 {
        let config = OptionAxis.setting(.integer(number), at: [key], in: setting.scenario.config)
        guard let part = try? setting.subject.build(config, seed: 0) else { continue }
        let twin = seen.first { $0.claims == part.claims }
        trial.expect(
          twin == nil, label: "a number without effect",
          "`\(key)`: \(number) and \(twin?.number ?? 0) make the same part")
        seen.append((number, part.claims))
      }
    }
  }

  private static func wrongConfigs(_ setting: Setting, _ spelling: Int) throws
    -> [WrongConfig]
  {
    let subject = setting.subject
    let config = setting.scenario.config.object ?? [:]
    var wrong = try WrongConfigs(setting, spelling: spelling).all
    for other: JSON in ["zoo", ["zoo"], 4, nil] {
      wrong.append(
        WrongConfig(
          label: "the configuration \(other)", config: other, problem: .value,
          mentions: ["config"]))
    }
    for name: JSON in [.string(subject.entry.name + "s"), 4] {
      var named = config
      named["name"] = name
      wrong.append(
        WrongConfig(
          label: "the name \(name)", config: .object(named), problem: .value,
          mentions: ["`name`", subject.entry.name, name.description]))
    }
    return wrong
  }
}

extension Trial {
  /// Checks that an error is one line that starts with the name of the part.
  fileprivate mutating func expectText(_ error: PartError, of titles: [String], label: String) {
    let text = error.description
    expect(
      titles.contains { text.hasPrefix($0 + ": ") }, label: "the part named",
      "\(label): the error does not start with \(titles.joined(separator: " or ")): \(text)")
    expect(
      !text.contains(where: \.isNewline), label: "one line",
      "\(label): the error spans several lines: \(text)")
  }

  /// Checks that a configuration's error is of the right kind and names the key, the value and the
  /// nearest word.
  fileprivate mutating func expectMentions(_ error: PartError, _ wrong: WrongConfig) {
    let text = error.description
    expect(
      wrong.problem.includes(error.problem), label: "the problem",
      "\(wrong.label): the error should be \(wrong.problem.rawValue), but is: \(text)")
    for word in wrong.mentions {
      expect(
        text.contains(word), label: "the key and the value",
        "\(wrong.label): the error does not mention \(word): \(text)")
    }
    guard !wrong.suggestions.isEmpty else { return }
    expect(
      wrong.suggestions.contains { text.contains("did you mean `\($0)`?") },
      label: "the nearest word",
      "\(wrong.label): the error does not suggest "
        + "\(wrong.suggestions.joined(separator: " or ")): \(text)")
  }
}
