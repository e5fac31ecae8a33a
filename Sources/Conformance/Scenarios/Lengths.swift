public import Parts

/// The length of each dimension of a trial.
public struct Lengths: Sendable, Hashable {
  private var table: [Dimension: Int]

  /// Takes lengths; missing ones are 1.
  public init(_ table: [Dimension: Int]) { self.table = table }

  /// The length of a dimension.
  public subscript(dimension: Dimension) -> Int {
    get { table[dimension] ?? 1 }
    set { table[dimension] = newValue }
  }

  /// Lengths at which claims are looked up before any trial.
  static let reference = Lengths([
    .batch: 2, .queryLength: 5, .keyLength: 5, .heads: 2, .headWidth: 4, .valueWidth: 4,
    .modelWidth: 8,
  ])

  /// The length of a letter of a signature.
  func length(of letter: String) -> Int? {
    letter == "N" ? self[.batch] * self[.heads] : Dimension(rawValue: letter).map { self[$0] }
  }

  /// The shape of a tensor of a signature; letters without a length count as 1, and one that must be
  /// a multiple becomes the next one.
  func shape(of axes: [Signature.Axis], _ signature: Signature) -> [Int] {
    axes.map { axis in
      var length = signature.length(of: axis.letter, length) ?? 1
      if case .multiple(let number) = signature.rules[axis.letter] {
        length = (length + number - 1) / number * number
      }
      return length + axis.extra
    }
  }
}
