internal import Torch

/// A grid of tokens, row-major: the last coordinate runs fastest.
public struct Grid: Sendable, Equatable {
  /// The number of tokens along each axis.
  public let sizes: [Int]

  /// Makes a grid of one or more axes.
  ///
  /// - Throws: `PartError` for a size below 1, or without any size.
  public init(_ sizes: [Int]) throws(PartError) {
    guard !sizes.isEmpty, sizes.allSatisfy({ $0 >= 1 }) else {
      throw PartError(
        .value(key: "sizes", expected: "at least one size, each at least 1", got: "\(sizes)"))
    }
    self.sizes = sizes
  }

  /// The number of tokens, n.
  public var count: Int { sizes.reduce(1, *) }

  /// The coordinates of a token.
  public func coordinates(_ index: Int) -> [Int] {
    var (rest, places) = (index, [Int](repeating: 0, count: sizes.count))
    for axis in sizes.indices.reversed() {
      places[axis] = rest % sizes[axis]
      rest /= sizes[axis]
    }
    return places
  }

  /// A matrix of a number for each pair of tokens, `[n, n]` in double precision.
  func matrix(_ value: ([Int], [Int]) -> Double) throws -> Tensor {
    let places = (0..<count).map(coordinates)
    return try Tensor(
      places.flatMap { a in places.map { value(a, $0) } }, shape: [count, count])
  }

  /// A matrix of a truth value for each pair of tokens, `[n, n]`.
  func pattern(_ allows: ([Int], [Int]) -> Bool) throws -> Tensor {
    let places = (0..<count).map(coordinates)
    return try Tensor(
      places.flatMap { a in places.map { allows(a, $0) } }, shape: [count, count])
  }
}
