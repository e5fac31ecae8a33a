internal import Foundation
public import JSON
public import Parts
internal import Support
public import Torch

/// Trains a model on a task and tests the best one; goes on where it was stopped.
///
/// The same configuration, data and seed give the same result in every bit on one machine with one
/// number of threads, however often a training was stopped.
public final class Trainer {
  /// What does not change the result, up to where it ends.
  public struct Options: Sendable {
    /// The type of parameters and activations; bfloat16 if the configuration asks for mixed precision.
    public var dtype = DType.float32
    /// Whether attentions that cannot hide padding may see it as words.
    public var ignoresPadding = false
    /// The number of evaluations without a better one after which training ends; nil for never.
    public var patience: Int?
    /// The time after which training stops, to be resumed.
    public var limit: Duration?
    /// The revision of the sources, for the summary.
    public var revision = "unknown"
    /// The memory that a step may take, in bytes; nil for any.
    public var memory: Int?

    /// Single precision, to the end.
    public init() {}
  }

  /// How a training ended.
  public enum Outcome: Sendable, Equatable {
    /// It is finished; the summary is that of the run.
    case finished(JSON)
    /// It stopped after so many steps, and can be resumed.
    case stopped(step: Int, reason: String)
  }

  /// How far a training is.
  public struct Progress: Sendable {
    /// The number of steps that are done.
    public let step: Int
    /// The number of steps in all.
    public let steps: Int
    /// The mean loss of the last step.
    public let loss: Double
    /// The accuracy of the last step, or of the evaluation after it.
    public let accuracy: Double
    /// The split that the accuracy is about.
    public let split: ArenaSplit
    /// The speed since training started here.
    public let stepsPerSecond: Double
    /// The time that the rest takes at that speed, in seconds.
    public var secondsLeft: Double { Double(steps - step) / stepsPerSecond }
  }

  private let config: ArenaConfig
  private let run: ArenaRun
  private let data: ArenaSplits
  private let options: Options
  private let ranks: Ranks
  private let model: ArenaModel
  private let generator: Generator
  private let step: OptimizerStep
  private var state: TrainingState
  private var order: ExampleOrder
  private var lock: AppendedFile?
  private let signal: () -> Int32?
  private let note: (String) -> Void

  /// Builds the model and checks it against the data.
  ///
  /// - Parameters:
  ///   - group: the processes that train together, of which only the first reads and writes the run.
  ///   - signal: the signal that asks to stop, if one came.
  ///   - note: gets what a reader should know.
  /// - Throws: `PartError` or `ArenaError` for a configuration that does not fit the data, or a part
  ///   that cannot hide padding.
  public init(
    _ config: ArenaConfig, run: ArenaRun, data: ArenaSplits, in registry: Registry = .zoo,
    options: Options = Options(), group: ProcessGroup? = nil,
    signal: @escaping () -> Int32? = { StopSignal.received },
    note: @escaping (String) -> Void = { _ in }
  ) throws {
    self.config = config
    self.run = run
    self.data = data
    self.options = options
    ranks = Ranks(group)
    self.signal = signal
    self.note = note
    let training = config.training
    try data.check(config)
    if let memory = options.memory {
      try StepMemory(config, in: registry, processes: ranks.size).check(within: memory)
    }
    generator = Generator(seed: UInt64(training.seed))
    model = try ArenaModel(config, in: registry, generator: generator)
    let dtype = training.mixedPrecision ? DType.bfloat16 : options.dtype
    try model.prepare(dtype, ignoresPadding: options.ignoresPadding)
    step = try OptimizerStep(model)
    order = ExampleOrder(
      count: data.train.count, batch: training.batchSize, seed: UInt64(training.seed))
    let hash = try config.hash
    state = TrainingState(
      title: "\(config.attention) on \(config.task.name)",
      configHash: fingerprint("\(hash) \(dtype) \(options.ignoresPadding)".utf8),
      dataHash: data.hash)
  }

  // MARK: Training

  /// Trains until the end, or until something asks to stop.
  ///
  /// - `progress`: gets each step and each evaluation.
  /// - Throws: `ArenaError` for a run of another configuration or other data, and for files that cannot
  ///   be written; ``LostRank`` if a process of the group is lost.
  public func train(progress: (Progress) -> Void = { _ in }) throws -> Outcome {
    do { return try trained(progress) } catch let error as LostRank {
      throw LostRank("after step \(state.step): \(error)")
    }
  }

  private func trained(_ progress: (Progress) -> Void) throws -> Outcome {
    try meet()
    if let summary = try knownSummary() { return .finished(summary) }
    if ranks.isFirst {
      try makeFolder(run.folder)
      lock = try AppendedFile(run.eventsPath)
      try lock?.lock("trains in \(run.folder)")
    }
    defer { lock = nil }
    try resume()
    if ranks.isFirst, state.step == 0 { data.noteCut(config, note) }
    let log = ranks.isFirst ? try TrainingLog(run, state, note: note) : nil
    let started = ContinuousClock.now
    let (first, total) = (state.step, config.training.numTrainSteps)
    try record(first == 0 ? "started" : "resumed", ["step": .integer(first)])
    var saved = first
    while state.step < total, !isOutOfPatience {
      if let reason = try reasonToStop(since: started, canBeLate: state.step > first) {
        if saved < state.step { try save(log) }
        try record("stopped", ["step": .integer(state.step), "reason": .string(reason)])
        if log != nil { try TrainingChart(log: run.logPath).write(to: run.curvePath) }
        // None ends before all is written.
        try ranks.meet()
        return .stopped(step: state.step, reason: reason)
      }
      let sums = try next()
      guard sums.loss.isFinite else {
        throw ArenaError(
          "the loss is \(sums.loss) in step \(state.step): a lower learning_rate may help; the "
            + "checkpoint before is kept")
      }
      let speed = Double(state.step - first) / ((ContinuousClock.now - started) / .seconds(1))
      func report(_ sums: OptimizerStep.Sums, _ split: ArenaSplit) {
        progress(
          Progress(
            step: state.step, steps: total, loss: sums.meanLoss, accuracy: sums.accuracy,
            split: split, stepsPerSecond: speed))
      }
      let (rate, beta1) = step.schedule(state.step - 1)
      try log?.step(state.step, sums, learningRate: rate, beta1: beta1, speed: speed)
      report(sums, .train)
      if state.step == total || state.step % config.training.evaluationPeriod == 0 {
        let sums = try evaluate(data.dev)
        try log?.evaluation(state.step, sums)
        judge(sums)
        try save(log)
        saved = state.step
        report(sums, .dev)
      }
    }
    return .finished(try finish(log))
  }

  private var isOutOfPatience: Bool {
    options.patience.map { state.evaluationsSinceBest >= $0 } ?? false
  }

  /// Does one step.
  private func next() throws -> OptimizerStep.Sums {
    let number = state.step
    try shareDraws()
    // All draws of a step depend on its number and the process alone.
    try generator.reseed(
      mixed(mixed(UInt64(config.training.seed), UInt64(number)), UInt64(ranks.rank) &+ 1))
    let examples = order.examples(number, rank: ranks.rank, of: ranks.size)
    let batches = try shares(of: examples.count, config.training.gradientAccumulation).map {
      try batch(data.train, examples[$0])
    }
    let sums = try step(number, batches, total: order.batch, ranks: ranks)
    state.step = number + 1
    return sums
  }

  /// What a part drew while it computed must be the same for all.
  private func shareDraws() throws {
    guard ranks.size > 1 else { return }
    try ranks.share(model.buffers.filter { !$0.isConstant }.map(\.value))
  }

  private func batch(_ examples: any Examples, _ places: some Collection<Int>) throws -> ArenaBatch
  {
    try ArenaBatch(examples, places, task: config.task, length: config.common.seqLen)
  }

  /// The sums over a whole split.
  private func evaluate(_ examples: any Examples) throws -> OptimizerStep.Sums {
    try ranks.meet()
    try shareDraws()
    let places = Array(stride(from: ranks.rank, to: examples.count, by: ranks.size))
    let training = config.training
    let size = max(1, training.batchSize / training.gradientAccumulation / ranks.size)
    var sums = OptimizerStep.Sums()
    for start in stride(from: 0, to: places.count, by: size) {
      sums += try OptimizerStep.evaluate(
        model, batch(examples, places[start..<min(start + size, places.count)]))
    }
    return try ranks.sum(sums)
  }

  /// Keeps the model if it is better than all before.
  private func judge(_ sums: OptimizerStep.Sums) {
    if let best = state.best, sums.accuracy <= best.accuracy {
      state.evaluationsSinceBest += 1
      return
    }
    state.best = .init(step: state.step, accuracy: sums.accuracy, loss: sums.meanLoss)
    state.evaluationsSinceBest = 0
  }

  private func reasonToStop(
    since started: ContinuousClock.Instant, canBeLate: Bool
  ) throws -> String? {
    let isLate = canBeLate && options.limit.map { ContinuousClock.now - started >= $0 } == true
    // A number above those of signals stands for the time limit; all processes stop at one step.
    switch try ranks.maximum(Int(signal() ?? (isLate ? 1000 : 0))) {
    case 0: return nil
    case 1000: return "the time limit"
    case let number: return StopSignal.name(Int32(number))
    }
  }

  // MARK: Files

  private func save(_ log: TrainingLog?) throws {
    guard let log else { return }
    // What the checkpoint refers to must not be lost without it.
    try log.sync()
    state.countedCalls = model.allCountedCalls
    (state.log, state.events) = try log.marks
    let checkpoint = TrainingCheckpoint(state, model: model, optimizer: step.optimizer)
    try checkpoint.write(to: run.checkpointPath(state.step))
    // After the checkpoint, from which it can be made again.
    if state.best?.step == state.step { try checkpoint.model.write(to: run.bestPath) }
    try TrainingCheckpoint.prune(run)
  }

  private func record(_ event: String, _ details: JSONObject) throws {
    if ranks.isFirst { try run.record(event, details) }
  }

  /// The result, if the training has finished.
  private func knownSummary() throws -> JSON? {
    var text = ""
    if ranks.isFirst, let summary = try run.summary {
      try refuseOther(
        summary["config_hash"]?.string, summary["data_hash"]?.string, in: run.summaryPath)
      text = try summary.text()
    }
    text = try ranks.first(text)
    guard !text.isEmpty else { return Optional.none }
    return try JSON(parsing: text)
  }

  private func resume() throws {
    if ranks.isFirst, let checkpoint = try TrainingCheckpoint.newest(in: run, note: note) {
      let path = run.checkpointPath(checkpoint.state.step)
      try refuseOther(checkpoint.state.configHash, checkpoint.state.dataHash, in: path)
      try checkpoint.restore(model, step.optimizer)
      state = checkpoint.state
      if let best = state.best {
        try TrainingCheckpoint.best(best, for: state, in: run, orLater: true, note: note)
      }
      note("resuming after step \(state.step) of \(config.training.numTrainSteps)")
    }
    guard ranks.size > 1 else { return }
    let text = try ranks.first(String(decoding: JSONEncoder().encode(state), as: UTF8.self))
    state = try JSONDecoder().decode(TrainingState.self, from: Data(text.utf8))
    model.allCountedCalls = state.countedCalls
    try shareModel()
    try ranks.share(step.optimizer.state.sorted { $0.key < $1.key }.map(\.value))
  }

  private func shareModel() throws {
    guard ranks.size > 1 else { return }
    try ranks.share(model.parameters.map(\.value) + model.buffers.map(\.value))
  }

  /// Waits for all processes, which must train the same.
  private func meet() throws {
    try ranks.meet(agreeingOn: [
      "the hash of the configuration": state.configHash, "the hash of the data": state.dataHash,
      "the revision": options.revision,
    ])
  }

  private func refuseOther(_ config: String?, _ data: String?, in path: String) throws {
    for (what, given, own) in [
      ("configuration", config, state.configHash), ("set of data", data, state.dataHash),
    ] where given != own {
      throw ArenaError(
        "\(path) belongs to a training with another \(what): its hash is \(given ?? "missing"), that "
          + "of this run is \(own); choose another --checkpoint-dir, or remove \(run.folder)")
    }
  }

  // MARK: Testing

  private func finish(_ log: TrainingLog?) throws -> JSON {
    guard let best = state.best else {
      throw ArenaError("\(run.folder) has no evaluation to choose a model by")
    }
    if ranks.isFirst {
      try model.load(TrainingCheckpoint.best(best, for: state, in: run, note: note).tensors)
    }
    try shareModel()
    let sums = try evaluate(data.test)
    let summary = summary(sums, best)
    guard let log else { return .object(summary) }
    try log.test(state.step, sums)
    try log.sync()
    try TrainingChart(log: run.logPath).write(to: run.curvePath)
    try writeFile(run.summaryPath, JSON.object(summary).text(.pretty) + "\n")
    try run.record("finished", ["step": .integer(state.step)])
    return .object(summary)
  }

  /// Tests a saved model without training it.
  ///
  /// - `path`: the file of a model or of a checkpoint, or a model of the original.
  /// - Throws: `ArenaError` for a damaged file, and for a model of another configuration.
  public func test(_ path: String) throws -> JSON {
    try meet()
    let saved =
      ranks.isFirst
      ? try TrainingCheckpoint.load(path, into: model, for: state, note: note) : nil
    try shareModel()
    state.step = saved?.step ?? 0
    let summary = summary(try evaluate(data.test), saved?.best)
    guard ranks.isFirst else { return .object(summary) }
    if try run.summary == nil, try run.checkpointSteps().isEmpty {
      try writeFile(
        run.summaryPath, JSON.object(summary).text(.pretty) + "\n", makingFolders: true)
    } else {
      note("\(run.folder) has a training, so the result is only printed")
    }
    return .object(summary)
  }

  private func summary(_ sums: OptimizerStep.Sums, _ best: TrainingState.Best?) -> JSONObject {
    var all: JSONObject = [
      "task": .string(config.task.name), "attention": .string(config.attention),
      "test_accu_mean": .number(sums.accuracy), "test_loss_mean": .number(sums.meanLoss),
    ]
    all["best_val_accu_mean"] = best.map { .number($0.accuracy) } ?? .null
    all["train_step_idx"] = best.map { .integer($0.step) } ?? .null
    all["steps"] = .integer(state.step)
    all["examples"] = .integer(state.step * order.batch)
    all["parameters"] = .integer(model.parameterCount)
    all["seed"] = .integer(config.training.seed)
    all["split"] = .string(data.rule)
    all["config_hash"] = .string(state.configHash)
    all["data_hash"] = .string(state.dataHash)
    all["data"] = .string(data.source)
    all["train_examples"] = .integer(data.train.count)
    all["revision"] = .string(options.revision)
    all["device"] = "cpu"
    all["world_size"] = .integer(ranks.size)
    all["dtype"] = .string(model.parameters[0].value.dtype.rawValue)
    return all
  }
}
