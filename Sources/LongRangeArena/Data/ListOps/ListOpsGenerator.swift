/// How ListOps expressions are drawn.
public struct ListOpsOptions: Sendable {
  /// The depth of the deepest digit; the root has depth 1.
  public var maxDepth = 10
  /// The most arguments of an operator.
  public var maxArgs = 10
  /// Expressions are longer than this, in tokens.
  public var minLength = 500
  /// Expressions are shorter than this, in tokens.
  public var maxLength = 2000

  /// The options of the original.
  public init() {}

  /// Options for tests and quick trials: expressions of 21 to 199 tokens.
  public static let small = {
    var options = ListOpsOptions()
    (options.maxDepth, options.minLength, options.maxLength) = (5, 20, 200)
    return options
  }()

  fileprivate func check() throws {
    func require(_ holds: Bool, _ key: String, _ expected: String, _ got: Int) throws {
      guard holds else { throw ArenaError("\(key) is \(got), expected \(expected)") }
    }
    try require(1...100 ~= maxDepth, "max-depth", "1 to 100", maxDepth)
    try require(2...100 ~= maxArgs, "max-args", "2 to 100", maxArgs)
    try require(minLength >= 0, "min-length", "at least 0", minLength)
    try require(
      minLength + 2...100_000 ~= maxLength, "max-length", "min-length + 2 to 100000", maxLength)
  }

  /// Draws an expression; nil if it is too short or too long.
  func draw(_ random: inout ArenaRandom) -> [UInt8]? {
    var tokens: [UInt8] = []
    append(depth: 1, to: &tokens, &random)
    return tokens.count > minLength && tokens.count < maxLength ? tokens : nil
  }

  private func append(depth: Int, to tokens: inout [UInt8], _ random: inout ArenaRandom) {
    guard depth < maxDepth, random.fraction() <= 0.25 else {
      return tokens.append(UInt8(1 + random.below(10)))
    }
    let place = tokens.count
    tokens.append(0)
    for _ in 0..<2 + random.below(maxArgs - 1) {
      // It is too long already, whatever comes.
      guard tokens.count < maxLength else { return }
      append(depth: depth + 1, to: &tokens, &random)
    }
    tokens[place] = ListOps.operators.lowerBound + UInt8(random.below(4))
    tokens.append(ListOps.close)
  }
}

/// How many examples to generate.
public struct ArenaCounts: Sendable {
  /// Examples for training.
  public var train: Int
  /// Examples for choosing a model.
  public var dev: Int
  /// Examples for the result.
  public var test: Int

  /// Makes counts.
  public init(train: Int, dev: Int, test: Int) {
    (self.train, self.dev, self.test) = (train, dev, test)
  }

  /// Counts for tests and quick trials.
  public static let small = ArenaCounts(train: 8_000, dev: 1_000, test: 1_000)

  var total: Int { train + dev + test }

  func check() throws {
    for (name, count) in [("train", train), ("dev", dev), ("test", test)] {
      guard 1...10_000_000 ~= count else {
        throw ArenaError("\(name) is \(count), expected 1 to 10000000")
      }
    }
  }
}

extension ArenaSource {
  /// Draws distinct ListOps expressions.
  ///
  /// - Throws: ``ArenaError`` if an option is out of range, or hardly any expression fits them.
  public static func listops(
    _ options: ListOpsOptions, counts: ArenaCounts, seed: UInt64, workers: Int,
    progress: (ArenaProgress) -> Void = { _ in }
  ) async throws -> ArenaSource {
    try options.check()
    try counts.check()
    let task = try ArenaTask.named("listops")
    var kept: [[UInt8]] = []
    var seen: Set<[UInt8]> = []
    var drawn = 0
    while kept.count < counts.total {
      progress(ArenaProgress(name: "listops", done: kept.count, total: counts.total))
      guard drawn < 200_000 || kept.count > drawn / 1_000 else {
        throw ArenaError(
          "only \(kept.count) of \(drawn) expressions are new and longer than "
            + "\(options.minLength) and shorter than \(options.maxLength) tokens: choose other "
            + "limits or fewer examples")
      }
      // Always as many at a time, so that the order does not depend on the number of threads.
      let range = drawn..<drawn + 20_000
      drawn = range.upperBound
      let tokens = try await inParallel(range, workers: workers) { number in
        var random = ArenaRandom(seed: seed, stream: number)
        return options.draw(&random)
      }
      for case let tokens? in tokens where kept.count < counts.total {
        if seen.insert(tokens).inserted { kept.append(tokens) }
      }
    }
    let shuffled = ArenaRandom.shuffled(kept, seed: seed)
    let all = SplitSource(count: shuffled.count) { number in
      let tokens = shuffled[number]
      // Generated expressions are whole, so they have a value.
      return ArenaExample(
        sequences: [tokens.map { UInt16($0) }], label: ListOps.value(tokens) ?? 0)
    }
    let dev = counts.train + counts.dev
    return ArenaSource(
      task,
      name: "generator of listops: max_depth \(options.maxDepth), max_args \(options.maxArgs), "
        + "min_length \(options.minLength), max_length \(options.maxLength), seed \(seed)",
      rule: "distinct expressions in random order, seed \(seed)", length: options.maxLength - 1,
      train: all.selecting(0..<counts.train), dev: all.selecting(counts.train..<dev),
      test: all.selecting(dev..<counts.total))
  }
}
