internal import Catalogue
internal import Foundation
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FAV6: the vectors of a block of D are pairwise orthogonal; their lengths are √D if
  /// regularised, otherwise the squared lengths are χ²-distributed with D degrees of freedom and
  /// mean D (T6). Unless their number is given, there are D (1 + log₂ D) features, rounded up, and
  /// then down to an even number, at least 2.
  ///
  /// Vectors are stored in single precision, so its rounding sets the tolerance of products and
  /// lengths.
  static let featureGeometry = Law(
    .featureGeometry, trials: 16, witness: "favorLengthsFixed", needs: [.favor],
    of: .itself, plan: ScenarioPlan(fills: .distinct, masks: .none)
  ) { setting, trial in
    let problem = try FavorProblem(setting)
    let (width, blocks) = (problem.width, 512)
    let vectors = try problem.vectors(blocks: blocks)
    let keys = try (
      setting.key(setting: "dim_features", to: 6), setting.key(setting: "dim_head", to: 3)
    )
    for width in 1...64 {
      guard let features = keys.0, let size = keys.1 else { break }
      let part = try setting.subject.build(
        OptionAxis.setting(
          .integer(width), at: [size],
          in: OptionAxis.setting(.null, at: [features], in: setting.scenario.config)),
        seed: setting.scenario.parameterSeed)
      let usual = try FavorProblem.vectors(of: part).size(1)
      let count = (Double(width) * (1 + log2(Double(width)))).rounded(.up)
      let expected = max(2 * Int(count / 2), 2) / (problem.isOneSided ? 1 : 2)
      trial.expect(
        usual == expected, label: "the usual number",
        "\(usual) vectors of \(width) numbers, expected \(expected)")
    }
    let columns = try vectors.reshaped([width, blocks, width]).transposed(0, 1)
    let products = try columns.transposed().matmul(columns)
    let squares = try (columns * columns).sum(-2)
    let largest = try squares.maximum().item()
    let rounding = Tolerance.rounding(
      naive: 0, unit: DType.float32.unitRoundoff, scale: max(largest, Double(width)))
    let identity = try Tensor.identity(width, .float64)
    try trial.equal(
      products * (1 - identity), products * 0, rounding, label: "orthogonal in blocks")
    guard !problem.isRegular else {
      try trial.equal(squares, squares * 0 + Double(width), rounding, label: "lengths")
      return
    }
    let flat = try squares.reshaped([-1])
    try trial.mean(of: flat, is: Double(width), label: "the mean squared length")
    try trial.distribution(
      of: flat.doubles(), is: { chiSquared($0, degrees: width) }, label: "squared lengths")
  }
}
