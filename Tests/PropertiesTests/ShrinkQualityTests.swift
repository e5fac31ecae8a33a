import Testing

@testable import Properties

/// Asserts that all of 50 seeds end at one answer.
private func expectAll<Value: Sendable>(
  _ expected: String, _ name: String, _ generator: Gen<Value>, cost: Double = .infinity,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ isTrue: @escaping @Sendable (Value) -> Bool
) {
  let challenge = Challenge("quality \(name)", expected: expected, bar: cost, generator) {
    $1.expect(isTrue($0))
  }
  let result = challenge.run(seeds: 50)
  #expect(
    result.hits == 50, "\(name): \(result.answers.sorted { $0.value > $1.value }.prefix(4))",
    sourceLocation: sourceLocation)
  #expect(result.mean <= cost, "\(name)", sourceLocation: sourceLocation)
}

@Suite struct `shrinking of scalars` {
  @Test func `an integer ends at its threshold`() {
    expectAll("101", "threshold", .int()) { $0 < 101 }
    expectAll("-101", "below", .int()) { $0 > -101 }
  }

  @Test func `two integers end at the smallest pair`() {
    let pair = Gen.zip(Gen.int(), .int())
    expectAll("(0, 11)", "distance", pair) { !($0.0 < $0.1 && $0.1 &- $0.0 > 10) }
    expectAll("(1000001, 1000000)", "neighbours", pair, cost: 200) {
      !($0.0 > 1_000_000 && ($0.0 &- $0.1 == 1 || $0.1 &- $0.0 == 1))
    }
  }

  @Test func `a double ends at a whole number if one fails`() {
    expectAll("1.0", "positive", .double()) { !($0 > 0) }
    expectAll("2.0", "more than one", .double()) { !($0 > 1) }
    expectAll("nan", "not a number", .double(specials: .all)) { !$0.isNaN }
  }

  @Test(arguments: [0.0, 5, 100, 12345])
  func `a double that must have a fraction has a half`(bound: Double) {
    expectAll("\(bound + 0.5)", "fraction", .double(0...1e9)) {
      !($0 > bound && $0 < 0x1p53 && $0 != $0.rounded())
    }
  }
}

@Suite struct `shrinking of sums` {
  @Test func `two numbers with a large sum end at one and the largest`() {
    let number = Gen.int(0...1000)
    expectAll("(1, 1000)", "sum", .zip(number, number)) { $0.0 + $0.1 <= 1000 }
    let real = Gen.double(0...1000)
    expectAll("(1.0, 1000.0)", "real sum", .zip(real, real)) { $0.0 + $0.1 <= 1000 }
    expectAll("(1, 1000.0)", "mixed sum", .zip(number, real)) { Double($0.0) + $0.1 <= 1000 }
  }

  @Test func `other draws between the numbers do not matter`() {
    let number = Gen.int(0...1000)
    expectAll(
      "(1, 0, false, 0, 1000)", "far sum", .zip(number, .int(), .bool(), .int(0...9), number)
    ) { $0.0 + $0.4 <= 1000 }
  }
}

@Suite struct `shrinking of collections` {
  @Test func `a set of three ends at the three simplest`() {
    expectAll("[-1, 0, 1]", "set", Gen.set(of: .int()).map { $0.sorted() }) { $0.count < 3 }
  }

  @Test func `many lists of both booleans end at the smallest of them`() {
    let lists = Gen.list(of: .list(of: .bool()))
    let five = [[Bool]](repeating: [false, true], count: 5)
    expectAll("\(five)", "booleans", lists) { lists in
      lists.count { $0.contains(true) && $0.contains(false) } < 5
    }
  }

  @Test(arguments: [0, 1, 10, 100, 1000])
  func `a list that contains a number ends at that number alone`(n: Int) {
    expectAll("([\(n)], \(n))", "contains", .zip(.list(of: .int()), .int())) {
      !($0.0.contains($0.1) && $0.1 >= n)
    }
  }

  @Test func `a value that occurs twice ends at two zeros`() {
    expectAll("([0, 0], 0)", "twice", .zip(.list(of: .int()), .int())) { input in
      input.0.count { $0 == input.1 } < 2
    }
  }

  @Test(arguments: [1, 2, 5, 10])
  func `one of many doubles stays`(n: Int) {
    let expected = [Double](repeating: 0, count: n - 1) + [1]
    expectAll("\(expected)", "doubles", .list(of: .double())) { list in
      !(list.count >= n && list.contains { $0 >= 1 })
    }
  }

  @Test func `a rare element stays alone`() {
    let word = Gen.frequency([(49, Gen.constant("good")), (1, Gen.constant("bad"))])
    expectAll("[\"bad\"]", "rare", .list(of: word)) { !$0.contains("bad") }
  }
}

@Suite struct `shrinking of structure` {
  @Test func `rows of a drawn width end at one row`() {
    let rows = Gen.int(0...10).flatMap { width in
      Gen.list(of: .list(of: .element(of: ["a", "b"]), count: width))
    }
    expectAll("[[\"a\", \"b\"]]", "rows", rows) { !$0.contains(["a", "b"]) }
  }

  @Test func `a tree with three equal leaves ends at the smallest such tree`() {
    expectAll("(0, (0, 0))", "leaves", Tree.generator) { tree in
      let leaves = tree.leaves
      return !leaves.contains { leaf in leaves.count { $0 == leaf } >= 3 }
    }
  }
}

/// A binary tree with numbers at its leaves.
private indirect enum Tree: Sendable, CustomStringConvertible {
  case leaf(Int)
  case node(Tree, Tree)

  static let generator = Gen<Tree>.recursive(depth: 5, leaf: Gen.int().map { .leaf($0) }) { inner in
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

@Suite struct `shrinking of tensors` {
  @Test func `one entry remains of a tensor`() {
    let gen = Gen.zip(Gen.int(1...3), .int(1...4), .int(1...5)).flatMap { a, b, c in
      Gen.tensor([a, b, c])
    }
    expectAll("zeros(1, 1, 1) with [0,0,0] = 1", "entry", gen) { recipe in
      !recipe.values().contains { $0 >= 1 }
    }
  }

  @Test func `a fixed shape keeps its one entry, next to the origin`() {
    expectAll("zeros(3, 4, 5) with [0,0,0] = 1", "fixed", .tensor([3, 4, 5])) { recipe in
      !recipe.values().contains { $0 >= 1 }
    }
  }

  @Test func `two equal rows end at two rows of one zero`() {
    let gen = Gen.zip(Gen.int(1...5), .int(1...7)).flatMap { a, b in Gen.tensor([a, b]) }
    expectAll("zeros(2, 1)", "rows", gen) { recipe in
      let values = recipe.values()
      let length = recipe.shape[1]
      let rows = (0..<recipe.shape[0]).map { Array(values[$0 * length..<($0 + 1) * length]) }
      return Set(rows).count == rows.count
    }
  }

  @Test func `a leak from the future ends at two positions and one entry`() {
    let gen = Gen.zip(Gen.int(1...3), .int(1...7), .int(1...5)).flatMap { b, s, e in
      Gen.tensor([b, s, e], fills: .finiteModerate)
    }
    // The output at each position is the sum of the input there and at the next one.
    expectAll("zeros(1, 2, 1) with [0,1,0] = 1", "leak", gen) { recipe in
      let (s, e) = (recipe.shape[1], recipe.shape[2])
      let values = recipe.values()
      return !values.indices.contains { $0 / e % s > 0 && values[$0] != 0 }
    }
  }

  @Test func `a mask ends at the one entry that matters`() {
    let gen = Gen.zip(Gen.int(1...4), .int(1...6)).flatMap { b, t in Gen.mask([b, t]) }
    expectAll("mask(1, 1, allTrue) with [0,0] = 0", "mask", gen) { recipe in
      !recipe.values().contains(0)
    }
  }
}
