internal import Foundation
internal import Parts

/// The splits of a task.
public struct ArenaSplits: Sendable {
  /// What training sees.
  public let train: any Examples
  /// What decides which of its models is the best.
  public let dev: any Examples
  /// What that model is judged by.
  public let test: any Examples
  /// A hash of all examples.
  public let hash: String
  /// How the splits were cut.
  public let rule: String
  /// What the examples were made from.
  public let source: String

  /// Collects splits.
  public init(
    train: any Examples, dev: any Examples, test: any Examples, hash: String, rule: String = "lra",
    source: String = ""
  ) {
    self.train = train
    self.dev = dev
    self.test = test
    self.hash = hash
    self.rule = rule
    self.source = source
  }

  /// Opens the splits of a task in a folder.
  ///
  /// - Throws: ``ArenaError`` for a file that is missing or damaged.
  public init(_ task: ArenaTask, inFolder folder: String) throws {
    let all = try ArenaSplit.allCases.map {
      try ArenaData.open(task: task, split: $0, folder: URL(fileURLWithPath: folder))
    }
    self.init(
      train: all[0], dev: all[1], test: all[2],
      hash: fingerprint(all.map(\.hash).joined().utf8), rule: all[2].rule, source: all[2].source)
  }
}

extension ArenaSplits {
  private var named: [(String, any Examples)] { [("train", train), ("dev", dev), ("test", test)] }

  /// Checks that a configuration fits the examples.
  func check(_ config: ArenaConfig) throws {
    let (task, common) = (config.task, config.common)
    let words = task.vocabulary + (config.pooling == .cls ? 1 : 0)
    for (split, examples) in named where examples.count == 0 {
      throw ArenaError("\(task.name) has no examples to \(split)")
    }
    for (key, expected, got, isRight) in [
      (
        "model.common.vocab_size",
        "at least \(words): \(task.name) has \(task.vocabulary) words"
          + (config.pooling == .cls ? ", and pooling needs one more" : ""),
        common.vocabSize, common.vocabSize >= words
      ),
      (
        "model.common.num_classes", "at least \(task.classes), the classes of \(task.name)",
        common.numClasses, common.numClasses >= task.classes
      ),
      (
        "training.batch_size", "at most \(train.count), the examples to train",
        config.training.batchSize, config.training.batchSize <= train.count
      ),
    ] where !isRight {
      throw PartError(.value(key: "\(config.path).\(key)", expected: expected, got: "\(got)"))
    }
  }

  /// Notes how many examples lose their ends.
  func noteCut(_ config: ArenaConfig, _ note: (String) -> Void) {
    let limit = config.common.seqLen - (config.pooling == .cls ? 1 : 0)
    let sequences = 0..<(config.task.isPaired ? 2 : 1)
    for (split, examples) in named {
      let longer = (0..<examples.count).count { example in
        sequences.contains { examples.tokens(example, sequence: $0).count > limit }
      }
      guard longer > 0 else { continue }
      note(
        "\(longer) of \(examples.count) examples to \(split) are longer than seq_len, "
          + "\(config.common.seqLen), and lose their ends")
    }
  }
}
