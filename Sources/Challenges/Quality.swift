internal import Properties

extension Challenge {
  /// Small cases whose answers tell whether each kind of value becomes as simple as it can.
  public static let quality: [Challenge] =
    scalars + sums + collections + structures + tensors

  private static let scalars: [Challenge] = {
    let pair = Gen.zip(Gen.int(), .int())
    let cases = [
      exact("threshold", "101", .int()) { $0 < 101 },
      exact("threshold below", "-101", .int()) { $0 > -101 },
      exact("distance", "(0, 11)", pair) { !($0.0 < $0.1 && $0.1 &- $0.0 > 10) },
      exact("neighbours", "(1000001, 1000000)", bar: 200, pair) {
        !($0.0 > 1_000_000 && ($0.0 &- $0.1 == 1 || $0.1 &- $0.0 == 1))
      },
      exact("positive double", "1.0", .double()) { !($0 > 0) },
      exact("double above one", "2.0", .double()) { !($0 > 1) },
      exact("not a number", "nan", .double(specials: .all)) { !$0.isNaN },
    ]
    return cases
      + [0.0, 5, 100, 12345].map { bound in
        exact("fraction above \(Int(bound))", "\(bound + 0.5)", .double()) {
          !($0 > bound && $0 < 0x1p53 && $0 != $0.rounded())
        }
      }
  }()

  private static let sums: [Challenge] = {
    let (number, real) = (Gen.int(0...1000), Gen.double(0...1000))
    return [
      exact("sum", "(1, 1000)", .zip(number, number)) { $0.0 + $0.1 <= 1000 },
      exact("sum of doubles", "(1.0, 1000.0)", .zip(real, real)) { $0.0 + $0.1 <= 1000 },
      exact("mixed sum", "(1, 1000.0)", .zip(number, real)) { Double($0.0) + $0.1 <= 1000 },
      exact("other mixed sum", "(1.0, 1000)", .zip(real, number)) { $0.0 + Double($0.1) <= 1000 },
      exact(
        "sum of far numbers", "(1, 0, false, 0, 1000)",
        .zip(number, .int(), .bool(), .int(0...9), number)
      ) { $0.0 + $0.4 <= 1000 },
    ]
  }()
}

extension Challenge {
  static let collections: [Challenge] =
    [
      exact("set of three", "[-1, 0, 1]", Gen.set(of: .int()).map { $0.sorted() }) { $0.count < 3 },
      exact(
        "lists of both booleans", "\([[Bool]](repeating: [false, true], count: 5))",
        .list(of: .list(of: .bool()))
      ) { lists in lists.count { $0.contains(true) && $0.contains(false) } < 5 },
      exact("a value twice", "([0, 0], 0)", .zip(.list(of: .int()), .int())) { input in
        input.0.count { $0 == input.1 } < 2
      },
      exact(
        "a rare element", "[\"bad\"]",
        .list(of: .frequency([(49, .constant("good")), (1, .constant("bad"))]))
      ) { !$0.contains("bad") },
    ]
    + [0, 1, 10, 100, 1000].map { least in
      exact("contains at least \(least)", "([\(least)], \(least))", .zip(.list(of: .int()), .int()))
      {
        !($0.0.contains($0.1) && $0.1 >= least)
      }
    }
    + [1, 2, 5, 10].map { count in
      let expected = [Double](repeating: 0, count: count - 1) + [1]
      return exact("one of \(count) doubles", "\(expected)", .list(of: .double())) { list in
        !(list.count >= count && list.contains { $0 >= 1 })
      }
    }
}

extension Challenge {
  static let structures: [Challenge] = [
    exact(
      "row of a drawn width", "[[\"a\", \"b\"]]",
      Gen.int(0...10).flatMap { width in
        .list(of: .list(of: .element(of: ["a", "b"]), count: width))
      }
    ) { !$0.contains(["a", "b"]) },
    exact("tree with three equal leaves", "(0, (0, 0))", LeafTree.generator) { tree in
      let leaves = tree.leaves
      return !leaves.contains { leaf in leaves.count { $0 == leaf } >= 3 }
    },
  ]
}

/// A binary tree with numbers at its leaves.
private indirect enum LeafTree: Sendable, CustomStringConvertible {
  case leaf(Int)
  case node(LeafTree, LeafTree)

  static let generator = Gen<LeafTree>.recursive(
    depth: 5, leaf: Gen.int().map { .leaf($0) }
  ) { inner in
    Gen.zip(inner, inner).map { .node($0.0, $0.1) }
  }

  var leaves: [Int] {
    switch self {
    case .leaf(let value): [value]
    case .node(let left, let right): left.leaves + right.leaves
    }
  }

  var description: String {
    switch self {
    case .leaf(let value): "\(value)"
    case .node(let left, let right): "(\(left), \(right))"
    }
  }
}

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
