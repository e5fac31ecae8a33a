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

  /// A recipe; overrides outside the shape are dropped, of several at one position the last counts.
  public init(
    shape: [Int], element: ElementKind = .f64, fill: Fill, seed: UInt64 = 0,
    overrides: [Override] = []
  ) {
    precondition(shape.allSatisfy { $0 >= 0 }, "a tensor has no negative extent: \(shape)")
    self.shape = shape
    self.element = element
    self.fill = fill
    self.seed = fill.isSeeded ? seed : 0
    var last: [[Int]: Double] = [:]
    for override in overrides where Self.isInside(override.index, shape) {
      last[override.index] = override.value
    }
    let sorted = last.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    self.overrides = sorted.prefix(Self.maximumOverrides).map { Override($0.key, $0.value) }
  }

  /// The number of entries.
  public var count: Int { shape.reduce(1, *) }

  /// The same recipe at another shape; remaining entries keep their values.
  public func reshaped(to shape: [Int]) -> Self {
    Self(shape: shape, element: element, fill: fill, seed: seed, overrides: overrides)
  }

  /// The same recipe with one more entry that differs from the fill.
  public func with(_ index: [Int], _ value: Double) -> Self {
    Self(
      shape: shape, element: element, fill: fill, seed: seed,
      overrides: overrides + [Override(index, value)])
  }

  private static func isInside(_ index: [Int], _ shape: [Int]) -> Bool {
    index.count == shape.count && zip(index, shape).allSatisfy { $0 >= 0 && $0 < $1 }
  }
}
