internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// B08: with deepnorm, α of each block and the gain β of initial values are those of the numbers of
  /// encoder and decoder layers of the whole model; β multiplies the weights of values, output
  /// projections and feedforwards, and not those of queries and keys.
  static let deepnormStack = Law(
    .deepnormStack, trials: 12, witness: "deepnormDecoderAlone", needs: [.definition("model")],
    obstacle: { subject, _ in
      subject.lacks("no residuals") { stacks in
        !stacks.contains { $0["reversible"]?.bool == true }
      }
    },
    plan: ScenarioPlan(fills: .small, dropout: false) { _ in
      [.number("encoders", below: 3), .number("decoders", below: 3)]
    }
  ) { setting, trial in
    var stacks = try setting.stacks().with([
      "residual_norm_style": "deepnorm", "num_layers": 1,
    ])
    for (type, name) in [("encoder", "encoders"), ("decoder", "decoders")] {
      guard let first = stacks.firstIndex(where: { $0.blockType == type }) else { continue }
      stacks[first]["num_layers"] = try .integer(setting.number(name) + 1)
    }
    let model = try setting.model(stacks)
    let inputs = try setting.inputs(of: model)
    let output = try model.run(inputs)
    let handmade = try HandmadeModel(stacks, of: model, setting)
    try trial.equal(output, handmade.run(inputs), .exact(), label: "α of each block")
    for scheme in WeightInit.allCases.prefix(2) {
      let options: JSONObject = ["weight_init": .string(scheme.rawValue)]
      try trial.expectInitialValues(
        setting.config(stacks, options), handmade.initialValues(scheme).filter(\.hasKnownGain),
        setting)
    }
  }

  /// B09: each scheme's initial values: where a part leaves a linear layer or a convolution to torch,
  /// those of the scheme; where it chooses its own, these.
  static let weightInit = Law(
    .weightInit, trials: 12, witness: "modelSmallInitOfOutputs", needs: [.definition("model")],
    of: .itself,
    obstacle: { subject, _ in
      subject.entry.keys.contains("weight_init") ? nil : "no choice of initial values"
    }, plan: ScenarioPlan(dropout: false)
  ) { setting, trial in
    let stacks = try setting.stacks()
    let handmade = try HandmadeModel(stacks, of: setting.part(), setting)
    for scheme in WeightInit.allCases {
      try trial.expectInitialValues(
        setting.config(stacks, ["weight_init": .string(scheme.rawValue)]),
        handmade.initialValues(scheme).filter(\.hasKnownGain), setting)
    }
  }
}

/// The distribution that a parameter should have.
private struct InitialValues {
  let key: String
  let initial: ParameterClaim.Initial
  /// Whether it is said by what the weight is multiplied.
  var hasKnownGain = true
}

extension Trial {
  /// T6: asserts that parameters of a model have their distributions.
  fileprivate mutating func expectInitialValues(
    _ config: JSON, _ expected: [InitialValues], _ setting: Setting
  ) throws {
    let seed = setting.scenario.parameterSeed
    let states = try (0..<4).map {
      try setting.subject.build(config, seed: seed &+ UInt64($0)).stateDict
    }
    // Many values together show a spread that is slightly off.
    var (uniform, normal, cut): ([Double], [Double], [Double]) = ([], [], [])
    for parameter in expected.sorted(by: { $0.key < $1.key }) {
      let values = try states.flatMap { try $0[parameter.key]?.doubles() ?? [] }
      expect(!values.isEmpty, label: "a parameter", "the model has no `\(parameter.key)`")
      guard !values.isEmpty else { continue }
      initial(values, of: parameter.initial, parameter.key)
      switch parameter.initial {
      case .uniform(let bound): uniform += values.map { $0 / bound }
      case .normal(let deviation): normal += values.map { $0 / deviation }
      case .truncatedNormal(let deviation): cut += values.map { $0 / deviation }
      case .constant: continue
      }
    }
    let pools: [([Double], ParameterClaim.Initial)] = [
      (uniform, .uniform(bound: 1)), (normal, .normal(deviation: 1)),
      (cut, .truncatedNormal(deviation: 1)),
    ]
    for (values, distribution) in pools where !values.isEmpty {
      initial(values, of: distribution, "all of \(distribution)")
    }
  }
}

extension HandmadeModel {
  /// The distributions of all parameters of the parts, by what the parts say of themselves.
  fileprivate func initialValues(_ scheme: WeightInit) throws -> [InitialValues] {
    var all: [InitialValues] = []
    for layer in layers {
      for piece in layer.pieces {
        let claims = piece.part.claims
        let roles = Dictionary(
          (claims.definition?.parameters ?? [:]).map { ($0.value, $0.key) },
          uniquingKeysWith: { first, _ in first })
        let isInFeedforward =
          piece.role.hasSuffix(".wrap_ff.sublayer") || piece.role.hasSuffix(".g.sublayer")
        for (key, claim) in claims.parameters {
          guard let full = piece.parameterKeys[key] else { continue }
          let isBias = key.hasSuffix("bias")
          let owner = isBias ? key.dropLast("bias".count) + "weight" : Substring(key)
          guard let weight = claims.parameters[String(owner)], let kind = weight.layer else {
            all.append(InitialValues(key: full, initial: claim.initial))
            continue
          }
          let name = roles[String(owner)] ?? ""
          var gain = 1.0
          var isKnown = layer.gain == 1 || isBias
          if isInFeedforward || ["out_weight", "v_weight"].contains(name) {
            (gain, isKnown) = (layer.gain, true)
          } else if ["q_weight", "k_weight"].contains(name) {
            isKnown = true
          }
          // Convolutions keep their values in two of the schemes.
          let initial = scheme.expected(
            weight.shape, kind, isBias: isBias, isInFeedforward: isInFeedforward, gain)
          all.append(
            InitialValues(key: full, initial: initial ?? claim.initial, hasKnownGain: isKnown))
        }
      }
      guard let projection = layer.projection else { continue }
      for isBias in [false, true] {
        let initial = scheme.expected(
          projection.weight.shape, .linear, isBias: isBias, isInFeedforward: false, 1)
        guard let initial, let key = projection.keys[isBias ? 1 : 0] else { continue }
        all.append(InitialValues(key: key, initial: initial))
      }
    }
    return all
  }
}

extension WeightInit {
  /// The formulas of the original, with the spread that it means where rounding or cutting changes it;
  /// nil where a scheme leaves a layer as it is.
  fileprivate func expected(
    _ shape: [Int], _ layer: ParameterClaim.Layer, isBias: Bool, isInFeedforward: Bool,
    _ gain: Double
  ) -> ParameterClaim.Initial? {
    let (outputs, inputs) = (Double(shape[0]), Double(shape.dropFirst().reduce(1, *)))
    let isPlain = self == .moco || self == .timm
    if layer == .convolution {
      if isPlain { return nil }
      return isBias ? .constant(0) : .truncatedNormal(deviation: (gain / inputs).squareRoot())
    }
    if isBias { return isInFeedforward && !isPlain ? .normal(deviation: 0.000_001) : .constant(0) }
    if self == .timm { return .truncatedNormal(deviation: 0.02 * gain) }
    let counted = self == .small && !isInFeedforward ? 4 * outputs : outputs
    return .uniform(bound: gain * (6 / (inputs + counted)).squareRoot())
  }
}
