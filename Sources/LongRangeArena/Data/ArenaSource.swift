/// An example before it is written.
struct ArenaExample: Sendable, Equatable {
  /// The tokens of one sequence, or of two for a task on pairs.
  var sequences: [[UInt16]]
  var label: Int
  /// The hash of the bytes that it was read from; 0 if it was generated.
  var sourceHash: UInt64 = 0
  /// What the metadata of the release say of a generated picture, from its label on.
  var metadata = ""
}

/// The examples of a split, each of which can be made on its own, on any thread.
struct SplitSource: Sendable {
  let count: Int
  /// Makes an example; nil if there is nothing in its place, such as an empty picture.
  let example: @Sendable (Int) throws -> ArenaExample?

  init(count: Int, _ example: @escaping @Sendable (Int) throws -> ArenaExample?) {
    self.count = count
    self.example = example
  }

  init(_ examples: [ArenaExample]) { self.init(count: examples.count) { examples[$0] } }

  /// Some of the examples, in the order of their numbers.
  func selecting(_ numbers: some Collection<Int>) -> SplitSource {
    let numbers = Array(numbers)
    return SplitSource(count: numbers.count) { try example(numbers[$0]) }
  }
}

/// Where the examples of a task come from, and how they are cut into splits.
public struct ArenaSource: Sendable {
  /// The task.
  public let task: ArenaTask
  /// How the splits are cut.
  public let rule: String
  /// What the examples are made from.
  public let name: String
  /// The longest sequence; longer ones were cut.
  let length: Int
  let splits: [(split: ArenaSplit, source: SplitSource)]

  init(
    _ task: ArenaTask, name: String, rule: String, length: Int? = nil, train: SplitSource,
    dev: SplitSource, test: SplitSource
  ) {
    self.task = task
    self.name = name
    self.rule = rule
    self.length = length ?? task.length
    splits = [(.train, train), (.dev, dev), (.test, test)]
  }

  /// Cuts examples into 80, 10 and 10 % in a seeded random order.
  init(_ task: ArenaTask, name: String, cutting all: SplitSource, length: Int? = nil, seed: UInt64)
  {
    let order = ArenaRandom.shuffled(Array(0..<all.count), seed: seed)
    let (dev, test) = (all.count * 8 / 10, all.count * 9 / 10)
    self.init(
      task, name: name, rule: "80, 10 and 10 % in random order, seed \(seed)", length: length,
      train: all.selecting(order[..<dev]), dev: all.selecting(order[dev..<test]),
      test: all.selecting(order[test...]))
  }
}

/// How far the making of examples is.
public struct ArenaProgress: Sendable {
  /// What is being made, such as `listops.train`.
  public let name: String
  /// The number of examples that are ready.
  public let done: Int
  /// The number of examples in all.
  public let total: Int
}

extension ArenaSource {
  /// Makes all examples and writes them, one file a split; the files appear together at the end.
  ///
  /// - Parameters:
  ///   - folder: where the files go; made if it does not exist.
  ///   - workers: how many threads make examples; the files do not depend on it.
  ///   - progress: called now and then.
  /// - Throws: ``ArenaError`` that names the place in the source that is wrong.
  public func write(
    to folder: String, workers: Int, progress: (ArenaProgress) -> Void = { _ in }
  ) async throws -> ArenaSummary {
    var summary = ArenaSummary(task: task, source: name, rule: rule)
    var finished: [(ArenaFileWriter, ArenaHeader)] = []
    for (split, source) in splits {
      let name = "\(task.name).\(split.rawValue)"
      guard source.count > 0 else {
        throw ArenaError("\(name) would have no examples: there are too few in \(self.name)")
      }
      let writer = try ArenaFileWriter(
        ArenaData.path(of: task, split, in: folder), task: task)
      let hash = ContentHash()
      hash.update(self.name)
      var statistics = ArenaSummary.Split(split: split)
      // Few enough at a time that they do not fill the memory.
      let step = workers * max(8, 1 << 20 / task.length)
      for start in stride(from: 0, to: source.count, by: step) {
        progress(ArenaProgress(name: name, done: start, total: source.count))
        let range = start..<min(start + step, source.count)
        for example in try await inParallel(range, workers: workers, source.example) {
          guard let example, !example.sequences.contains(where: \.isEmpty) else {
            statistics.leftOut += 1
            continue
          }
          withUnsafeBytes(of: example.sourceHash.littleEndian) { hash.update($0) }
          try writer.append(example)
          statistics.add(example)
        }
      }
      guard statistics.count > 0 else {
        throw ArenaError("\(name) would have no examples: all \(source.count) are empty")
      }
      summary.splits.append(statistics)
      finished.append(
        (
          writer,
          ArenaHeader(
            task: task.name, split: split.rawValue, length: length,
            vocabulary: task.vocabulary, classes: task.classes, count: 0,
            sequences: task.isPaired ? 2 : 1, tokens: 0, rule: rule, source: self.name,
            sourceHash: hash.digits)
        ))
    }
    for (writer, header) in finished { try writer.commit(header) }
    return summary
  }
}

/// What was written for a task.
public struct ArenaSummary: Sendable {
  /// The task.
  public let task: ArenaTask
  /// What the examples were made from.
  public let source: String
  /// How the splits were cut.
  public let rule: String
  /// The splits, training first.
  public internal(set) var splits: [Split] = []

  /// What a split contains.
  public struct Split: Sendable {
    /// Which split it is.
    public let split: ArenaSplit
    /// The number of examples.
    public private(set) var count = 0
    /// The number of examples that were empty, and are not in the file.
    public internal(set) var leftOut = 0
    /// The length of the longest sequence, in tokens.
    public private(set) var longest = 0
    private var tokens = 0
    private var sequences = 0
    /// The number of examples by first token and class.
    fileprivate private(set) var classes: [UInt16: [Int: Int]] = [:]

    init(split: ArenaSplit) { self.split = split }

    mutating func add(_ example: ArenaExample) {
      count += 1
      for sequence in example.sequences {
        tokens += sequence.count
        sequences += 1
        longest = max(longest, sequence.count)
      }
      classes[example.sequences[0][0], default: [:]][example.label, default: 0] += 1
    }

    /// The mean length of a sequence, in tokens.
    public var meanLength: Double { Double(tokens) / Double(max(1, sequences)) }

    /// How many examples a rule gets right that answers with the most frequent class of the training
    /// set, or of those of its examples that begin with the same token.
    func share(from training: Split, byFirstToken: Bool) -> Double {
      let right = classes.map { token, labels in
        let known = byFirstToken ? training.classes[token] ?? [:] : training.labels
        // The smaller class, if two are as frequent.
        let answer = known.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key
        return answer.flatMap { labels[$0] } ?? 0
      }
      return Double(right.reduce(0, +)) / Double(max(1, count))
    }

    private var labels: [Int: Int] {
      classes.values.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
    }
  }

  /// The accuracy, 0 ... 1, of always answering with the most frequent class of the training set.
  public func majorityShare(_ split: Split) -> Double {
    split.share(from: splits[0], byFirstToken: false)
  }

  /// The accuracy, 0 ... 1, of answering with the most frequent class for the first operator; nil
  /// for tasks other than listops.
  public func firstOperatorShare(_ split: Split) -> Double? {
    task.name == "listops" ? split.share(from: splits[0], byFirstToken: true) : nil
  }
}
