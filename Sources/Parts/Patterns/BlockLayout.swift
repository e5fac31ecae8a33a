public import Torch

/// The blocks that an attention computes for each head.
public struct BlockLayout: Sendable, Equatable {
  /// Whether a block is stored, by head, row and column; every head has n rows of n.
  public let stored: [[[Bool]]]

  /// Makes a layout of blocks.
  ///
  /// - Throws: `PartError` unless every head is a square of the same size.
  public init(_ stored: [[[Bool]]]) throws(PartError) {
    let rows = stored.first?.count ?? 0
    guard rows > 0, stored.allSatisfy({ $0.count == rows && $0.allSatisfy { $0.count == rows } })
    else {
      let widths = Set(stored.flatMap { $0.map(\.count) }).sorted()
      throw PartError(
        .value(
          key: "layout", expected: "at least one block, as many rows as columns in each head",
          got: "heads of \(stored.map(\.count)) rows, which are of \(widths) columns"))
    }
    self.stored = stored
  }

  /// Makes a layout of a tensor of zeros and ones, `[H, n, n]`, or `[n, n]` for one head.
  ///
  /// - Throws: `PartError` for another shape or other values.
  public init(_ tensor: Tensor) throws {
    guard tensor.rank == 2 || tensor.rank == 3, tensor.size(-1) == tensor.size(-2),
      !tensor.shape.contains(0)
    else {
      throw PartError(.shape(tensor: "layout", expected: "[H, n, n]", got: tensor.shape))
    }
    let values = try tensor.doubles()
    guard values.allSatisfy({ $0 == 0 || $0 == 1 }) else {
      throw PartError(
        .content(tensor: "layout", expected: "only zeros and ones", got: "other values"))
    }
    let n = tensor.size(-1)
    stored = (0..<values.count / n / n).map { head in
      (0..<n).map { row in (0..<n).map { values[(head * n + row) * n + $0] == 1 } }
    }
  }

  /// The number of heads, H.
  public var heads: Int { stored.count }
  /// The number of blocks along each axis, n.
  public var blocks: Int { stored[0].count }

  /// The layout as integers 0 and 1, `[H, n, n]`.
  public var tensor: Tensor {
    get throws {
      try Tensor(
        stored.flatMap { $0.flatMap { $0.map { $0 ? 1 : 0 } } }, shape: [heads, blocks, blocks])
    }
  }
}

/// The direction in which blocks may look.
public enum BlockDirection: String, Sendable, Codable, CaseIterable {
  /// Into the past and the future.
  case bidirectional
  /// Into the past, the block of the query included.
  case unidirectional
}

/// The blocks of one head while they are being chosen.
struct BlockGrid {
  let count: Int
  var stored: [[Bool]]

  init(_ count: Int) {
    self.count = count
    stored = Array(repeating: Array(repeating: false, count: count), count: count)
  }

  /// Stores a rectangle, clipped to the grid.
  mutating func store(_ rows: Range<Int>, _ columns: Range<Int>) {
    for row in rows.clamped(to: 0..<count) {
      for column in columns.clamped(to: 0..<count) { stored[row][column] = true }
    }
  }

  /// Stores a square window on the diagonal.
  mutating func storeWindow(_ range: Range<Int>) { store(range, range) }

  /// Stores a band around the diagonal.
  mutating func storeBand(_ reach: Int) {
    for row in 0..<count { store(row..<row + 1, max(0, row - reach)..<row + reach + 1) }
  }

  /// Stores random blocks of each row, drawn without repetition from those in the given direction.
  mutating func storeRandom(_ number: Int, _ direction: BlockDirection, _ generator: Generator)
    throws
  {
    guard number > 0 else { return }
    for row in 0..<count {
      var columns = Array(0..<(direction == .unidirectional ? row + 1 : count))
      let draws = try Tensor.uniform([number], 0..<1, .float64, generator: generator).doubles()
      // A row with fewer blocks than this stores all of them.
      for (place, draw) in draws.prefix(columns.count).enumerated() {
        let rest = columns.count - place
        columns.swapAt(place, place + min(Int(draw * Double(rest)), rest - 1))
        stored[row][columns[place]] = true
      }
    }
  }

  /// Drops the blocks that a direction does not allow.
  mutating func limit(to direction: BlockDirection) {
    guard direction == .unidirectional else { return }
    for row in 0..<count {
      for column in row + 1..<max(count, row + 1) { stored[row][column] = false }
    }
  }
}
