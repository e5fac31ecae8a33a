internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A09: causality and masks together hide what one mask of their intersection hides.
  static let maskComposition = Law(
    .maskComposition, trials: 24, witness: "causalLostWithMask", dtypes: [.float64, .float32],
    needs: [.causalFullPattern, .boolean2D], plan: ScenarioPlan(masks: .always([.boolean2D]))
  ) { setting, trial in
    guard let free = try setting.withoutCausality else { throw Rejected() }
    let part = try setting.part()
    let call = try AttentionCall(setting, part)
    let mask = try call.mask ?? Tensor.full([1, 1], 1, .bool)
    let both = try call.with(mask: mask.lowerTriangle())
    let together = try part.run(call.with().tensors)
    try trial.unchanged(part.run(both.tensors), together, label: "causality twice")
    try trial.unchanged(free.run(both.tensors), together, label: "causality as a mask")
  }
}

extension Need {
  /// Causality is all that hides keys.
  fileprivate static let causalFullPattern = Need("not causal over a full pattern") {
    $0.causal == .always && $0.pattern == .full
  }
  /// Masks of pairs are honoured.
  fileprivate static let boolean2D = Need("no Boolean masks") { $0.masks.contains(.boolean2D) }
}

extension Setting {
  /// The part with the same parameters and without causality, or nil where no option turns it off.
  var withoutCausality: (any PartModule)? {
    get throws {
      for axis in subject.options {
        let config = OptionAxis.setting(.bool(false), at: axis.path[...], in: scenario.config)
        guard config != scenario.config, let changed = try? subject.entry.claims(for: config),
          changed.causal == .option
        else { continue }
        return try part([axis.name: .bool(false)])
      }
      return nil
    }
  }
}
