public import Parts
internal import Torch

/// Steps on random examples, to see that a configuration trains with an attention, and how fast.
public final class ArenaTrial {
  private let config: ArenaConfig
  private let generator: Generator
  private let step: OptimizerStep
  private var done = 0

  /// Builds a model.
  ///
  /// - Throws: an error of the configuration, and for an attention that cannot hide the padding of its
  ///   task.
  public init(
    _ config: ArenaConfig, in registry: Registry = .zoo, seed: UInt64 = 0,
    ignoresPadding: Bool = false
  ) throws {
    self.config = config
    if let free = StepMemory.free {
      try StepMemory(config, in: registry, processes: 1).check(within: free)
    }
    generator = Generator(seed: seed)
    let model = try ArenaModel(config, in: registry, generator: generator)
    try model.prepare(
      config.training.mixedPrecision ? .bfloat16 : .float32, ignoresPadding: ignoresPadding)
    step = try OptimizerStep(model)
  }

  /// Trains one step, and returns its loss.
  ///
  /// - Throws: an error of a part, such as one that does not take the length.
  public func next() throws -> Double {
    let (training, common) = (config.training, config.common)
    func numbers(_ shape: [Int], below bound: Int) throws -> Tensor {
      try (Tensor.uniform(shape, generator: generator) * Double(bound))
        .clamp(0, Double(bound - 1)).to(.int64)
    }
    let labels = try numbers([training.batchSize], below: common.numClasses)
    let words = min(config.task.vocabulary, common.vocabSize)
    let ids = try (0..<(config.task.isPaired ? 2 : 1)).map { _ in
      try numbers([training.batchSize, common.seqLen], below: words)
    }
    let batches = try shares(of: training.batchSize, training.gradientAccumulation).map { part in
      try ArenaBatch(
        ids: ids.map { try $0.slice(0, part) }, labels: labels.slice(0, part), hasPadding: false)
    }
    defer { done += 1 }
    return try step(
      min(done, training.numTrainSteps - 1), batches, total: training.batchSize, ranks: Ranks()
    ).meanLoss
  }
}
