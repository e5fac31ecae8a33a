import Testing

@testable import Properties

/// Draws many values of a generator.
private func draws<Value>(_ generator: Gen<Value>, _ count: UInt64 = 2000) -> [Value] {
  (0..<count).compactMap { try? generator.sample(seed: $0) }
}

@Suite struct `generators` {
  @Test func `the simplest value is made of the simplest choices`() throws {
    #expect(try Gen.int(5...9).simplest == 5)
    #expect(try Gen.int(-9...9, toward: 4).simplest == 4)
    #expect(try Gen.bool().simplest == false)
    #expect(try Gen.list(of: .int(0...9)).simplest == [])
    #expect(try Gen.list(of: .int(3...9), count: 2...4).simplest == [3, 3])
    #expect(try Gen<Int?>.optional(.int(0...9)).simplest == .some(nil))
    #expect(try Gen.permutation(4).simplest == [0, 1, 2, 3])
    #expect(try Gen.element(of: ["a", "b"]).simplest == "a")
  }

  @Test func `integers stay in range and reach its ends, small ones, powers and repeats`() {
    let values = draws(Gen<Int>.int(-1000...1_000_000))
    #expect(values.allSatisfy { (-1000...1_000_000).contains($0) })
    #expect(values.contains(-1000) && values.contains(1_000_000) && values.contains(0))
    #expect(values.count { abs($0) <= 16 } > 200)
    #expect(values.contains(65536))
    let pairs = draws(.zip(Gen<Int>.int(), Gen<Int>.int()))
    #expect(pairs.count { $0.0 == $0.1 } > 40)
    #expect(draws(Gen<UInt8>.int()).contains(255))
  }

  @Test func `doubles stay in range, specials come only if asked for`() {
    #expect(draws(.double(0.25...8)).allSatisfy { (0.25...8).contains($0) })
    #expect(draws(.double()).allSatisfy { $0.isFinite })
    let specials = draws(.double(0...1, specials: .all))
    #expect(specials.contains { $0.isNaN } && specials.contains { $0.isInfinite })
  }

  @Test func `lists have lengths in their range, both ends among them`() {
    let counts = draws(.list(of: .bool(), count: 1...8)).map(\.count)
    #expect(Set(counts) == Set(1...8))
    #expect(draws(.list(of: .bool(), count: 3)).allSatisfy { $0.count == 3 })
    #expect(draws(Gen.set(of: .int(0...9), count: 2...5)).allSatisfy { (2...5).contains($0.count) })
  }

  @Test func `permutations are permutations, and all occur`() {
    let orders = draws(.permutation(3))
    #expect(orders.allSatisfy { $0.sorted() == [0, 1, 2] })
    #expect(Set(orders).count == 6)
  }

  @Test func `weights are obeyed`() {
    let values = draws(
      Gen<Int>.frequency([(9, .constant(0)), (1, .constant(1)), (0, .constant(2))]))
    #expect((130...270).contains(values.count { $0 == 1 }))
    #expect(!values.contains(2))
    #expect((300...500).contains(draws(.bool(0.2)).count { $0 }))
  }

  @Test func `recursion ends at its depth`() {
    let depth = Gen<Int>.recursive(depth: 5, leaf: .constant(0)) { inner in inner.map { $0 + 1 } }
    #expect(Set(draws(depth)) == Set(0...5))
  }

  @Test func `a filter tries four times and then rejects`() {
    let even = Gen<Int>.int(0...1_000_000).filter { $0.isMultiple(of: 2) }
    let values = draws(even)
    #expect(values.allSatisfy { $0.isMultiple(of: 2) })
    // 1 − 2⁻⁴ of all draws succeed.
    #expect((1800...1950).contains(values.count))
    #expect(draws(Gen<Int>.int().filter { _ in false }).isEmpty)
  }

  @Test func `the schema hash sees labels, types and ranges`() {
    let hash = Gen.list(of: .int(0...9)).schemaHash
    #expect(hash == Gen.list(of: .int(0...9)).schemaHash)
    #expect(hash != Gen.list(of: .int(0...8)).schemaHash)
    #expect(hash != Gen.list(of: .bool()).schemaHash)
    let named = Gen<[Int]>("digits") { source throws(Rejected) in
      try source.draw(.list(of: .int(0...9)))
    }
    #expect(hash != named.schemaHash)
  }

  @Test func `schema hashes stay, since stored failures hold them`() {
    let tree = Gen<[Int]>.recursive(depth: 3, leaf: Gen.int().map { [$0] }) { inner in
      Gen.zip(inner, inner).map { $0.0 + $0.1 }
    }
    let hashes: [(UInt64, String)] = [
      (Gen<Int>.int().schemaHash, "651bae8bada131bd"),
      (Gen<UInt8>.int().schemaHash, "e16a897031ee7ace"),
      (Gen.int(-5...1000, toward: 7).schemaHash, "f3c3a8bdd9bf6fe7"),
      (Gen<UInt64>.int(5...1000, toward: 70000).schemaHash, "aec50bc82f8aff86"),
      (Gen.bool().schemaHash, "f36266ceca9d0d11"),
      (Gen.bool(1).schemaHash, "c44db32d95f09856"),
      (Gen.double().schemaHash, "6b3cb37a6440f854"),
      (Gen.double(-2...5, specials: .all).schemaHash, "16b38c6d17ba6553"),
      (Gen.constant(3).schemaHash, "51386523a3666ca9"),
      (Gen.element(of: ["a", "b"]).schemaHash, "2cbc4a46e9de3c87"),
      (Gen.oneOf(.int(0...9), .int(20...30)).schemaHash, "49a8870d0580b161"),
      (Gen.stratified("mode", ["a", "b", "c"]).schemaHash, "bd634c8bd4170186"),
      (Gen.list(of: .int(0...9)).schemaHash, "c81e026ba5814254"),
      (Gen.list(of: .int(0...9), count: 3).schemaHash, "67543cc1c496d941"),
      (Gen.list(of: .int(0...9), count: 2...8).schemaHash, "39e0618f79af9124"),
      (Gen.set(of: .int(0...9), count: 1...5).schemaHash, "772527f838fa4178"),
      (Gen<Int?>.optional(.int(0...9)).schemaHash, "b1c693c019f5aaaf"),
      (Gen.permutation(5).schemaHash, "7f424f6962a732c9"),
      (tree.schemaHash, "e01a7fdfcb69a9b8"),
      (Gen.zip(Gen.int(0...9), .bool()).schemaHash, "7bc6cc1c068ed4dd"),
      (Gen.tensor([2, 3], dtype: .f32, fills: .small).schemaHash, "4af8c20558fb27e8"),
      (Gen.mask([2, 3]).schemaHash, "7a4dcdd2083435b0"),
      (Gen.int(0...9).filter { $0 > 3 }.schemaHash, "896c091c47a0c5d9"),
      (Gen.int(0...9).flatMap { .int(0...$0) }.schemaHash, "406914a89d01e2cc"),
    ]
    for (position, (hash, stored)) in hashes.enumerated() {
      #expect(hash.paddedHex == stored, "generator \(position)")
    }
  }

  @Test func `a replayed sequence rebuilds the value, and fits others to the nearest legal one`() {
    let gen = Gen.zip(Gen.int(0...9), .list(of: .double(-5...5)), .bool())
    for seed in 0..<UInt64(200) {
      var first = Source(tail: .random(RandomStream(seed: seed)))
      guard let value = try? first.draw(gen) else { continue }
      var second = Source(given: first.choices.map(\.value), tail: .simplest)
      let again = try? second.draw(gen)
      #expect(again?.0 == value.0 && again?.1 == value.1 && again?.2 == value.2)
      #expect(!second.isMisaligned && second.unusedCount == 0)
    }
    var source = Source(given: [.integer(50), .double(2)], tail: .simplest)
    #expect((try? source.draw(.list(of: .int(0...9), count: 3))) == [9, 0, 0])
    #expect(source.isMisaligned)
  }
}

@Suite struct `strata` {
  @Test func `all pairs of values occur, and every value its share`() {
    let options = [("a", 2), ("b", 3), ("c", 5), ("d", 2), ("e", 4), ("f", 2)]
    var plan = StrataPlan(seed: 0)
    for option in options { plan.declare(option.0, count: option.1) }
    let rows = (0..<48).map { _ in
      plan.nextRow()
      return options.map { plan.take($0.0, count: $0.1) }
    }
    for (i, first) in options.enumerated() {
      for (j, second) in options.enumerated() where i < j {
        let pairs = Set(rows.map { [$0[i], $0[j]] })
        #expect(pairs.count == first.1 * second.1, "\(first.0) and \(second.0)")
      }
      for value in 0..<first.1 {
        let count = rows.count { $0[i] == value }
        #expect(count >= max(3, 48 / (4 * first.1)), "\(first.0) = \(value)")
      }
    }
  }

  @Test func `options met only sometimes do not starve others`() {
    let gen = Gen<[Bool]>("nested") { source throws(Rejected) in
      let outer = try source.draw(.stratified("outer", [false, true]))
      let inner = outer ? try source.draw(.stratified("inner", [false, true])) : false
      return [outer, inner]
    }
    var seen: [[Bool]: Int] = [:]
    let report = check("strata/nested", gen, trials: 64, profile: Profile(.ci)) { value, trial in
      seen[value, default: 0] += 1
      trial.compared()
    }
    #expect(report.isPassed, "\(report.summary)")
    #expect((25...39).contains(seen[[false, false]] ?? 0))
    #expect((10...22).contains(seen[[true, true]] ?? 0))
  }

  @Test func `a stratified option is a choice that replays`() {
    let gen = Gen.zip(Gen.stratified("mode", ["a", "b", "c"]), .int(0...9))
    let report = check("strata/replay", gen, trials: 30, profile: Profile(.ci)) { value, trial in
      trial.expect(value.0 != "c")
    }
    #expect(report.failure?.printed.contains("\"c\"") == true)
    let again = replay("strata/replay", gen, blob: report.failure?.choices ?? "") { value, trial in
      trial.expect(value.0 != "c")
    }
    #expect(again.verdict == .failed(.falsified))
  }
}
