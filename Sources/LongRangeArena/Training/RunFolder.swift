internal import Foundation
public import JSON
internal import Support

/// The folder of one training, with the names of its files.
public struct ArenaRun: Sendable {
  /// The folder.
  public let folder: String
  /// The task.
  public let task: ArenaTask
  /// The name of the attention.
  public let attention: String

  /// The folder of a task and an attention in one for checkpoints.
  public init(in checkpoints: String, task: ArenaTask, attention: String) {
    folder = "\(checkpoints)/\(task.name)__\(attention)"
    self.task = task
    self.attention = attention
  }

  /// The result of a finished training.
  public var summaryPath: String { "\(folder)/test_eval_summary.json" }
  /// The losses and accuracies of all steps, a JSON object in each line.
  public var logPath: String { "\(folder)/log.jsonl" }
  /// What happened to the training: when it started, stopped and finished.
  public var eventsPath: String { "\(folder)/events.jsonl" }
  /// The model with the best accuracy on the dev split.
  public var bestPath: String { "\(folder)/best.safetensors" }
  /// The curves of loss and accuracy.
  public var curvePath: String { "\(folder)/curve.svg" }

  /// The file for TensorBoard; an existing one if there is one.
  var tensorBoardPath: String {
    let prefix = "events.out.tfevents."
    let known = (try? names(inFolder: folder))?.last { $0.hasPrefix(prefix) }
    let host = ProcessInfo.processInfo.hostName
    return "\(folder)/" + (known ?? "\(prefix)\(Int(Date().timeIntervalSince1970)).\(host)")
  }

  /// The result, if the training has finished.
  ///
  /// - Throws: `FileError` or `JSONError` for one that cannot be read.
  public var summary: JSON? {
    get throws {
      guard fileExists(summaryPath) else { return nil }
      do { return try JSON(parsing: readFile(summaryPath)) } catch let error as JSONError {
        throw ArenaError(
          "\(summaryPath): \(error); remove it, and the same command tests the best model again")
      }
    }
  }

  /// The runs in a folder and those below it, by their lists of events and their results.
  static func all(in folder: String) -> [ArenaRun] {
    let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let folders = paths.compactMap { path -> String? in
      let pieces = path.split(separator: "/")
      guard ["events.jsonl", "test_eval_summary.json"].contains(pieces.last) else { return nil }
      return ([folder] + pieces.dropLast().map(String.init)).joined(separator: "/")
    }
    return Set(folders).sorted().compactMap { path in
      let name = path.split(separator: "/").last.map(String.init) ?? ""
      let task = ArenaTask.all.first { name.hasPrefix("\($0.name)__") }
      return task.map { task in
        ArenaRun(
          in: Support.folder(of: path), task: task,
          attention: String(name.dropFirst(task.name.count + 2)))
      }
    }
  }

  /// The steps of the checkpoints, rising.
  func checkpointSteps() throws -> [Int] {
    guard isFolder(folder) else { return [] }
    return try names(inFolder: folder).compactMap { name in
      guard name.hasPrefix("checkpoint-"), name.hasSuffix(".safetensors") else { return nil }
      return Int(name.dropFirst("checkpoint-".count).dropLast(".safetensors".count))
    }.sorted()
  }

  func checkpointPath(_ step: Int) -> String { "\(folder)/checkpoint-\(step).safetensors" }

  /// Adds what happened to the list of events.
  func record(_ event: String, _ details: JSONObject) throws {
    let entry = JSONObject([
      ("event", .string(event)), ("time", .string(Date().ISO8601Format())),
    ]).merging(details)
    try AppendedFile(eventsPath).append(line: JSON.object(entry).text())
  }
}
