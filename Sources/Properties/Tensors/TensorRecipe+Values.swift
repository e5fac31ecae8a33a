extension TensorRecipe {
  /// The entries in row-major order.
  public func values() -> [Double] {
    let count = count
    guard count > 0 else { return [] }
    var values = [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      fillEntries(buffer.baseAddress!)
      initialized = count
    }
    for override in overrides {
      values[position(override.index)] = override.value
    }
    if case .mask(_, .neverEmpty) = fill {
      for start in stride(from: 0, to: count, by: rowLength)
      where !values[start..<start + rowLength].contains(where: { $0 != 0 }) {
        values[start] = 1
      }
    }
    return values
  }

  /// The row-major position of a multi-index.
  ///
  /// - Throws: ``Rejected`` for an index outside the shape.
  public func flatIndex(
    _ index: [Int], fileID: StaticString = #fileID, line: UInt = #line
  ) throws(Rejected) -> Int {
    try Rejected.require(
      Self.isInside(index, shape), "an index inside the shape \(shape)", got: index, fileID, line)
    return position(index)
  }

  private func position(_ index: [Int]) -> Int {
    zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// The extent of the last axis; 1 for a scalar.
  var rowLength: Int { shape.last ?? 1 }

  private func fillEntries(_ out: UnsafeMutablePointer<Double>) {
    switch fill {
    case .zeros: out.initialize(repeating: 0, count: count)
    case .ones: out.initialize(repeating: 1, count: count)
    case .constant(let value): out.initialize(repeating: value, count: count)
    case .iota: for position in 0..<count { out[position] = Double(position) }
    case .identityRows:
      eachEntry { position, entry in
        out[position] = entry.row % rowLength == entry.column ? 1 : 0
      }
    case .orthonormalRows: fillOrthonormalRows(out)
    case .mask(let pattern, let rows): fillMask(out, pattern, rows)
    default: fillSeeded(out)
    }
  }

  private func fillSeeded(_ out: UnsafeMutablePointer<Double>) {
    let noise = Noise(seed: seed)
    switch fill {
    case .integers: eachEntry { out[$0] = Double(noise.below(7, $1)) - 3 }
    case .uniform: eachEntry { out[$0] = noise.uniform($1) }
    case .denormal: eachEntry { out[$0] = noise.uniform($1) * element.leastNormal }
    case .heavyTail:
      eachEntry { out[$0] = noise.normal($1) * noise.powerOfTwo($1) }
    case .constantRows:
      eachEntry { out[$0] = noise.normal(Entry(batch: $1.batch, row: $1.row, column: 0)) }
    case .duplicateRows:
      eachEntry { position, entry in
        // Rows are copies of earlier ones, so that about half of all rows have a twin.
        let marker = Entry(batch: entry.batch, row: entry.row, column: 0)
        let source = noise.below(UInt32(entry.row / 2 + 1), marker, stream: 3)
        out[position] = noise.normal(
          Entry(batch: entry.batch, row: Int(source), column: entry.column))
      }
    case .allEqual:
      let value = noise.normal(Entry(batch: 0, row: 0, column: 0))
      out.initialize(repeating: value, count: count)
    default: eachEntry { out[$0] = noise.normal($1) }
    }
    switch fill {
    case .spike: out[noise.place(in: shape)] *= 1e3
    case .nearMax: out[noise.place(in: shape)] = element.greatestFinite / 8
    default: break
    }
  }

  private func fillMask(
    _ out: UnsafeMutablePointer<Double>, _ pattern: MaskPattern, _ rows: MaskRows
  ) {
    let noise = Noise(seed: seed)
    let length = rowLength
    let marker = { (entry: Entry) in Entry(batch: entry.batch, row: entry.row, column: 0) }
    switch pattern {
    case .allTrue: out.initialize(repeating: 1, count: count)
    case .oneFalse:
      out.initialize(repeating: 1, count: count)
      out[noise.place(in: shape)] = 0
    case .oneTrue:
      eachEntry {
        out[$0] = $1.column == Int(noise.below(UInt32(length), marker($1))) ? 1 : 0
      }
    case .firstColumn: eachEntry { out[$0] = $1.column == 0 ? 1 : 0 }
    case .prefix:
      eachEntry { out[$0] = $1.column <= Int(noise.below(UInt32(length), marker($1))) ? 1 : 0 }
    case .random(let probability):
      eachEntry { out[$0] = (noise.uniform($1) + 1) / 2 < probability ? 1 : 0 }
    }
    if rows == .oneEmpty {
      let start = noise.place(in: shape) / length * length
      for position in start..<start + length { out[position] = 0 }
    }
  }

  /// Gram–Schmidt on normal rows, a new basis after each `rowLength` rows.
  private func fillOrthonormalRows(_ out: UnsafeMutablePointer<Double>) {
    let noise = Noise(seed: seed)
    let length = rowLength
    eachEntry { out[$0] = noise.normal($1) }
    let rowCount = shape.count > 1 ? shape[shape.count - 2] : 1
    for start in stride(from: 0, to: count, by: length) {
      let row = start / length % rowCount
      for column in 0..<row % length {
        let other = start - (row % length - column) * length
        var product = 0.0
        for k in 0..<length { product += out[start + k] * out[other + k] }
        for k in 0..<length { out[start + k] -= product * out[other + k] }
      }
      var square = 0.0
      for k in 0..<length { square += out[start + k] * out[start + k] }
      let norm = square.squareRoot()
      for k in 0..<length { out[start + k] = norm > 0 ? out[start + k] / norm : 0 }
    }
  }

  /// Visits entries in row-major order.
  @inline(__always)
  private func eachEntry(_ body: (Int, Entry) -> Void) {
    let length = rowLength
    let rowCount = shape.count > 1 ? shape[shape.count - 2] : 1
    let leading = Array(shape.dropLast(2))
    var index = [Int](repeating: 0, count: leading.count)
    var position = 0
    while position < count {
      let batch = index.reduce(UInt32(0)) { $0 &* 0x9E37_79B1 &+ UInt32(truncatingIfNeeded: $1) }
      for row in 0..<rowCount {
        for column in 0..<length {
          body(position, Entry(batch: batch, row: row, column: column))
          position += 1
        }
      }
      for axis in leading.indices.reversed() {
        index[axis] += 1
        if index[axis] < leading[axis] { break }
        index[axis] = 0
      }
    }
  }
}

/// A multi-index, packed from the right so that a new leading axis moves nothing.
private struct Entry {
  let batch: UInt32
  let row: Int
  let column: Int
}

/// Numbers that depend on (seed, multi-index) alone.
private struct Noise {
  private let philox: Philox

  init(seed: UInt64) { philox = Philox(key: seed) }

  @inline(__always)
  private func block(_ entry: Entry, _ stream: UInt32) -> Philox.Block {
    philox.block(
      (
        UInt32(truncatingIfNeeded: entry.column), UInt32(truncatingIfNeeded: entry.row),
        entry.batch, stream
      ))
  }

  /// The sum of 12 uniforms of 24 bits, less 6: sums of integers below 2²⁸, hence exact.
  @inline(__always)
  func normal(_ entry: Entry) -> Double {
    var sum: UInt64 = 0
    for stream in 0..<UInt32(3) {
      let (a, b, c, d) = block(entry, stream)
      sum += UInt64(a >> 8) + UInt64(b >> 8) + UInt64(c >> 8) + UInt64(d >> 8)
    }
    return Double(sum) * 0x1p-24 - 6
  }

  /// Uniform in −1 ..< 1, 53 bits.
  @inline(__always)
  func uniform(_ entry: Entry) -> Double {
    let (a, b, _, _) = block(entry, 3)
    return Double((UInt64(a) << 32 | UInt64(b)) >> 11) * 0x1p-52 - 1
  }

  /// 0 ..< bound, with a bias of at most bound / 2³², which does not matter here.
  @inline(__always)
  func below(_ bound: UInt32, _ entry: Entry, stream: UInt32 = 4) -> UInt32 {
    UInt32(truncatingIfNeeded: (UInt64(block(entry, stream).0) * UInt64(bound)) >> 32)
  }

  /// 2 to the power of −8 … 8.
  @inline(__always)
  func powerOfTwo(_ entry: Entry) -> Double {
    Double(sign: .plus, exponent: Int(below(17, entry)) - 8, significand: 1)
  }

  /// One position of a tensor.
  func place(in shape: [Int]) -> Int {
    var position = 0
    for (axis, extent) in shape.enumerated() {
      let entry = Entry(batch: 0, row: 0, column: shape.count - axis)
      position = position * extent + Int(below(UInt32(extent), entry, stream: 5))
    }
    return position
  }
}
