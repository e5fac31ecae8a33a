internal import Torch

/// What training computes in one step of the optimiser.
struct OptimizerStep {
  let model: ArenaModel
  let optimizer: AdamW
  let schedule: OneCycle

  /// Sums over examples.
  struct Sums {
    var loss = 0.0
    var correct = 0.0
    var count = 0.0

    /// The mean loss.
    var meanLoss: Double { loss / count }
    /// The share of right answers.
    var accuracy: Double { correct / count }

    static func += (a: inout Self, b: Self) {
      a.loss += b.loss
      a.correct += b.correct
      a.count += b.count
    }
  }

  init(_ model: ArenaModel) throws {
    let training = model.config.training
    self.model = model
    schedule = training.schedule
    optimizer = try AdamW(
      model, learningRate: 0, epsilon: 1e-6, weightDecay: training.weightDecay)
  }

  /// Goes one step down the gradient of the mean loss over the examples of all processes.
  ///
  /// - Parameters:
  ///   - step: its number, from 0.
  ///   - batches: the micro-batches of this process, which weigh as much as they have examples.
  ///   - total: the number of examples in all micro-batches of all processes.
  func callAsFunction(_ step: Int, _ batches: [ArenaBatch], total: Int, ranks: Ranks) throws -> Sums
  {
    let (rate, beta1) = schedule(step)
    (optimizer.learningRate, optimizer.betas.first) = (rate, beta1)
    try optimizer.clearGradients()
    var sums = Sums()
    for batch in batches {
      let logits = try model(batch)
      let loss = try Self.loss(logits, batch)
      try (loss * (Double(batch.count) / Double(total))).backward()
      sums += try Self.sums(loss, logits, batch)
    }
    try ranks.sum(gradientsOf: model.parameters.map(\.value))
    try optimizer.step()
    return try ranks.sum(sums)
  }

  /// The sums over a batch, without gradients and in evaluation mode.
  static func evaluate(_ model: ArenaModel, _ batch: ArenaBatch) throws -> Sums {
    model.eval()
    defer { model.train() }
    return try withoutGrad {
      let logits = try model(batch)
      return try sums(loss(logits, batch), logits, batch)
    }
  }

  private static func loss(_ logits: Tensor, _ batch: ArenaBatch) throws -> Tensor {
    let wide = logits.dtype == .float64 ? logits : try logits.to(.float32)
    return try wide.crossEntropy(batch.labels)
  }

  private static func sums(_ loss: Tensor, _ logits: Tensor, _ batch: ArenaBatch) throws -> Sums {
    let isRight = try logits.detached().argmax(1).equals(batch.labels)
    let count = Double(batch.count)
    return Sums(
      loss: try loss.detached().item() * count,
      correct: try Double(isRight.booleans().count { $0 }), count: count)
  }
}
