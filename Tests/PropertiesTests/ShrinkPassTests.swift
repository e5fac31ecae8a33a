import Testing

@testable import Properties

/// What one pass, run on its own, makes of an input given by its choices.
private func shrink<Value: Sendable>(
  _ pass: ShrinkPass, _ generator: Gen<Value>, from choices: [ChoiceValue],
  evaluations: Int = 5000, isTrue: @escaping (Value) throws -> Bool
) throws -> String {
  let runner = Runner(cell: "passes/\(pass.rawValue)", generator: generator) {
    $1.expect(try isTrue($0))
  }
  let drawn = runner.draw(Source(given: choices, tail: .simplest))
  let value = try #require(drawn.value)
  let ran = runner.run(value, seed: 0)
  let first = Shrinker<Value>.Found(
    value: value, choices: drawn.source.choices, spans: drawn.source.spans, ran: ran,
    failure: try #require(ran.failure))
  var limits = Shrinker<Value>.Limits()
  limits.evaluations = evaluations
  var shrinker = Shrinker(runner, first, seed: 0, limits: limits)
  shrinker.run([pass])
  #expect(shrinker.evaluations <= evaluations)
  return printed(shrinker.best.value)
}

/// The choices of lists of integers, as `Gen.list` draws them.
private func list(_ values: Int64...) -> [ChoiceValue] {
  values.flatMap { [.boolean(true), .integer($0)] } + [.boolean(false)]
}

private func integers(_ values: Int64...) -> [ChoiceValue] { values.map { .integer($0) } }

@Suite struct `each pass on its own` {
  private let ints = Gen.list(of: .int())

  @Test func `simplest tries the simplest input`() throws {
    #expect(try shrink(.simplest, ints, from: list(5, 6)) { _ in false } == "[]")
  }

  @Test func `descend keeps the part that fails`() throws {
    let tree = Gen<[Int]>.recursive(depth: 3, leaf: Gen.int().map { [$0] }) { inner in
      Gen.zip(inner, inner).map { $0.0 + $0.1 }
    }
    let choices: [ChoiceValue] = [
      .boolean(true), .boolean(true), .boolean(false), .integer(1), .boolean(false), .integer(7),
      .boolean(false), .integer(2),
    ]
    #expect(try shrink(.descend, tree, from: choices) { !$0.contains(7) } == "[7]")
  }

  @Test func `delete-span removes elements`() throws {
    let answer = try shrink(.deleteSpans, ints, from: list(5, 6, 7, 8, 9)) { !$0.contains(6) }
    #expect(answer == "[6]")
  }

  @Test func `delete-and-renumber lowers what points behind the element`() throws {
    let answer = try shrink(.deleteAndRenumber, ints, from: list(3, 1, 2, 0)) { list in
      guard list.allSatisfy({ list.indices.contains($0) }), let first = list.first else {
        return true
      }
      return list[first] != 0 || first == 0
    }
    #expect(answer == "[1, 0]")
  }

  @Test func `delete-and-lower keeps a drawn length right`() throws {
    let gen = Gen.int(1...10).flatMap { Gen.list(of: .int(0...9), count: $0) }
    let answer = try shrink(.deleteAndLower, gen, from: integers(5, 1, 2, 9, 3, 4)) {
      !$0.contains(9)
    }
    #expect(answer == "[9]")
  }

  @Test func `merge-siblings joins lists`() throws {
    let choices: [ChoiceValue] =
      [.boolean(true)] + list(1) + [.boolean(true)] + list(2) + [.boolean(false)]
    let answer = try shrink(.mergeSiblings, .list(of: ints), from: choices) {
      Set($0.joined()).count < 2
    }
    #expect(answer == "[[1, 2]]")
  }

  @Test func `zero-span zeroes neighbours together`() throws {
    let gen = Gen.list(of: .int(), count: 4)
    // Each pair must be equal, so no entry can become 0 on its own.
    let answer = try shrink(.zeroSpans, gen, from: integers(5, 5, 6, 6)) {
      $0[0] != $0[1] || $0[2] != $0[3]
    }
    #expect(answer == "[0, 0, 0, 0]")
  }

  @Test func `lower-same and lower-pair keep equality and difference`() throws {
    let pair = Gen.zip(Gen.int(), .int())
    let same = try shrink(.lowerSame, pair, from: integers(1000, 1000)) {
      $0.0 < 10 || $0.0 != $0.1
    }
    #expect(same == "(10, 10)")
    let near = try shrink(.lowerPairs, pair, from: integers(1000, 1003)) {
      $0.0 < 10 || $0.1 - $0.0 != 3
    }
    #expect(near == "(10, 13)")
  }

  @Test func `shift-pair keeps the sum`() throws {
    let pair = Gen.zip(Gen.int(0...100), .int(0...100))
    let answer = try shrink(.shiftPairs, pair, from: integers(60, 50)) { $0.0 + $0.1 < 110 }
    #expect(answer == "(10, 100)")
  }

  @Test func `lower-each lowers in about twice the logarithm of the result`() throws {
    let answer = try shrink(.lowerEach, .int(), from: integers(1 << 60), evaluations: 30) {
      $0 < 1000
    }
    #expect(answer == "1000")
  }

  @Test func `lower-by-steps gets past a gap`() throws {
    let answer = try shrink(.lowerBySteps, .int(0...1000), from: integers(107)) {
      !$0.isMultiple(of: 7) && $0 != 107 || $0 < 100
    }
    #expect(answer == "105")
  }

  @Test func `sort-spans and swap-siblings put simpler things first`() throws {
    let sorted = try shrink(.sortSpans, ints, from: list(3, 2, 1)) { Set($0) != [1, 2, 3] }
    #expect(sorted == "[1, 2, 3]")
    let pairs = Gen.zip(Gen.zip(.int(), .int()), Gen.zip(.int(), .int()))
    let swapped = try shrink(.swapSiblings, pairs, from: integers(4, 3, 2, 1)) {
      Set([$0.0.0, $0.0.1, $0.1.0, $0.1.1]) != [1, 2, 3, 4]
    }
    #expect(swapped == "((1, 2), (3, 4))")
  }

  @Test func `fuse adds what it removes to another number`() throws {
    let answer = try shrink(.fuse, ints, from: list(3, 4, 5)) { $0.reduce(0, &+) != 12 }
    #expect(answer == "[12]")
  }

  @Test func `delete-run needs no spans`() throws {
    let flat = Gen<[Int64]>("flat") { source throws(Rejected) in
      var values: [Int64] = []
      while try source.boolean() { values.append(try source.integer(0...9)) }
      return values
    }
    #expect(try shrink(.deleteRuns, flat, from: list(5, 6, 7)) { !$0.contains(6) } == "[6]")
  }

  @Test func `enumerate finds what no single edit reaches`() throws {
    let gen = Gen.list(of: .bool(), count: 3)
    let choices: [ChoiceValue] = [.boolean(true), .boolean(true), .boolean(true)]
    let failing = [[true, true, true], [false, true, false]]
    #expect(
      try shrink(.enumerate, gen, from: choices) { !failing.contains($0) }
        == "[false, true, false]")
    // Too many smaller inputs: none of them is run.
    let many = try shrink(.enumerate, .int(), from: integers(100), evaluations: 0) { _ in false }
    #expect(many == "100")
  }

  @Test func `delete-span drops what a filter threw away`() throws {
    let even = Gen.int(0...1000).filter { $0.isMultiple(of: 2) }
    let numbers = Gen.zip(even, even)
    let runner = Runner(cell: "passes/discarded", generator: numbers) { $1.expect($0.1 != 6) }
    let drawn = runner.draw(Source(given: integers(3, 5, 4, 7, 6), tail: .simplest))
    #expect(drawn.source.choices.count == 5)
    let answer = try shrink(
      .deleteSpans, numbers, from: integers(3, 5, 4, 7, 6), evaluations: 1
    ) { $0.1 != 6 }
    #expect(answer == "(4, 6)")
  }

  @Test func `delete-pair keeps lists equally long`() throws {
    let pair = Gen.zip(ints, ints)
    let answer = try shrink(.deletePairs, pair, from: list(1, 2, 3) + list(1, 2, 4)) {
      $0.0.count != $0.1.count || $0.0 == $0.1
    }
    #expect(answer == "([3], [4])")
    let even = try shrink(.deletePairs, ints, from: list(5, 1, 6, 2)) { list in
      list.count % 2 == 1 || !list.contains(1) || !list.contains(2)
    }
    #expect(even == "[1, 2]")
  }

  @Test func `permute-siblings turns a ring`() throws {
    let ring = [[1, 2, 0], [2, 0, 1]]
    #expect(
      try shrink(.permuteSiblings, ints, from: list(2, 0, 1)) { !ring.contains($0) } == "[1, 2, 0]")
  }

  @Test func `lower-and-raise keeps a product large`() throws {
    let pair = Gen.zip(Gen.int(0...1000), .int(0...1000))
    let answer = try shrink(.lowerAndRaise, pair, from: integers(4, 250)) { $0.0 * $0.1 < 1000 }
    #expect(answer == "(3, 500)")
  }

  @Test func `lower-same gives equal fractions fewer places`() throws {
    let pair = Gen.zip(Gen.double(), .double())
    let answer = try shrink(.lowerSame, pair, from: [.double(7.1), .double(7.1)]) {
      $0.0 != $0.1 || $0.0 == $0.0.rounded()
    }
    #expect(answer == "(0.5, 0.5)")
  }

  @Test func `a shrink stops at its budget`() throws {
    let answer = try shrink(.lowerEach, .int(), from: integers(1000), evaluations: 3) { $0 < 10 }
    #expect(answer != "10")
  }

  @Test func `a tree replays what fits and fills up what is missing`() throws {
    let gen = Gen.zip(.list(of: .int(), count: 2), .int())
    var source = Source(given: integers(1, 2, 3), tail: .simplest)
    _ = try source.draw(gen)
    let wider = Gen.zip(.list(of: .int(), count: 3), .int())
    var flat = Source(given: integers(1, 2, 3), tail: .simplest)
    let stolen = try flat.draw(wider)
    #expect(stolen.0 == [1, 2, 3] && stolen.1 == 0)
    var tree = Source(tree: ChoiceTree(source.choices, source.spans))
    let kept = try tree.draw(wider)
    #expect(kept.0 == [1, 2, 0] && kept.1 == 3)
  }
}
