import Testing

@testable import Properties

/// Recipes of any shape and fill, with a few overrides.
private let recipes = Gen<TensorRecipe>("recipe") { source throws(Rejected) in
  let rank = try source.draw(.int(0...4))
  let shape = try source.draw(.list(of: .int(1...6), count: rank))
  let isMask = try source.draw(.bool(0.3))
  var recipe = try source.draw(
    .tensor(
      shape, dtype: try source.draw(.element(of: ElementKind.allCases)),
      fills: isMask ? .masksWithEmptyRows : .standard))
  for _ in 0..<(try source.draw(.int(0...3))) {
    var index: [Int] = []
    for extent in shape { index.append(try source.draw(.int(0...extent - 1))) }
    recipe = try recipe.with(index, isMask ? 1 : try source.draw(.double(specials: .all)))
  }
  return recipe
}

@Suite struct `tensor recipes` {
  @Test func `a recipe prints as the text that rebuilds it`() throws {
    let recipe = try TensorRecipe(shape: [2, 3, 4], fill: .zeros).with([0, 2, 1], 1)
    #expect(recipe.description == "zeros(2, 3, 4) with [0,2,1] = 1")
    let mask = try TensorRecipe(
      shape: [2, 3], element: .boolean, fill: .mask(.random(0.5), .oneEmpty), seed: 7)
    #expect(mask.description == "mask(2, 3, random: 0.5, oneEmpty, seed: 7)")
    let report = check(
      "recipes/round trip", recipes, trials: 1000, profile: Profile(.ci)
    ) { recipe, trial in
      trial.expect(TensorRecipe(recipe.description) == recipe, "\(recipe)")
    }
    #expect(report.isPassed, "\(report.summary)")
  }

  @Test(arguments: [
    "", "zeros", "zeros(2", "zeros(-1)", "sevens(2)", "zeros(2) with [0] 1", "mask(2)",
    "zeros(4294967296, 4294967296)", "zeros(0, 4294967296)", "mask(2, random: 2, seed: 1)",
  ])
  func `malformed text is rejected`(text: String) {
    #expect(TensorRecipe(text) == nil)
  }

  @Test(arguments: [Fill.integers, .normal, .uniform, .heavyTail, .constantRows, .duplicateRows])
  func `a smaller shape keeps the remaining values`(fill: Fill) throws {
    let large = try TensorRecipe(shape: [3, 5, 7], fill: fill, seed: 99)
    let small = try TensorRecipe(shape: [2, 3, 4], fill: fill, seed: 99)
    let (before, after) = (large.values(), small.values())
    for i in 0..<2 {
      for j in 0..<3 {
        for k in 0..<4 {
          try #expect(
            before[large.flatIndex([i, j, k])] == after[small.flatIndex([i, j, k])])
        }
      }
    }
  }

  @Test func `unseeded fills are what they say`() throws {
    try #expect(TensorRecipe(shape: [2, 2], fill: .iota).values() == [0, 1, 2, 3])
    try #expect(TensorRecipe(shape: [3, 2], fill: .identityRows).values() == [1, 0, 0, 1, 1, 0])
    try #expect(TensorRecipe(shape: [2], fill: .constant(2.5)).values() == [2.5, 2.5])
    try #expect(TensorRecipe(shape: [], fill: .ones).values() == [1])
    try #expect(TensorRecipe(shape: [2, 0], fill: .normal, seed: 1).values().isEmpty)
  }

  @Test func `normal entries have mean 0 and variance 1`() throws {
    let values = try TensorRecipe(shape: [100, 100], fill: .normal, seed: 5).values()
    let mean = values.reduce(0, +) / 10000
    let variance = values.reduce(0) { $0 + $1 * $1 } / 10000
    #expect(abs(mean) < 0.0611)
    #expect(abs(variance - 1) < 0.09)
    #expect(Set(values).count > 9990)
  }

  @Test func `orthonormal rows are orthonormal as far as they can be`() throws {
    let recipe = try TensorRecipe(shape: [2, 5, 3], fill: .orthonormalRows, seed: 3)
    let values = recipe.values()
    for batch in 0..<2 {
      for (a, b) in [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (3, 3), (3, 4)] {
        let product = try (0..<3).reduce(0.0) {
          try $0 + values[recipe.flatIndex([batch, a, $1])]
            * values[recipe.flatIndex([batch, b, $1])]
        }
        #expect(abs(product - (a == b ? 1 : 0)) < 1e-12)
      }
    }
  }

  @Test func `a spike and a near-maximum are in one entry`() throws {
    let normal = try TensorRecipe(shape: [4, 5], fill: .normal, seed: 11).values()
    let spike = try TensorRecipe(shape: [4, 5], fill: .spike, seed: 11).values()
    #expect(zip(normal, spike).count { $0 != $1 } == 1)
    let large = try TensorRecipe(shape: [4, 5], element: .f16, fill: .nearMax, seed: 11).values()
    #expect(large.count { $0 == 65504 / 8 } == 1)
    let tiny = try TensorRecipe(shape: [4, 5], element: .f32, fill: .denormal, seed: 11).values()
    #expect(tiny.allSatisfy { abs($0) < 0x1p-126 } && tiny.contains { $0 != 0 })
  }

  @Test func `small integers are all of −3 to 3 and nothing else`() throws {
    let values = try TensorRecipe(shape: [20, 20], fill: .integers, seed: 1).values()
    #expect(Set(values) == [-3, -2, -1, 0, 1, 2, 3])
    let heavy = try TensorRecipe(shape: [40, 40], fill: .heavyTail, seed: 1).values().map(
      \.magnitude)
    #expect((heavy.max() ?? 0) > 64 && (heavy.min() ?? 1) < 1e-3)
  }

  @Test func `the one special entry is not always the same`() throws {
    let places = try Set(
      (0..<UInt64(40)).compactMap { seed in
        try TensorRecipe(shape: [4, 5], element: .f32, fill: .nearMax, seed: seed).values()
          .firstIndex { $0 > 1e30 }
      })
    #expect(places.count > 10)
  }

  @Test func `rows repeat where the fill asks for it`() throws {
    let constant = try TensorRecipe(shape: [3, 4], fill: .constantRows, seed: 2).values()
    #expect((0..<3).allSatisfy { row in Set(constant[row * 4..<row * 4 + 4]).count == 1 })
    #expect(Set(constant).count == 3)
    let twins = try TensorRecipe(shape: [8, 4], fill: .duplicateRows, seed: 2).values()
    let rows = Set((0..<8).map { Array(twins[$0 * 4..<$0 * 4 + 4]) })
    #expect((2...5).contains(rows.count))
    try #expect(Set(TensorRecipe(shape: [3, 3], fill: .allEqual, seed: 4).values()).count == 1)
  }

  @Test func `masks keep their promise about empty rows`() {
    let gen = Gen.zip(Gen.int(1...5), .int(1...4), .int(1...4), .element(of: MaskRows.allCases))
      .flatMap { b, s, t, rows in
        Gen<TensorRecipe>.mask([b, s, t], fills: .masks(rows: rows))
      }
    let report = check("masks/rows", gen, trials: 800, profile: Profile(.ci)) { mask, trial in
      let values = mask.values()
      trial.expect(values.allSatisfy { $0 == 0 || $0 == 1 })
      let length = mask.shape[2]
      let isAnyEmpty = stride(from: 0, to: values.count, by: length).contains { start in
        values[start..<start + length].allSatisfy { $0 == 0 }
      }
      guard case .mask(let pattern, let rows) = mask.fill else { return trial.fail("no mask") }
      trial.cover(0.05, pattern.name, true)
      switch rows {
      case .oneEmpty: trial.expect(isAnyEmpty, label: "oneEmpty")
      case .neverEmpty: trial.expect(!isAnyEmpty, label: "neverEmpty")
      case .any: break
      }
    }
    #expect(report.isPassed, "\(report.summary)")
  }

  @Test func `a third of all masks has an empty row by demand`() {
    let report = check(
      "masks/a third", .mask([3, 64]), trials: 2000, profile: Profile(.ci)
    ) { mask, trial in
      guard case .mask(_, let rows) = mask.fill else { return trial.fail("no mask") }
      trial.cover(0.3, "empty row", rows == .oneEmpty)
      trial.compared()
    }
    #expect(report.isPassed, "\(report.summary)")
  }

  @Test func `prefix masks are prefixes`() throws {
    let values = try TensorRecipe(
      shape: [20, 7], element: .boolean, fill: .mask(.prefix), seed: 8
    ).values()
    var lengths: Set<Int> = []
    for row in 0..<20 {
      let entries = values[row * 7..<row * 7 + 7]
      #expect(Array(entries) == entries.sorted(by: >))
      lengths.insert(entries.count { $0 == 1 })
    }
    #expect(lengths.count > 3)
  }

  @Test func `the standard fills occur by their weights`() {
    var source = Source(tail: .random(RandomStream(seed: 3)))
    var counts: [String: Int] = [:]
    for _ in 0..<4000 {
      guard let recipe = try? source.tensor([2], element: .f64, fills: .standard) else { break }
      counts[recipe.fill.name, default: 0] += 1
    }
    #expect(counts.count == 12)
    #expect((1050...1350).contains(counts["normal"] ?? 0))
    #expect((40...130).contains(counts["denormal"] ?? 0))
  }
}
