internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// NYS7: the skip adds to the attention the convolution of each head's values along the tokens,
  /// padded values being 0, and nothing else; a kernel of even width throws.
  ///
  /// The attention alone is the same part with a kernel of zeros, and the part whose configuration
  /// has no convolution.
  static let skipAdditivity = Law(
    .skipAdditivity, trials: 32, witness: "nystromSkipUnmasked", needs: [.nystrom, .convolution],
    plan: ScenarioPlan(fills: .distinct, minimumLength: 2)
  ) { setting, trial in
    let landmarks = try setting.landmarks
    let problem = try NystromProblem(
      setting, landmarks: min(landmarks, setting.scenario.lengths[.keyLength]))
    let inputs = problem.inputs
    let part = try setting.part()
    let role = try setting.key(of: "skip")
    let kernel = try part.stateDict.tensor(role).detached()
    let output = try part.run(inputs)
    let values = try problem.values
    let marks = try inputs["key_padding_mask"]?.marks(for: values.size(0))
    let added = try Elementary.convolution(values.keeping(marks), kernel).reshaped(output.shape)
    try part.load([role: kernel * 0], strict: false)
    try trial.equal(output - part.run(inputs), added, .exact(), label: "a kernel of zeros")

    guard let key = try setting.key(withdrawing: "skip") else { return }
    let bare = try setting.part([key: .null])
    try trial.equal(output - bare.run(inputs), added, .exact(), label: "no convolution")
    for width in [2, 4] {
      trial.refuses(key: key, label: "an even kernel") {
        _ = try setting.part([key: .integer(width)])
      }
    }
  }
}
