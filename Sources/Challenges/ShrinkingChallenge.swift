internal import Properties

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

/// A sum or quotient of integers.
private indirect enum Expression: Sendable, CustomStringConvertible {
  case literal(Int)
  case sum(Expression, Expression)
  case quotient(Expression, Expression)

  /// Division by an expression, not a literal, that evaluates to zero.
  struct DivisionByZero: Error {}

  var description: String {
    switch self {
    case .literal(let value): "\(value)"
    case .sum(let a, let b): "(+, \(a), \(b))"
    case .quotient(let a, let b): "(/, \(a), \(b))"
    }
  }

  var dividesByLiteralZero: Bool {
    switch self {
    case .literal: false
    case .quotient(_, .literal(0)): true
    case .sum(let a, let b), .quotient(let a, let b):
      a.dividesByLiteralZero || b.dividesByLiteralZero
    }
  }

  func evaluate() throws(DivisionByZero) -> Int {
    switch self {
    case .literal(let value): return value
    case .sum(let a, let b): return try a.evaluate() &+ b.evaluate()
    case .quotient(let a, let b):
      let (x, y) = (try a.evaluate(), try b.evaluate())
      guard y != 0 else { throw DivisionByZero() }
      let (quotient, remainder) =
        x.remainderReportingOverflow(dividingBy: y).overflow
        ? (x, 0) : x.quotientAndRemainder(dividingBy: y)
      // Rounded down, also for operands of different signs.
      return remainder != 0 && (remainder < 0) != (y < 0) ? quotient - 1 : quotient
    }
  }

  static func generator(depth: Int) -> Gen<Expression> {
    Gen<Expression>("expression") { source throws(Rejected) in
      let weights = depth > 0 ? [1.0, 1, 1] : [1]
      switch try source.alternative(weights) {
      case 0: return .literal(try source.draw(.int(-0x8000_0000...0x7FFF_FFFF)))
      case 1:
        let inner = generator(depth: depth - 1)
        return .sum(try source.draw(inner), try source.draw(inner))
      default:
        let inner = generator(depth: depth - 1)
        return .quotient(try source.draw(inner), try source.draw(inner))
      }
    }
  }
}

extension Challenge {
  static let calculator = Challenge(
    "calculator", expected: "(/, 0, (+, 0, 0))", bar: 97, Expression.generator(depth: 6)
  ) { expression, trial in
    try trial.assume(!expression.dividesByLiteralZero)
    let isDefined = (try? expression.evaluate()) != nil
    trial.expect(isDefined)
  }
}

/// A binary heap: a key no larger than those below, and two heaps.
private final class Heap: Sendable, CustomStringConvertible {
  let key: Int
  let left: Heap?
  let right: Heap?

  init(_ key: Int, _ left: Heap?, _ right: Heap?) {
    self.key = key
    self.left = left
    self.right = right
  }

  var description: String {
    "(\(key), \(left.map(\.description) ?? "nil"), \(right.map(\.description) ?? "nil"))"
  }

  static func generator(atLeast low: Int, size: Int) -> Gen<Heap?> {
    Gen<Heap?>("heap") { source throws(Rejected) in
      guard size > 0, try source.boolean() else { return nil }
      let key = try source.draw(.int(low...0x7FFF_FFFF))
      let inner = generator(atLeast: key, size: size / 2)
      return Heap(key, try source.draw(inner), try source.draw(inner))
    }
  }

  static func flatten(_ heap: Heap?) -> [Int] {
    var stack = [heap]
    var keys: [Int] = []
    while let top = stack.popLast() {
      guard let top else { continue }
      keys.append(top.key)
      stack += [top.left, top.right]
    }
    return keys
  }

  /// Loses the order, which is the mistake to be found.
  static func merge(_ a: Heap?, _ b: Heap?) -> Heap? {
    guard let a else { return b }
    guard let b else { return a }
    return a.key <= b.key
      ? Heap(a.key, merge(a.right, b), a.left) : Heap(b.key, merge(b.right, a), b.left)
  }
}

/// A heap that may be empty.
private struct Tree: Sendable, CustomStringConvertible {
  let root: Heap?

  var description: String { root?.description ?? "nil" }
}

extension Challenge {
  static let binheap = Challenge(
    "binheap", expected: "(0, nil, (0, (0, nil, nil), (1, nil, nil)))", bar: 124,
    Heap.generator(atLeast: 0, size: 64).map { Tree(root: $0) }
  ) { tree, trial in
    let heap = tree.root
    let keys = heap.map { [$0.key] + Heap.flatten(Heap.merge($0.left, $0.right)) } ?? []
    trial.expect(keys == keys.sorted() && Heap.flatten(heap).sorted() == keys)
  }
}
