/// A dense array of numbers, row-major.
public struct Values: Sendable, Equatable {
  /// The length of each axis.
  public let shape: [Int]
  /// The numbers, the last axis varying fastest.
  public var values: [Double]

  /// Makes an array; the number of values must be that of the shape.
  public init(shape: [Int], values: [Double]) {
    precondition(shape.allSatisfy { $0 >= 0 }, "the shape \(shape) has a negative axis")
    let expected = shape.reduce(1, *)
    precondition(
      values.count == expected,
      "the shape \(shape) has \(expected) values, but \(values.count) were given")
    self.shape = shape
    self.values = values
  }

  /// An array of zeros.
  public static func zeros(_ shape: [Int]) -> Values {
    precondition(shape.allSatisfy { $0 >= 0 }, "the shape \(shape) has a negative axis")
    return Values(shape: shape, values: [Double](repeating: 0, count: shape.reduce(1, *)))
  }

  /// The number of axes.
  public var rank: Int { shape.count }

  /// The same numbers in the same order under another shape of equal size.
  public func reshaped(_ newShape: [Int]) -> Values {
    Values(shape: newShape, values: values)
  }

  // The ranks that the definitions use, spelt out: a variadic index allocates an array each time.

  /// The number at an index of rank 1.
  public subscript(_ a: Int) -> Double {
    get { values[offset(a)] }
    set { values[offset(a)] = newValue }
  }

  /// The number at an index of rank 2.
  public subscript(_ a: Int, _ b: Int) -> Double {
    get { values[offset(a, b)] }
    set { values[offset(a, b)] = newValue }
  }

  /// The number at an index of rank 3.
  public subscript(_ a: Int, _ b: Int, _ c: Int) -> Double {
    get { values[offset(a, b, c)] }
    set { values[offset(a, b, c)] = newValue }
  }

  /// The number at an index of rank 4.
  public subscript(_ a: Int, _ b: Int, _ c: Int, _ d: Int) -> Double {
    get { values[offset(a, b, c, d)] }
    set { values[offset(a, b, c, d)] = newValue }
  }

  /// The number at an index of rank 5 or more.
  public subscript(
    _ a: Int, _ b: Int, _ c: Int, _ d: Int, _ e: Int, _ further: Int...
  ) -> Double {
    get { values[offset(of: [a, b, c, d, e] + further)] }
    set { values[offset(of: [a, b, c, d, e] + further)] = newValue }
  }

  private func offset(of index: [Int]) -> Int {
    precondition(index.count == shape.count, "index \(index) does not fit shape \(shape)")
    var offset = 0
    for axis in 0..<index.count {
      checkBounds(index[axis], axis)
      offset = offset * shape[axis] + index[axis]
    }
    return offset
  }

  private func offset(_ a: Int) -> Int {
    precondition(shape.count == 1, "an index of rank 1 does not fit shape \(shape)")
    checkBounds(a, 0)
    return a
  }

  private func offset(_ a: Int, _ b: Int) -> Int {
    precondition(shape.count == 2, "an index of rank 2 does not fit shape \(shape)")
    checkBounds(a, 0)
    checkBounds(b, 1)
    return a * shape[1] + b
  }

  private func offset(_ a: Int, _ b: Int, _ c: Int) -> Int {
    precondition(shape.count == 3, "an index of rank 3 does not fit shape \(shape)")
    checkBounds(a, 0)
    checkBounds(b, 1)
    checkBounds(c, 2)
    return (a * shape[1] + b) * shape[2] + c
  }

  private func offset(_ a: Int, _ b: Int, _ c: Int, _ d: Int) -> Int {
    precondition(shape.count == 4, "an index of rank 4 does not fit shape \(shape)")
    checkBounds(a, 0)
    checkBounds(b, 1)
    checkBounds(c, 2)
    checkBounds(d, 3)
    return ((a * shape[1] + b) * shape[2] + c) * shape[3] + d
  }

  private func checkBounds(_ position: Int, _ axis: Int) {
    precondition(
      position >= 0 && position < shape[axis],
      "index \(position) is outside axis \(axis) of shape \(shape)")
  }
}
