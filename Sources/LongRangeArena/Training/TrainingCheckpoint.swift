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
  /// The lengths of the log and of the file for TensorBoard.
  var logLength = 0
  var eventLength = 0
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
  private static let stateKey = "training"
  private static let sumKey = "checksum"

  init(_ state: TrainingState, model: Module, optimizer: AdamW) {
    self.state = state
    tensors = model.stateDict.merging(
      optimizer.state.map { (Self.optimizer + $0.key, $0.value) }
    ) { first, _ in first }
  }

  /// Writes the file, whole or not at all.
  func write(to path: String) throws {
    let entries = try tensors.mapValues { try $0.detached().safetensorsEntry() }
    let text = String(decoding: try JSONEncoder().encode(state), as: UTF8.self)
    let metadata = [
      Checkpoint.writer.key: Checkpoint.writer.value, Self.stateKey: text,
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
    else { throw ArenaError("\(path) is damaged, or no checkpoint of a training") }
    self.state = state
    tensors = try file.tensors.mapValues { try Tensor($0) }
  }

  /// Gives model and optimiser their states.
  func restore(_ model: Module, _ optimizer: AdamW) throws {
    let prefix = Self.optimizer
    try model.load(tensors.filter { !$0.key.hasPrefix(prefix) })
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

extension Module {
  /// Loads a model for a test: one that a training saved, one of its checkpoints, or one of the
  /// original in a safetensors file.
  func loadForTest(_ path: String) throws {
    let checkpoint = try Checkpoint(contentsOf: path)
    let isTraining = checkpoint.metadata["training"] != nil
    guard isTraining else {
      try load(checkpoint)
      return
    }
    try load(checkpoint.tensors().filter { !$0.key.hasPrefix("optimizer.") })
  }
}
