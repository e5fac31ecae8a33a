/// How to make a tensor: a shape, a fill with its seed, and single entries that differ from it.
///
/// A recipe is small and prints as text that rebuilds it, so a failing input can be read, stored
/// and shrunk; ``values()`` makes the entries, the same on every machine.
public struct TensorRecipe: Hashable, Sendable {
  /// An entry that differs from the fill.
  public struct Override: Hashable, Sendable {
    /// The position, one index for each axis.
    public let index: [Int]
    /// The value there.
    public let value: Double

    /// Puts a value at a position.
    public init(_ index: [Int], _ value: Double) {
      self.index = index
      self.value = value
    }

    /// Whether positions and the *bits* of the values agree, so that NaN equals itself.
    public static func == (a: Self, b: Self) -> Bool {
      a.index == b.index && a.value.bitPattern == b.value.bitPattern
    }

    /// Feeds what `==` compares.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(index)
      hasher.combine(value.bitPattern)
    }
  }

  /// The most entries that may differ from the fill.
  public static let maximumOverrides = 256

  /// The extent of each axis.
  public let shape: [Int]
  /// What the tensor holds.
  public let element: ElementKind
  /// How entries come about.
  public let fill: Fill
  /// What seeded fills take their randomness from; 0 for the others.
  public let seed: UInt64
  /// Entries that differ from the fill, ordered by position.
  public let overrides: [Override]

  /// A recipe; overrides outside the shape are dropped, and of several at one position the last
  /// counts.
  ///
  /// - Throws: ``Rejected`` for negative extents, more than 2³² − 1 entries, more than
  ///   ``maximumOverrides`` overrides, or a random mask whose probability is not from 0 to 1.
  public init(
    shape: [Int], element: ElementKind = .f64, fill: Fill, seed: UInt64 = 0,
    overrides: [Override] = [], fileID: StaticString = #fileID, line: UInt = #line
  ) throws(Rejected) {
    try Rejected.require(
      Self.count(shape) != nil, Self.expectedShape, got: shape, fileID, line)
    if let probability = fill.impossibleProbability {
      try Rejected.require(false, Fill.expectedProbability, got: probability, fileID, line)
    }
    self.init(valid: shape, element, fill, seed, overrides)
    try Rejected.require(
      self.overrides.count <= Self.maximumOverrides,
      "at most \(Self.maximumOverrides) overrides", got: self.overrides.count, fileID, line)
  }

  /// A recipe of a shape and a fill that have been checked, with overrides of another recipe.
  init(
    valid shape: [Int], _ element: ElementKind, _ fill: Fill, _ seed: UInt64,
    _ overrides: [Override] = []
  ) {
    var last: [[Int]: Double] = [:]
    for override in overrides where Self.isInside(override.index, shape) {
      last[override.index] = override.value
    }
    self.shape = shape
    self.element = element
    self.fill = fill
    self.seed = fill.isSeeded ? seed : 0
    self.overrides = last.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { Override($0.key, $0.value) }
  }

  static let expectedShape = "extents of at least 0 and at most \(UInt32.max) entries"

  /// The number of entries of a shape; nil if an extent is negative, or there are too many for the
  /// counters that seeded fills address them by.
  static func count(_ shape: [Int]) -> Int? {
    var (count, least) = (1, 1)
    for extent in shape {
      guard (0...Int(UInt32.max)).contains(extent) else { return nil }
      count *= extent
      // An extent of 0 does not excuse what the others multiply to.
      least *= max(extent, 1)
      if least > UInt32.max { return nil }
    }
    return count
  }

  /// The number of entries.
  public var count: Int { shape.reduce(1, *) }

  /// The same recipe with one more entry that differs from the fill.
  ///
  /// - Throws: ``Rejected`` for an index outside the shape, or one entry too many.
  public func with(
    _ index: [Int], _ value: Double, fileID: StaticString = #fileID, line: UInt = #line
  ) throws(Rejected) -> Self {
    _ = try flatIndex(index, fileID: fileID, line: line)
    return try Self(
      shape: shape, element: element, fill: fill, seed: seed,
      overrides: overrides + [Override(index, value)], fileID: fileID, line: line)
  }

  static func isInside(_ index: [Int], _ shape: [Int]) -> Bool {
    index.count == shape.count && zip(index, shape).allSatisfy { $0 >= 0 && $0 < $1 }
  }
}
