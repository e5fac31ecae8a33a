extension Challenge {
  /// The cases of the [Shrinking Challenge](https://github.com/jlink/shrinking-challenge), with
  /// Hypothesis' mean number of runs as bars.
  public static let all: [Challenge] = [
    bound5, largeUnionList, reverse, calculator, lengthList, differenceNotZero,
    differenceNotSmall, differenceNotOne, binheap, coupling, deletion, distinct, nestedLists,
  ]

  private static let bound5 = Challenge(
    "bound5", expected: "([], [], [], [-1], [-32768])", bar: 287,
    {
      let list = Gen.list(of: Gen<Int16>.int(), count: 0...10).filter { $0.reduce(0, &+) < 256 }
      return Gen.zip(list, list, list, list, list)
    }()
  ) { lists, trial in
    let all = lists.0 + lists.1 + lists.2 + lists.3 + lists.4
    trial.expect(all.reduce(0, &+) < 1280)
  }

  private static let largeUnionList = Challenge(
    "large-union-list", expected: "[[0, 1, -1, 2, -2]]", bar: 212,
    .list(of: .list(of: .int()))
  ) { lists, trial in
    trial.expect(Set(lists.joined()).count <= 4)
  }

  private static let reverse = Challenge(
    "reverse", expected: "[0, 1]", bar: 18, .list(of: .int())
  ) { list, trial in
    trial.expect(list.reversed() == list)
  }

  private static let lengthList = Challenge(
    "length-list", expected: "[900]", bar: 85,
    Gen.int(1...100).flatMap { count in .list(of: .int(0...1000), count: count) }
  ) { list, trial in
    trial.expect((list.max() ?? 0) < 900)
  }

  private static let positivePair = Gen.zip(Gen.int(1...0x7FFF_FFFF), .int(1...0x7FFF_FFFF))

  private static let differenceNotZero = Challenge(
    "difference-not-zero", expected: "(10, 10)", bar: 38, positivePair
  ) { pair, trial in
    trial.expect(pair.0 < 10 || pair.0 != pair.1)
  }

  private static let differenceNotSmall = Challenge(
    "difference-not-small", expected: "(10, 6)", bar: 835, positivePair
  ) { pair, trial in
    trial.expect(pair.0 < 10 || !(1...4).contains(abs(pair.0 - pair.1)))
  }

  private static let differenceNotOne = Challenge(
    "difference-not-one", expected: "(10, 9)", bar: 949, positivePair
  ) { pair, trial in
    trial.expect(pair.0 < 10 || abs(pair.0 - pair.1) != 1)
  }

  private static let coupling = Challenge(
    "coupling", expected: "[1, 0]", bar: 55, .list(of: .int(0...10))
  ) { list, trial in
    try trial.assume(list.allSatisfy { $0 < list.count })
    trial.expect(
      list.indices.allSatisfy { i in
        let j = list[i]
        return i == j || list[j] != i
      })
  }

  private static let deletion = Challenge(
    "deletion", expected: "([0, 0], 0)", bar: 37, .zip(.list(of: .int()), .int(0...10))
  ) { input, trial in
    var (list, index) = input
    try trial.assume(index < list.count)
    let value = list[index]
    list.remove(at: list.firstIndex(of: value) ?? index)
    trial.expect(!list.contains(value))
  }

  private static let distinct = Challenge(
    "distinct", expected: "[0, 1, -1]", bar: 51, .list(of: .int())
  ) { list, trial in
    trial.expect(Set(list).count < 3)
  }

  private static let nestedLists = Challenge(
    "nested-lists", expected: "[[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]", bar: 62,
    .list(of: .list(of: .constant(0)))
  ) { lists, trial in
    trial.expect(lists.reduce(0) { $0 + $1.count } <= 10)
  }
}
