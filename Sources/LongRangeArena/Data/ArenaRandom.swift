/// Random numbers from a seed, the same on every machine, SplitMix64.
///
/// Each example draws from a stream of its own, so that it does not matter which thread makes it.
struct ArenaRandom {
  private var state: UInt64

  /// Starts a stream of a seed.
  init(seed: UInt64, stream: Int) {
    state = Self.mixed(Self.mixed(seed) &+ UInt64(bitPattern: Int64(stream)))
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var bits = value &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  mutating func next() -> UInt64 {
    defer { state &+= 0x9E37_79B9_7F4A_7C15 }
    return Self.mixed(state)
  }

  /// A number in 0 ..< 1.
  mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in 0 ..< bound.
  mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Elements in a random order, the same for the same seed.
  static func shuffled<Element>(_ elements: [Element], seed: UInt64) -> [Element] {
    var result = elements
    // The streams from 0 belong to examples.
    var random = ArenaRandom(seed: seed, stream: -1)
    for last in result.indices.dropFirst().reversed() {
      result.swapAt(last, random.below(last + 1))
    }
    return result
  }
}

/// Calls a function for each number of a range on several threads, and returns the results in order.
func inParallel<Value: Sendable>(
  _ range: Range<Int>, workers: Int, _ body: @escaping @Sendable (Int) throws -> Value
) async throws -> [Value] {
  let size = max(1, range.count / (4 * workers))
  var starts = stride(from: range.lowerBound, to: range.upperBound, by: size).makeIterator()
  return try await withThrowingTaskGroup(of: (start: Int, values: [Value]).self) { group in
    func startNext() {
      guard let start = starts.next() else { return }
      group.addTask {
        let values = try (start..<min(start + size, range.upperBound)).map { number in
          try Task.checkCancellation()
          return try body(number)
        }
        return (start, values)
      }
    }
    for _ in 0..<workers { startNext() }
    var blocks: [(start: Int, values: [Value])] = []
    for try await block in group {
      blocks.append(block)
      startNext()
    }
    return blocks.sorted { $0.start < $1.start }.flatMap(\.values)
  }
}
