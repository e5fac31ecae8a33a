import Properties
import Testing

@testable import Challenges

/// The challenge again with other constants, types, orders and structures: what the shrinker does
/// for the cases it is measured by, it must do for their like.
@Suite struct `variants of the challenge` {
  @Test(arguments: variants)
  func `end at the smallest answer`(variant: Challenge) {
    let result = variant.run(seeds: 50)
    print(result)
    #expect(result.hits == 50, "\(result): \(result.commonest)")
  }

  @Test(arguments: variants)
  func `end there whatever the order of the passes`(variant: Challenge) {
    let result = variant.run(seeds: 20, shuffledBy: 3)
    #expect(result.hits == 20, "\(result): \(result.commonest)")
  }
}

private let variants = numbers + lists + pairsOfLists + recursive + others

private let numbers: [Challenge] = {
  let positive = Gen.int(1...0x7FFF_FFFF)
  let small = Gen.int(0...1000)
  let real = Gen.double()
  return [
    .exact("equal from 100", "(100, 100)", .zip(positive, positive)) { $0.0 < 100 || $0.0 != $0.1 },
    .exact("three apart", "(1000, 997)", .zip(positive, positive)) {
      $0.0 < 1000 || abs($0.0 - $0.1) != 3
    },
    .exact("close, second first", "(6, 10)", .zip(positive, positive)) { b, a in
      a < 10 || !(1...4).contains(abs(a - b))
    },
    .exact("one apart, second first", "(9, 10)", .zip(positive, positive)) { b, a in
      a < 10 || abs(a - b) != 1
    },
    .exact("opposite", "(10, -10)", .zip(.int(-500...500), .int(-500...500))) {
      $0.0.magnitude < 10 || $0.0 != 0 &- $0.1
    },
    .exact("product", "(1, 1000)", .zip(small, small)) { $0.0 * $0.1 < 1000 },
    .exact("three to 2000", "(0, 1000, 1000)", .zip(small, small, small)) {
      $0.0 + $0.1 + $0.2 != 2000
    },
    .exact("excluded doubles", "(2.0, -2.0)", .zip(real, real)) { !($0.0 > 1 && $0.1 < -1) },
    .exact("negative product", "(1.0, -11.0)", .zip(real, real)) { !($0.0 * $0.1 < -10) },
    .exact("halves", "(0.5, 0.5)", .zip(.double(0...10), .double(0...10))) {
      $0.0 == $0.0.rounded() || $0.0 != $0.1
    },
    .exact("day of a month", "(3, 31)", monthAndDay) { $0.0 <= 2 || $0.1 != 31 },
    .exact("rotated", "[1, 2, 3, 4, 5, 0]", .permutation(6)) { $0[0] < $0[5] },
  ]
}()

private let monthAndDay = Gen.int(1...12).flatMap { month in
  Gen.int(1...(month == 2 ? 28 : [4, 6, 9, 11].contains(month) ? 30 : 31)).map { (month, $0) }
}

private let letters = Gen<[Character]>.list(
  of: .element(of: Array("abcdefghijklmnopqrstuvwxyz"))
).map { String($0) }

private let lists: [Challenge] = {
  let ints = Gen.list(of: .int())
  return [
    .exact("reverse of a word", "\"ab\"", letters) { $0 == String($0.reversed()) },
    .exact("two letters", "\"ab\"", letters) { Set($0).count < 2 },
    .exact("q and x", "\"qx\"", letters) { !($0.contains("q") && $0.contains("x")) },
    .exact("distinct five", "[0, 1, -1, 2, -2]", ints) { Set($0).count < 5 },
    .exact("sorted", "[0, -1]", ints) { $0.sorted() == $0 },
    .exact("a repeat", "[0, 0]", ints) { Set($0).count == $0.count },
    .exact("negative and large", "[-1, 101]", ints) { list in
      !(list.contains { $0 < 0 } && list.contains { $0 > 100 })
    },
    .exact("sum above a thousand", "[1001]", .list(of: .int(0...5000))) { $0.reduce(0, +) <= 1000 },
    .exact(
      "sum of small numbers", "[1, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100]",
      .list(of: .int(0...100))
    ) { $0.reduce(0, +) <= 1000 },
    .exact("sum of exactly 100", "[40, 60]", .list(of: .int(0...60))) { $0.reduce(0, +) != 100 },
    .exact("long palindrome", "[0, 1, 1, 0]", .list(of: .int(-2...2))) { list in
      !(list.count.isMultiple(of: 2) && Set(list).count > 1 && list == list.reversed())
    },
    .exact("length first", "[450]", Gen.int(1...50).flatMap { .list(of: .int(0...500), count: $0) })
    {
      ($0.max() ?? 0) < 450
    },
    .exact(
      "length first, below", "[-900]",
      Gen.int(1...10).flatMap { .list(of: .int(-1000...1000), count: $0) }
    ) { ($0.min() ?? 0) > -900 },
    .exact("key with two values", "[(0, 0), (0, 1)]", .list(of: .zip(.int(), .int()))) { pairs in
      Dictionary(pairs, uniquingKeysWith: { first, _ in first }).count
        == Set(pairs.map { "\($0)" }).count
    },
  ]
}()

private let pairsOfLists: [Challenge] = {
  let ints = Gen.list(of: .int())
  let bits = Gen.list(of: .int(0...1))
  let word32 = Gen.list(of: Gen<Int32>.int(), count: 0...6).filter { $0.reduce(0, &+) < 1000 }
  let word16 = Gen.list(of: Gen<Int16>.int(), count: 0...10).filter { $0.reduce(0, &+) < 100 }
  return [
    .exact("bound of Int32", "([], [-1], [-2147483648])", .zip(word32, word32, word32)) { lists in
      [lists.0, lists.1, lists.2].joined().reduce(0, &+) < 3000
    },
    .exact("bound of four", "([], [], [-1], [-32768])", .zip(word16, word16, word16, word16)) {
      lists in
      [lists.0, lists.1, lists.2, lists.3].joined().reduce(0, &+) < 500
    },
    .exact(
      "union of sets", "[[-2, -1, 0, 1, 2]]",
      Gen.list(of: .set(of: .int())).map { $0.map { $0.sorted() } }
    ) { Set($0.joined()).count <= 4 },
    .exact(
      "seventeen zeros", "\([[Int](repeating: 0, count: 17)])", .list(of: .list(of: .constant(0)))
    ) {
      $0.reduce(0) { $0 + $1.count } < 17
    },
    Challenge("equally long", expected: "([0], [1])", .zip(ints, ints)) { lists, trial in
      try trial.assume(lists.0.count == lists.1.count)
      trial.expect(lists.0 == lists.1)
    },
    .exact("equally long from three", "([0, 0, 0], [0, 0, 1])", .zip(ints, ints)) { lists in
      !(lists.0.count == lists.1.count && lists.0.count >= 3 && lists.0 != lists.1)
    },
    .exact("same in both", "([0, 0], [0, 0])", .zip(bits, bits)) {
      !($0.0 == $0.1 && $0.0.count >= 2)
    },
    .exact("longer than the other", "([], [0, 0, 0])", .zip(ints, ints)) {
      !($0.1.count >= $0.0.count + 3)
    },
  ]
}()

private let recursive: [Challenge] = [
  .exact("calculator with differences", "(/, 0, (-, 0, 0))", Formula.generator("-/+")) {
    $0.isDefined || $0.dividesByZero
  },
  .exact("calculator, quotients first", "(/, 0, (/, 0, 1))", Formula.generator("/-+")) {
    $0.isDefined || $0.dividesByZero
  },
  .exact("calculator, products first", "(/, 0, (*, 0, 0))", Formula.generator("*+/-")) {
    $0.isDefined || $0.dividesByZero
  },
  .exact("deep", "(+, 0, (+, 0, (+, 0, 0)))", Formula.generator("+")) { $0.depth < 3 },
  Challenge(
    "binheap from five", expected: "(5, nil, (5, (5, nil, nil), (6, nil, nil)))",
    Heap.tree(atLeast: 5, atMost: 10_000, size: 32)
  ) { $1.expect($0.isSortedByMerging) },
]

private let others: [Challenge] = {
  let ints = Gen.list(of: .int())
  return [
    Challenge("coupling to 20", expected: "[1, 0]", .list(of: .int(0...20))) { list, trial in
      try trial.assume(list.allSatisfy { $0 < list.count })
      trial.expect(list.indices.allSatisfy { list[list[$0]] != $0 || list[$0] == $0 })
    },
    Challenge("three in a ring", expected: "[1, 2, 0]", .list(of: .int(0...9))) { list, trial in
      try trial.assume(list.allSatisfy { $0 < list.count })
      trial.expect(
        list.indices.allSatisfy { i in
          let (j, k) = (list[i], list[list[i]])
          return i == j || j == k || i == k || list[k] != i
        })
    },
    Challenge("deletion of the last", expected: "([0, 0], 0)", .zip(ints, .int(0...10))) {
      var (list, index) = $0
      try $1.assume(index < list.count)
      let value = list[index]
      list.remove(at: list.lastIndex(of: value) ?? index)
      $1.expect(!list.contains(value))
    },
    Challenge("deletion, index first", expected: "(0, [0, 0])", .zip(.int(0...10), ints)) {
      var (index, list) = $0
      try $1.assume(index < list.count)
      let value = list[index]
      list.remove(at: list.firstIndex(of: value) ?? index)
      $1.expect(!list.contains(value))
    },
    .exact(
      "edges to and fro", "(2, [(0, 1), (1, 0)])",
      Gen.int(2...9).flatMap { nodes in
        Gen<[(Int, Int)]>.list(of: .zip(.int(0...nodes - 1), .int(0...nodes - 1))).map {
          (nodes, $0)
        }
      }
    ) { graph in
      !graph.1.contains { edge in
        edge.0 != edge.1 && graph.1.contains { $0.0 == edge.1 && $0.1 == edge.0 }
      }
    },
    Challenge(
      "two places", expected: "([0, 0], 0, 1)", .zip(ints, .int(0...20), .int(0...20))
    ) { input, trial in
      let (list, i, j) = input
      try trial.assume(list.indices.contains(i) && list.indices.contains(j))
      trial.expect(i == j || list[i] != list[j])
    },
  ]
}()
