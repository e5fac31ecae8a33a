/// The order in which training sees examples: a permutation for each epoch, decided by a seed.
struct ExampleOrder {
  /// The number of examples.
  let count: Int
  /// The number of examples of a step; all, if there are fewer.
  let batch: Int
  let seed: UInt64
  private var known: (epoch: Int, order: [Int])?

  init(count: Int, batch: Int, seed: UInt64) {
    self.count = count
    self.batch = min(batch, count)
    self.seed = seed
  }

  /// The steps of an epoch; what is left of the last permutation is not seen.
  var stepsPerEpoch: Int { count / batch }

  /// The examples of a step for one of some processes: the r-th, (r + n)-th ... of the step's.
  mutating func examples(_ step: Int, rank: Int, of ranks: Int) -> [Int] {
    let (epoch, place) = step.quotientAndRemainder(dividingBy: stepsPerEpoch)
    let order: [Int]
    if let known, known.epoch == epoch {
      order = known.order
    } else {
      var random = SplitMix(seed: mixed(seed, UInt64(epoch)))
      order = (0..<count).shuffled(using: &random)
      known = (epoch, order)
    }
    return stride(from: place * batch + rank, to: (place + 1) * batch, by: ranks).map { order[$0] }
  }
}

/// Numbers that only depend on a seed (Steele, Lea and Flood, 2014).
private struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    defer { state &+= 1 }
    return mixed(state, 0)
  }
}

/// A hash of two numbers.
func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
  var z = (a ^ (b &* 0xD6E8_FEB8_6659_FD93)) &* 0x9E37_79B9_7F4A_7C15 &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
