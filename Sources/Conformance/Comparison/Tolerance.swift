/// How close two tensors must be; a law names a code and never a number.
public enum Tolerance: Sendable, Equatable {
  /// T0: the same bits, −0 being 0.
  case bits
  /// T2: within 1e-9·(1 + abs(b)), multiplied by a condition number of at most 1e6.
  case exact(condition: Double = 1)
  /// T3, with the error that the elementary computation makes at the same type, the unit roundoff
  /// and the largest magnitude of the definition; twice that error forward, thrice backward.
  case rounding(naive: Double, unit: Double, scale: Double, backward: Bool = false)
  /// T4: a bound for each element, row-major, from the rounding of softmax attention.
  case softmax([Double])
  /// 64·u·(1 + abs(b)): a definition that was computed again, maybe by another library of elementary
  /// functions.
  case recomputed
  /// T5: a derivative against a central difference in float64.
  case derivative
  /// T7: values recorded elsewhere in single precision.
  case recorded
  /// T7 for a pseudo-inverse by singular values, whose recorded derivatives are that far off.
  case recordedSingular
  /// T7 for a derivative of a model, a sum in which terms as large as the largest value cancel:
  /// recorded ones were up to 8 units of rounding of it off, measured against float64, and those of a
  /// reversible model, whose activations are computed back from its output, up to 400.
  case recordedSum(largest: Double, isReversible: Bool)

  /// The values of a tensor after a training recorded in double precision, or of one result in all its
  /// steps: within 1e-8 of the largest value.
  case training(largest: Double)

  /// The code in reports.
  public var code: String {
    switch self {
    case .bits: "T0"
    case .exact: "T2"
    case .rounding: "T3"
    case .softmax: "T4"
    case .recomputed: "64u"
    case .derivative: "T5"
    case .recorded, .recordedSingular, .recordedSum: "T7"
    case .training: "1e-8"
    }
  }

  /// The largest error allowed for an expected value at a place.
  func bound(_ expected: Double, at index: Int = 0) -> Double {
    let magnitude = Swift.abs(expected)
    switch self {
    case .bits: return 0
    case .exact(let condition): return 1e-9 * (1 + magnitude) * min(max(condition, 1), 1e6)
    case .rounding(let naive, let unit, let scale, let backward):
      return (backward ? 3 : 2) * naive + 8 * unit * scale
    case .softmax(let bounds): return index < bounds.count ? bounds[index] : 0
    case .recomputed: return 64 * 0x1p-53 * (1 + magnitude)
    case .derivative: return 1e-6 * (1 + magnitude)
    case .recorded: return 2e-5 * (1 + magnitude)
    case .recordedSingular: return 1e-3 * (1 + magnitude)
    case .recordedSum(let largest, let isReversible):
      return 2e-5 * (1 + magnitude) + (isReversible ? 1024 : 64) * 0x1p-24 * largest
    case .training(let largest): return 1e-8 * largest
    }
  }
}
