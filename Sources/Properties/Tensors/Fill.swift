/// How the entries of a tensor come about before overrides are laid over them.
///
/// A *row* runs along the last axis. A fill that is ``isSeeded`` takes its randomness from
/// (seed, multi-index) alone, so that entries keep their values when the shape shrinks around them;
/// where a fill places *one* special entry, the place depends on the shape as well.
public enum Fill: Hashable, Sendable {
  /// 0 everywhere.
  case zeros
  /// 1 everywhere.
  case ones
  /// One given value everywhere.
  case constant(Double)
  /// 0, 1, 2, … in row-major order.
  case iota
  /// 1 where the last two indices agree, modulo the row length; 0 elsewhere.
  case identityRows
  /// Uniform among −3, −2, …, 3.
  case integers
  /// About standard normal: the sum of 12 uniforms of 24 bits, less 6, the same bits anywhere.
  case normal
  /// Uniform in −1 ..< 1.
  case uniform
  /// Normal, with one entry a thousand times as large.
  case spike
  /// Normal times 2 to the power of a uniform integer in −8 … 8.
  case heavyTail
  /// Each row is one normal value, repeated.
  case constantRows
  /// Normal rows, most of which occur several times.
  case duplicateRows
  /// Rows of length 1 that are orthogonal to each other, as many as fit, then again.
  case orthonormalRows
  /// Normal, with one entry an eighth of the largest finite value of the element kind.
  case nearMax
  /// Uniform below the smallest normal value of the element kind.
  case denormal
  /// One normal value everywhere.
  case allEqual
  /// Entries 1 (may attend) and 0.
  case mask(MaskPattern, MaskRows = .any)

  /// Whether entries depend on the seed.
  public var isSeeded: Bool {
    switch self {
    case .zeros, .ones, .constant, .iota, .identityRows: false
    case .mask(.allTrue, let rows), .mask(.firstColumn, let rows): rows == .oneEmpty
    default: true
    }
  }

  /// Whether shrinking treats the fill as a background for overrides rather than a pattern.
  var isPlain: Bool {
    if case .mask(.firstColumn, _) = self { false } else { !isSeeded }
  }

  /// The fill's name, as reports and recipes print it.
  public var name: String {
    switch self {
    case .zeros: "zeros"
    case .ones: "ones"
    case .constant: "constant"
    case .iota: "iota"
    case .identityRows: "identityRows"
    case .integers: "integers"
    case .normal: "normal"
    case .uniform: "uniform"
    case .spike: "spike"
    case .heavyTail: "heavyTail"
    case .constantRows: "constantRows"
    case .duplicateRows: "duplicateRows"
    case .orthonormalRows: "orthonormalRows"
    case .nearMax: "nearMax"
    case .denormal: "denormal"
    case .allEqual: "allEqual"
    case .mask: "mask"
    }
  }

  static let expectedProbability = "a random mask with a probability from 0 to 1"

  /// The probability of a random mask if it is not from 0 to 1.
  var impossibleProbability: Double? {
    guard case .mask(.random(let probability), _) = self else { return nil }
    return (0...1).contains(probability) ? nil : probability
  }

  /// The fills without parameters.
  static let plain: [Fill] = [
    .zeros, .ones, .iota, .identityRows, .integers, .normal, .uniform, .spike, .heavyTail,
    .constantRows, .duplicateRows, .orthonormalRows, .nearMax, .denormal, .allEqual,
  ]

  /// The position in the order in which shrinking prefers fills.
  var rank: Int {
    switch self {
    case .zeros: 0
    case .mask(.allTrue, _): 1
    case .ones: 2
    case .constant: 3
    case .iota: 4
    case .identityRows: 5
    case .integers: 6
    case .normal: 7
    case .uniform: 8
    case .allEqual: 9
    case .constantRows: 10
    case .duplicateRows: 11
    case .orthonormalRows: 12
    case .heavyTail: 13
    case .spike: 14
    case .denormal: 15
    case .nearMax: 16
    case .mask(let pattern, _): 20 + pattern.rank
    }
  }
}

/// Which entries of a mask are true.
public enum MaskPattern: Hashable, Sendable {
  /// Every entry.
  case allTrue
  /// Every entry but one of the whole mask.
  case oneFalse
  /// One entry of each row.
  case oneTrue
  /// The first entry of each row.
  case firstColumn
  /// The beginning of each row, up to a length of its own: padding at the end.
  case prefix
  /// Each entry with the given probability.
  case random(Double)

  /// The pattern's name, as reports print it.
  public var name: String {
    switch self {
    case .allTrue: "allTrue"
    case .oneFalse: "oneFalse"
    case .oneTrue: "oneTrue"
    case .firstColumn: "firstColumn"
    case .prefix: "prefix"
    case .random(let probability): "random \(probability)"
    }
  }

  var rank: Int {
    switch self {
    case .allTrue: 0
    case .oneFalse: 1
    case .firstColumn: 2
    case .oneTrue: 3
    case .prefix: 4
    case .random: 5
    }
  }
}

/// What a mask promises about rows in which nothing is true.
public enum MaskRows: String, Hashable, Sendable, CaseIterable {
  /// Rows may be empty if the pattern makes them so.
  case any
  /// One row is made empty.
  case oneEmpty
  /// A row that would be empty gets its first entry.
  case neverEmpty
}
