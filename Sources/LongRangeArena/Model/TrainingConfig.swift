public import Parts
public import Torch

/// How a model is trained: the options under `training` of a configuration.
public struct TrainingConfig: PartConfig {
  /// The number of examples of an optimiser step, over all processes and micro-batches.
  public var batchSize: Int
  /// The number of micro-batches of an optimiser step.
  public var gradientAccumulation = 1
  /// The largest learning rate.
  public var learningRate: Double
  /// The number of optimiser steps to it.
  public var warmup = 0
  /// How the learning rate changes.
  public var lrDecay = OneCycle.Anneal.linear
  /// The share of a parameter that a step takes away, times the learning rate.
  public var weightDecay = 0.0
  /// The number of optimiser steps.
  public var numTrainSteps: Int
  /// The number of micro-batches between evaluations on the dev split.
  public var evalFrequency = 500
  /// Accepted for configurations of the original; an evaluation sees the whole split.
  public var numEvalSteps: Int?
  /// Decides initial values, the order of examples and dropout.
  public var seed = 0
  /// Whether the model computes in bfloat16; the optimiser changes copies in single precision.
  public var mixedPrecision = false

  /// One step of one example.
  public static let sample = Self(batchSize: 1, learningRate: 1e-3, numTrainSteps: 1)
  /// Sizes and the rate have no default.
  public static let required = ["batch_size", "learning_rate", "num_train_steps"]
  /// An evaluation sees the whole split.
  public static let inert: Set = ["num_eval_steps"]

  /// Checks the ranges, and that each micro-batch has an example.
  public func validate() throws {
    for (key, size) in [
      ("batch_size", batchSize), ("gradient_accumulation", gradientAccumulation),
      ("num_train_steps", numTrainSteps), ("eval_frequency", evalFrequency),
      ("num_eval_steps", numEvalSteps ?? 1),
    ] { try require(size: size, key) }
    try require(
      gradientAccumulation <= batchSize, "gradient_accumulation",
      "at most batch_size = \(batchSize)", got: gradientAccumulation)
    for (key, value) in [("learning_rate", learningRate), ("weight_decay", weightDecay)] {
      try require(value.isFinite && value >= 0, key, "a number of at least 0", got: value)
    }
    try require(
      warmup >= 0 && warmup <= numTrainSteps, "warmup",
      "a whole number from 0 to num_train_steps = \(numTrainSteps)", got: warmup)
    try require(seed >= 0, "seed", "a whole number of at least 0", got: seed)
  }

  /// The rates of all steps.
  public var schedule: OneCycle {
    OneCycle(peak: learningRate, warmup: warmup, steps: numTrainSteps, anneal: lrDecay)
  }

  /// The number of optimiser steps between evaluations.
  public var evaluationPeriod: Int { max(1, evalFrequency / gradientAccumulation) }
}

/// The sizes that all parts of a model share: the options under `model.common`.
public struct CommonConfig: PartConfig {
  /// The width of a token, E, in channels.
  public var dimModel: Int
  /// The number of heads, H.
  public var numHeads: Int
  /// The number of classes, C.
  public var numClasses: Int
  /// The length to which sequences are filled up or cut, S.
  public var seqLen: Int
  /// The number of words, V.
  public var vocabSize: Int
  /// The share of channels dropped while training, 0 ... 1.
  public var dropout = 0.0

  /// Eight channels in two heads, and sixteen tokens of eleven words.
  public static let sample = Self(
    dimModel: 8, numHeads: 2, numClasses: 2, seqLen: 16, vocabSize: 11)
  /// The sizes have no default.
  public static let required = [
    "dim_model", "num_heads", "num_classes", "seq_len", "vocab_size",
  ]

  /// Checks the sizes and the share.
  public func validate() throws {
    for (key, size) in [
      ("dim_model", dimModel), ("num_heads", numHeads), ("num_classes", numClasses),
      ("seq_len", seqLen), ("vocab_size", vocabSize),
    ] { try require(size: size, key) }
    try require(dropout: dropout)
  }
}

/// How the tokens of a sequence become one.
public enum Pooling: String, Codable, Sendable, CaseIterable {
  /// The output of a token with the index V − 1, which is put in front; the last token of a sequence
  /// of the full length is lost.
  case cls
  /// The mean over the real tokens.
  case mean
}
