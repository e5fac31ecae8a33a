/// The fills a generator of tensors may draw, with their weights.
public struct FillSet: Hashable, Sendable {
  /// A fill and its share among the others.
  public struct Entry: Hashable, Sendable {
    /// The fill.
    public let fill: Fill
    /// Its share, relative to the others'.
    public let weight: Double
  }

  /// The fills, in the order given.
  public let entries: [Entry]

  /// A set of fills with weights of their own.
  ///
  /// A check that draws from a set without fills, or with weights that are negative or all 0, fails.
  public init(_ weighted: [(fill: Fill, weight: Double)]) {
    entries = weighted.map { Entry(fill: $0.fill, weight: $0.weight) }
  }

  /// Fills with equal weights.
  public static func only(_ fills: Fill...) -> Self {
    Self(fills.map { ($0, 1) })
  }

  /// This set without some fills.
  public func excluding(_ fills: Fill...) -> Self {
    Self(entries.filter { !fills.contains($0.fill) }.map { ($0.fill, $0.weight) })
  }

  /// Every fill, extremes included.
  public static let standard = Self([
    (.normal, 30), (.uniform, 5), (.integers, 15), (.spike, 10), (.heavyTail, 10),
    (.constantRows, 5), (.duplicateRows, 10), (.orthonormalRows, 5), (.zeros, 3), (.nearMax, 3),
    (.denormal, 2), (.allEqual, 2),
  ])

  /// Without entries near the largest and below the smallest numbers of the element kind.
  public static let finiteModerate = standard.excluding(.nearMax, .denormal)

  /// Entries of the order of 1: neither extremes nor spikes nor heavy tails.
  public static let small = finiteModerate.excluding(.spike, .heavyTail)

  /// Entries that differ from each other, for laws that watch what moves.
  public static let distinct = Self([(.normal, 3), (.uniform, 1)])

  /// Masks of every pattern, whose rows are as the pattern has them or as promised.
  public static func masks(rows: MaskRows = .any) -> Self {
    let patterns: [(MaskPattern, Double)] = [
      (.random(0.2), 2), (.random(0.5), 2), (.random(0.9), 2), (.allTrue, 1), (.oneFalse, 1),
      (.oneTrue, 1), (.firstColumn, 1), (.prefix, 2),
    ]
    return Self(patterns.map { (.mask($0.0, rows), $0.1) })
  }

  /// Masks of every pattern, a third of which have a row in which nothing is true.
  public static let masksWithEmptyRows = Self(
    masks().entries.map { ($0.fill, 2 * $0.weight) }
      + masks(rows: .oneEmpty).entries.map { ($0.fill, $0.weight) })

  /// Whether all tensors are masks.
  var isMask: Bool {
    entries.allSatisfy { if case .mask = $0.fill { true } else { false } }
  }

  /// The simplest legal fill: all zeros, or a mask that hides nothing.
  var simplest: Fill {
    guard isMask, case .mask(_, let rows) = entries.first?.fill else { return .zeros }
    return .mask(.allTrue, rows)
  }

  /// Whether a recipe with this fill may be drawn or shrunk to.
  func allows(_ fill: Fill) -> Bool {
    if fill == simplest { return true }
    if case .mask = fill { return entries.contains { $0.fill == fill } }
    return !isMask && (!fill.isSeeded || entries.contains { $0.fill == fill })
  }
}
