extension Challenge {
  static let tensors: [Challenge] = [
    exact(
      "entry of a tensor", "zeros(1, 1, 1) with [0,0,0] = 1",
      Gen.zip(Gen.int(1...3), .int(1...4), .int(1...5)).flatMap { .tensor([$0.0, $0.1, $0.2]) }
    ) { !$0.values().contains { $0 >= 1 } },
    exact(
      "entry of a fixed shape", "zeros(3, 4, 5) with [0,0,0] = 1", .tensor([3, 4, 5])
    ) { !$0.values().contains { $0 >= 1 } },
    exact(
      "two equal rows", "zeros(2, 1)",
      Gen.zip(Gen.int(1...5), .int(1...7)).flatMap { .tensor([$0.0, $0.1]) }
    ) { recipe in
      let (values, length) = (recipe.values(), recipe.shape[1])
      let rows = (0..<recipe.shape[0]).map { Array(values[$0 * length..<($0 + 1) * length]) }
      return Set(rows).count == rows.count
    },
    // The output at each position is the sum of the input there and at the next one.
    exact(
      "leak from the future", "zeros(1, 2, 1) with [0,1,0] = 1",
      Gen.zip(Gen.int(1...3), .int(1...7), .int(1...5)).flatMap {
        .tensor([$0.0, $0.1, $0.2], fills: .finiteModerate)
      }
    ) { recipe in
      let (values, length, width) = (recipe.values(), recipe.shape[1], recipe.shape[2])
      return !values.indices.contains { $0 / width % length > 0 && values[$0] != 0 }
    },
    exact(
      "hidden entry of a mask", "mask(1, 1, allTrue) with [0,0] = 0",
      Gen.zip(Gen.int(1...4), .int(1...6)).flatMap { .mask([$0.0, $0.1]) }
    ) { !$0.values().contains(0) },
  ]
}
