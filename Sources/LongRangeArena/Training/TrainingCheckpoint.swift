internal import Foundation
internal import JSON
internal import Support
internal import Torch

/// Where a training is, beside the model and the optimiser.
struct TrainingState: Codable, Equatable {
  /// The number of steps that are done.
  var step = 0
  /// The best evaluation.
  var best: Best?
  /// The evaluations since then.
  var evaluationsSinceBest = 0
  /// The counts of calls of modules that draw.
  var countedCalls: [String: Int] = [:]
  /// The log and the file for TensorBoard.
  var log = AppendedFile.Mark()
  var events = AppendedFile.Mark()
  /// The attention and the task.
  var title: String
  /// What the training was started with.
  var configHash: String
  var dataHash: String

  /// An evaluation on the dev split.
  struct Best: Codable, Equatable {
    var step: Int
    var accuracy: Double
    var loss: Double
  }
}

/// A training at one step, as a safetensors file: the state of the model under its keys, that of the
/// optimiser behind a prefix, and the rest in the header.
struct TrainingCheckpoint {
  var state: TrainingState
  var tensors: [String: Tensor]

  private static let optimizer = "optimizer."
  static let stateKey = "training"
  private static let sumKey = "checksum"

  init(_ state: TrainingState, model: Module, optimizer: AdamW) {
    self.state = state
    tensors = model.stateDict.merging(
      optimizer.state.map { (Self.optimizer + $0.key, $0.value) }
    ) { first, _ in first }
  }

  /// The model alone, for tests; which files a training had besides does not matter to it.
  var model: TrainingCheckpoint {
    var model = self
    (model.state.log, model.state.events) = (.init(), .init())
    model.tensors = tensors.filter { !$0.key.hasPrefix(Self.optimizer) }
    return model
  }

  /// Writes the file, whole or not at all.
  func write(to path: String) throws {
    let entries = try tensors.mapValues { try $0.detached().safetensorsEntry() }
    let encoder = JSONEncoder()
    // The same state in the same bytes.
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(state), as: UTF8.self)
    let metadata = [
      "format": "pt", Checkpoint.writer.key: Checkpoint.writer.value, Self.stateKey: text,
      Self.sumKey: Self.checksum(entries, text),
    ]
    try SafetensorsFile(tensors: entries, metadata: metadata).write(to: path)
  }

  /// Reads a file.
  ///
  /// - Throws: `SafetensorsError` or `ArenaError` for a file that is not whole.
  init(contentsOf path: String) throws {
    let file = try SafetensorsFile(contentsOf: path)
    guard let text = file.metadata[Self.stateKey],
      let state = try? JSONDecoder().decode(TrainingState.self, from: Data(text.utf8)),
      file.metadata[Self.sumKey] == Self.checksum(file.tensors, text)
    else {
      throw ArenaError("\(path) is damaged: its content does not have the checksum in its header")
    }
    self.state = state
    tensors = try file.tensors.mapValues { try Tensor($0) }
  }

  /// Gives model and optimiser their states.
  func restore(_ model: Module, _ optimizer: AdamW) throws {
    let prefix = Self.optimizer
    try model.load(self.model.tensors)
    try optimizer.restore(
      Dictionary(
        uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix(prefix) }
          .map { (String($0.key.dropFirst(prefix.count)), $0.value) }))
    model.allCountedCalls = state.countedCalls
  }

  private static func checksum(_ entries: [String: SafetensorsEntry], _ text: String) -> String {
    let parts = entries.sorted { $0.key < $1.key }
      .map { "\($0.key) \(fingerprint($0.value.bytes))\n" }
    return fingerprint(Array((parts.joined() + text).utf8))
  }

  /// The newest checkpoint of a folder that is whole; a note for each newer one that is not.
  static func newest(in run: ArenaRun, note: (String) -> Void) throws -> TrainingCheckpoint? {
    for step in try run.checkpointSteps().reversed() {
      do { return try TrainingCheckpoint(contentsOf: run.checkpointPath(step)) } catch {
        note("\(error); it is left out")
      }
    }
    if try !run.checkpointSteps().isEmpty { note("no checkpoint is sound: starting at step 0") }
    return nil
  }

  /// The best model so far; made again from a checkpoint if its file is not sound.
  ///
  /// - `isLaterToo`: whether it may be one to which the training will come again.
  /// - Throws: `ArenaError` if it is lost.
  @discardableResult
  static func best(
    _ best: TrainingState.Best, for state: TrainingState, in run: ArenaRun,
    orLater isLaterToo: Bool = false, note: (String) -> Void
  ) throws -> TrainingCheckpoint {
    func isBest(_ found: TrainingState) -> Bool {
      found.configHash == state.configHash
        && (found.best == best || isLaterToo && found.step > state.step)
    }
    var problem = "\(run.bestPath) is of another training or step"
    do {
      let found = try TrainingCheckpoint(contentsOf: run.bestPath)
      if isBest(found.state) { return found }
    } catch { problem = "\(error)" }
    let kept = (try? TrainingCheckpoint(contentsOf: run.checkpointPath(best.step)))?.model
    guard let kept, isBest(kept.state) else {
      throw ArenaError(
        "\(problem), and no checkpoint has the best model so far, that of step \(best.step): put "
          + "the file back, or remove \(run.folder) to train again")
    }
    try kept.write(to: run.bestPath)
    note("\(problem); it was made again from \(run.checkpointPath(best.step))")
    return kept
  }

  /// Loads a model for a test; its state, if a training has saved it.
  ///
  /// - Throws: `ArenaError` for a damaged file and for a model of another configuration.
  static func load(
    _ path: String, into model: Module, for state: TrainingState, note: (String) -> Void
  ) throws -> TrainingState? {
    do {
      let file = try Checkpoint(contentsOf: path)
      guard file.metadata[stateKey] != nil else {
        try model.load(file)
        note("\(path) has no hash of a configuration, so nothing shows whether it fits this one")
        return nil
      }
      let saved = try TrainingCheckpoint(contentsOf: path)
      guard saved.state.configHash == state.configHash else {
        throw ArenaError(
          "it is a model of \(saved.state.title) with the configuration \(saved.state.configHash), "
            + "but this run is \(state.title) with \(state.configHash): test it with the attention, "
            + "the configuration and the options of its training, such as --set, --seed and --steps"
        )
      }
      if saved.state.dataHash != state.dataHash {
        note("\(path) was trained on other data: their hash is \(saved.state.dataHash)")
      }
      try model.load(saved.model.tensors)
      return saved.state
    } catch let error as ArenaError {
      throw ArenaError("\(path): \(error)")
    } catch {
      throw ArenaError(
        "\(path): \(error); give best.safetensors or a checkpoint of a training, or a model of the "
          + "original")
    }
  }

  /// Keeps the two newest checkpoints, and no rests of files that were being written.
  static func prune(_ run: ArenaRun) throws {
    for step in try run.checkpointSteps().dropLast(2) {
      try removeFile(run.checkpointPath(step))
    }
    for name in try names(inFolder: run.folder)
    where name.hasPrefix("checkpoint-") && name.hasSuffix(".part") {
      try removeFile("\(run.folder)/\(name)")
    }
  }
}
