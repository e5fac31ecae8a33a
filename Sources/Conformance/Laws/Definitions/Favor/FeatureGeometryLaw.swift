internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FAV6: vectors in blocks of D are orthogonal to each other; their lengths are √D when
  /// regularised, else their squares have the χ² law of D degrees, whose mean is D (T6).
  ///
  /// Vectors are kept in single precision, so that products and lengths are held to its rounding.
  static let featureGeometry = Law(
    .featureGeometry, trials: 16, witness: "favorLengthsFixed", needs: [.favor],
    of: .itself, plan: ScenarioPlan(fills: .distinct, masks: .none)
  ) { setting, trial in
    let problem = try FavorProblem(setting)
    let (width, blocks) = (problem.width, 512)
    let vectors = try problem.vectors(blocks: blocks)
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
