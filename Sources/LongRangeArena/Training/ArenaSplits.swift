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

  /// Collects splits.
  public init(
    train: any Examples, dev: any Examples, test: any Examples, hash: String, rule: String = "lra"
  ) {
    self.train = train
    self.dev = dev
    self.test = test
    self.hash = hash
    self.rule = rule
  }
}

extension ArenaSplits {
  private var named: [(String, any Examples)] { [("train", train), ("dev", dev), ("test", test)] }

  /// Checks that a configuration fits the examples.
  func check(_ config: ArenaConfig) throws {
    let (task, common) = (config.task, config.common)
    let words = task.vocabulary + (config.pooling == .cls ? 1 : 0)
    guard common.vocabSize >= words else {
      throw ArenaError(
        "vocab_size is \(common.vocabSize), but \(task.name) has \(task.vocabulary) words"
          + (config.pooling == .cls ? ", and pooling needs one more" : ""))
    }
    guard common.numClasses >= task.classes else {
      throw ArenaError(
        "num_classes is \(common.numClasses), but \(task.name) has \(task.classes) classes")
    }
    for (split, examples) in named where examples.count == 0 {
      throw ArenaError("\(task.name) has no examples to \(split)")
    }
    guard config.training.batchSize <= train.count else {
      throw ArenaError(
        "batch_size is \(config.training.batchSize), but \(task.name) has \(train.count) "
          + "examples to train")
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
