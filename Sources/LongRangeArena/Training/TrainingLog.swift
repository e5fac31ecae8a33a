internal import Foundation
internal import JSON
internal import Support

/// The records of a training: a file of JSON lines, which depends on nothing but the training, and one
/// for TensorBoard with its times.
final class TrainingLog {
  private let lines: AppendedFile
  private let events: EventFile

  /// Opens the files, without what was written after the state was saved.
  init(_ run: ArenaRun, _ state: TrainingState, note: (String) -> Void) throws {
    for (path, mark) in [(run.logPath, state.log), (run.tensorBoardPath, state.events)]
    where mark.length > 0 && !fileExists(path) {
      note("\(path) is gone, and begins again after step \(state.step)")
    }
    lines = try AppendedFile(run.logPath, keeping: state.log)
    events = try EventFile(run.tensorBoardPath, keeping: state.events)
  }

  var marks: (log: AppendedFile.Mark, events: AppendedFile.Mark) {
    get throws { (try lines.mark, try events.mark) }
  }

  func sync() throws {
    try lines.sync()
    try events.sync()
  }

  func step(
    _ number: Int, _ sums: OptimizerStep.Sums, learningRate: Double, beta1: Double, speed: Double
  ) throws {
    try write(
      number,
      [
        "train_loss": sums.meanLoss, "train_accu": sums.accuracy, "lr": learningRate,
        "beta1": beta1,
      ])
    try events.write(
      [
        "train_loss": sums.meanLoss, "train_accu": sums.accuracy, "lr": learningRate,
        "beta1": beta1, "steps_per_second": speed,
      ], step: number)
  }

  func evaluation(_ number: Int, _ sums: OptimizerStep.Sums) throws {
    let values: KeyValuePairs = ["val_loss_mean": sums.meanLoss, "val_accu_mean": sums.accuracy]
    try write(number, values)
    try events.write(values, step: number)
  }

  func test(_ number: Int, _ sums: OptimizerStep.Sums) throws {
    let values: KeyValuePairs = ["test_loss_mean": sums.meanLoss, "test_accu_mean": sums.accuracy]
    try write(number, values)
    try events.write(values, step: number)
  }

  private func write(_ step: Int, _ values: KeyValuePairs<String, Double>) throws {
    let line = JSONObject([("step", .integer(step))] + values.map { ($0, .number($1)) })
    try lines.append(line: JSON.object(line).text())
  }
}
