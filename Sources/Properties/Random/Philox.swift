/// Philox-4x32-10, a generator whose n-th output is a function of key and n alone.
///
/// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011. Values addressed by a
/// counter instead of drawn in order stay the same when a tensor around them shrinks.
struct Philox: Sendable {
  /// The four words of one block.
  typealias Block = (UInt32, UInt32, UInt32, UInt32)

  private let key: (UInt32, UInt32)

  init(key: UInt64) {
    self.key = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
  }

  /// The block at a counter.
  @inline(__always)
  func block(_ counter: Block) -> Block {
    var (c0, c1, c2, c3) = counter
    var (k0, k1) = key
    for _ in 0..<10 {
      let first = UInt64(c0) &* 0xD251_1F53
      let second = UInt64(c2) &* 0xCD9E_8D57
      c0 = UInt32(truncatingIfNeeded: second >> 32) ^ c1 ^ k0
      c1 = UInt32(truncatingIfNeeded: second)
      c2 = UInt32(truncatingIfNeeded: first >> 32) ^ c3 ^ k1
      c3 = UInt32(truncatingIfNeeded: first)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (c0, c1, c2, c3)
  }
}

/// A sequence of random numbers from one seed, the same on every machine.
struct RandomStream: RandomNumberGenerator, Sendable {
  private let philox: Philox
  private var counter: UInt64 = 0
  private var spare: UInt64?

  init(seed: UInt64) { philox = Philox(key: seed) }

  mutating func next() -> UInt64 {
    if let value = spare {
      spare = nil
      return value
    }
    let block = philox.block(
      (UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32), 0, 0))
    counter += 1
    spare = UInt64(block.2) | UInt64(block.3) << 32
    return UInt64(block.0) | UInt64(block.1) << 32
  }

  /// A number in 0 ..< 1 with 53 random bits.
  mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in 0 ... bound, without bias.
  mutating func upTo(_ bound: UInt64) -> UInt64 {
    bound == .max ? next() : next(upperBound: bound + 1)
  }

  /// True with the given probability.
  mutating func chance(_ probability: Double) -> Bool { fraction() < probability }

  /// A position drawn in proportion to the weights.
  mutating func weighted(_ weights: [Double]) -> Int {
    var rest = fraction() * weights.reduce(0, +)
    for (position, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return position }
    }
    return weights.lastIndex { $0 > 0 } ?? 0
  }
}
