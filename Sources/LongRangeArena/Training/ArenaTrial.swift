public import Parts
internal import Torch

/// A few steps on random examples, to see that a configuration trains with an attention.
public enum ArenaTrial {
  /// The losses of the steps.
  ///
  /// - Throws: an error of the configuration, or of a part that cannot hide padding or does not take
  ///   the length.
  public static func losses(
    _ config: ArenaConfig, steps: Int, in registry: Registry = .zoo, seed: UInt64 = 0
  ) throws -> [Double] {
    let generator = Generator(seed: seed)
    let model = try ArenaModel(config, in: registry, generator: generator)
    let step = try OptimizerStep(model)
    let (training, common) = (config.training, config.common)
    let rows = config.task.isPaired ? 2 : 1
    return try (0..<steps).map { number in
      func numbers(_ shape: [Int], below bound: Int) throws -> Tensor {
        try (Tensor.uniform(shape, generator: generator) * Double(bound))
          .clamp(0, Double(bound - 1)).to(.int64)
      }
      let labels = try numbers([training.batchSize], below: common.numClasses)
      let words = min(config.task.vocabulary, common.vocabSize)
      let ids = try (0..<rows).map { _ in
        try numbers([training.batchSize, common.seqLen], below: words)
      }
      let batches = try shares(of: training.batchSize, training.gradientAccumulation).map { part in
        try ArenaBatch(
          ids: ids.map { try $0.slice(0, part) }, labels: labels.slice(0, part), hasPadding: false)
      }
      return try step(number, batches, total: training.batchSize, ranks: Ranks()).meanLoss
    }
  }
}
