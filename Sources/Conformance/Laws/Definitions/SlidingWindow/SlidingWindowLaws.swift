internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// SLW1: a window as long as the call, or as many sinks, gives causal full attention.
  static let coveringWindow = Law(
    .coveringWindow, trials: 16, witness: "slidingWindowShort",
    needs: [.definition("sliding_window")],
    plan: ScenarioPlan(fills: .small, minimumLength: 2) { _ in
      [.number("steps beyond all tokens", below: 8)]
    }
  ) { setting, trial in
    let length = setting.scenario.lengths[.queryLength]
    let beyond = try setting.number("steps beyond all tokens")
    for option in ["window_size", "num_sinks"] {
      for size in [length, length + beyond] {
        let part = try setting.part(defining: OptionChange(option, size))
        let call = try AttentionCall(setting, part)
        var visibility = try Visibility(call)
        visibility.restrict { $1 <= $0 }
        try trial.equal(
          part.run(call.tensors), plainAttention(call, visibility), .exact(),
          label: "causal full attention")
      }
    }
  }

  /// SLW2: one more sink shows one more key, to exactly the queries whose window has left it, and one
  /// more token of the window shows each query one more key, unless it is a sink.
  static let sinkStep = Law(
    .sinkStep, trials: 16, witness: "slidingOneMoreSink", needs: [.definition("sliding_window")],
    plan: ScenarioPlan(fills: .small, minimumLength: 2)
  ) { setting, trial in
    let part = try setting.part()
    let window = try setting.option("window_size", default: 5)
    let sinks = try setting.option("num_sinks", default: 4)
    let call = try AttentionCall(setting, part).gentle
    let before = try dependence(part, call)
    for (option, size) in [("num_sinks", sinks + 1), ("window_size", window + 1)] {
      var added = try Visibility(call)
      added.restrict { query, key in
        option == "num_sinks"
          ? key == sinks && query - key >= window : query - key == window && key >= sinks
      }
      trial.cover(0.1, "a key for one more of `\(option)`", !added.isEmpty)
      let after = try dependence(setting.part(defining: OptionChange(option, size)), call)
      for (key, (old, new)) in zip(before, after).enumerated() {
        func place(_ row: Int) -> String {
          "key \(key) for query \(row % added.queries) of item \(row / added.queries)"
        }
        let expected = old.indices.map { added[$0 / added.queries, $0 % added.queries, key] }
        trial.dependence(
          zip(old, new).map { $0 != $1 }, equals: expected,
          label: "keys that change with `\(option)`", row: place)
      }
    }
  }

  /// SLW3: in a window of one token a query sees its own value alone, yᵢ = vᵢ, and with one sink
  /// yᵢ = vᵢ + (v₀ − vᵢ)·σ(qᵢ·(k₀ − kᵢ)/√D), σ being the logistic function.
  static let ownAndSink = Law(
    .ownAndSink, trials: 16, witness: "slidingWindowLong", needs: [.definition("sliding_window")],
    plan: ScenarioPlan(fills: .small, masks: .none)
  ) { setting, trial in
    let width = OptionChange("window_size", 1)
    let alone = try setting.part(defining: width, OptionChange("num_sinks", 0))
    let call = try AttentionCall(setting, alone)
    let (query, key, value) = (try call.query, try call.key, try call.value)
    try trial.equal(alone.run(call.tensors), value, .bits, label: "the value itself")
    let pair = try setting.part(defining: width, OptionChange("num_sinks", 1))
    let scale = 1 / Double(query.size(-1)).squareRoot()
    let logit = try (query * (key.slice(-2, 0..<1) - key)).sum(-1, keep: true) * scale
    let step = try (value.slice(-2, 0..<1) - value) / ((logit * -1).exp() + 1)
    try trial.equal(
      pair.run(call.tensors), value + step, .exact(),
      label: "the value itself and that of the sink")
  }
}
