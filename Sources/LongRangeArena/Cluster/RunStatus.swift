public import JSON
internal import Support

/// How far a training of a manifest is.
public struct RunStatus: Sendable {
  /// What a training does.
  public enum State: String, Sendable {
    /// It waits for its turn, for the first time or again.
    case pending
    /// A job works on it.
    case running
    /// It has a result.
    case finished
    /// Its job ended with an error, or without a word.
    case failed
    /// It can be resumed, but nothing will do so.
    case stopped
  }

  /// The training.
  public let entry: Manifest.Entry
  /// Its latest job, such as `7_0`; nil if it was never submitted.
  public let job: String?
  /// The point of a grid, or the place of one that was not submitted; empty for neither.
  public let point: String
  /// What it does.
  public let state: State
  /// The number of steps that are done.
  public let step: Int
  /// The reason for the state; empty where the state says it all.
  public let reason: String
  /// The last lines of what the processes of a failed training complained about.
  public let complaints: [String]

  /// All that is known, for programs.
  public var json: JSON {
    [
      "attention": .string(entry.attention), "task": .string(entry.task),
      "point": .string(point), "job": job.map { .string($0) } ?? .null,
      "state": .string(state.rawValue), "step": .integer(step), "reason": .string(reason),
      "complaints": .array(complaints.map { .string($0) }),
    ]
  }

  /// The trainings of a folder, by its files and by what SLURM tells where there is one; those that
  /// were not submitted follow.
  ///
  /// - Parameters:
  ///   - lines: how many lines of complaints are kept, of each process.
  ///   - indices: the entries of the manifest that matter; everything if nil.
  /// - Throws: ``ArenaError`` or `FileError` if the folder has no training or a damaged manifest.
  public static func all(
    in folder: String, lines: Int = 30, indices: [Int]? = nil, slurm: Slurm = .installed
  ) async throws -> [RunStatus] {
    let entries = try Manifest(inFolder: folder).entries
    let known = try Set(entries.map { try ArenaRun($0.resolved(in: folder)).folder })
    let others =
      indices == nil ? ArenaRun.all(in: folder).filter { !known.contains($0.folder) } : []
    guard !entries.isEmpty || !others.isEmpty else {
      throw ArenaError(
        "there is no training in \(folder): expected --checkpoint-dir of `zoo lra run` or -ck of "
          + "`zoo lra submit`")
    }
    let jobs = try JobList(inFolder: folder)
    // Without an answer, the files have to do.
    let queue = try? await slurm.queue()
    var all: [RunStatus] = []
    for index in indices ?? Array(entries.indices) {
      let entry = entries[index].resolved(in: folder)
      let job = jobs.job(of: index)
      let facts = try Facts(ArenaRun(entry), queued: job.flatMap { queue?[$0] })
      var (state, reason) = facts.judge(isSubmitted: job != nil, hasQueue: queue != nil)
      if let job, state == .failed || state == .stopped, let info = try? await slurm.job(job) {
        (state, reason) = facts.judge(state, reason, info)
      }
      let name = entry.folder.split(separator: "/").last.map(String.init) ?? ""
      let complaints = try state == .failed ? complaints(in: folder, of: job, lines) : []
      all.append(
        RunStatus(
          entry: entry, job: job, point: name == entry.task ? "" : name, state: state,
          step: facts.step, reason: reason,
          complaints: complaints))
    }
    for run in others {
      let facts = try Facts(run, queued: nil)
      let (state, reason) = facts.judge(isSubmitted: true, hasQueue: true)
      let place = Support.folder(of: run.folder)
      all.append(
        RunStatus(
          entry: Manifest.Entry(
            attention: run.attention, task: run.task.name, config: "", folder: place, data: ""),
          job: nil, point: String(place.dropFirst(folder.count).drop { $0 == "/" }), state: state,
          step: facts.step, reason: reason, complaints: []))
    }
    return all
  }

  /// What the files of a training and the queue tell.
  private struct Facts {
    let step: Int
    let problem: String?
    let isFinished: Bool
    let last: JSONObject?
    let queued: String?

    /// Whether a process of this machine works on it.
    let isLocked: Bool

    init(_ run: ArenaRun, queued: String?) throws {
      self.queued = queued
      isLocked = AppendedFile.isLocked(run.eventsPath)
      isFinished = fileExists(run.summaryPath)
      var problem: String?
      if isFinished {
        do { _ = try ArenaResult(reading: run.summaryPath) } catch { problem = "\(error)" }
      }
      let events = (try? run.events) ?? []
      last = events.last
      step = try lastStep(run) ?? events.last?["step"]?.int ?? 0
      self.problem = problem
    }

    func judge(isSubmitted: Bool, hasQueue: Bool) -> (State, String) {
      if let problem { return (.failed, problem) }
      if isFinished { return (.finished, "") }
      if isLocked { return (.running, "") }
      let reason = last?["reason"]?.string ?? ""
      if let queued {
        guard queued == "PENDING" else { return (.running, "") }
        return (.pending, step > 0 ? "waits to go on" : "")
      }
      switch last?["event"]?.string {
      case "stopped", "not requeued": return (.stopped, reason)
      // It is in the queue if there is one.
      case "requeued" where !hasQueue: return (.pending, "waits to go on after \(reason)")
      case "started" where !hasQueue, "resumed" where !hasQueue: return (.running, "")
      case nil where !isSubmitted: return (.pending, "not submitted")
      case nil where !hasQueue: return (.pending, "")
      default: return (.failed, "it ended without a result")
      }
    }

    /// Adds what SLURM remembers of a job that has ended.
    func judge(
      _ state: State, _ reason: String, _ job: [String: String]
    ) -> (State, String) {
      let word = job["JobState"] ?? ""
      if word == "CANCELLED" { return (.stopped, "the job was cancelled") }
      guard state == .failed, !isFinished, !word.isEmpty else { return (state, reason) }
      let code = job["ExitCode"].map { ", exit code \($0)" } ?? ""
      return (state, word.lowercased().split(separator: "_").joined(separator: " ") + code)
    }
  }

  /// The end of the errors of each process, under its file if there are several.
  private static func complaints(
    in folder: String, of job: String?, _ lines: Int
  ) throws -> [String] {
    let logs = "\(folder)/logs"
    guard let job, lines > 0, isFolder(logs) else { return [] }
    let files = try names(inFolder: logs).filter {
      $0.hasPrefix("\(job)_") && $0.hasSuffix("_log.err")
    }
    let texts = try files.map { file in
      (file, String(decoding: try readFile("\(logs)/\(file)"), as: UTF8.self))
    }.filter { !$0.1.isEmpty }
    return texts.flatMap { file, text in
      (texts.count > 1 ? ["\(file):"] : [])
        + text.split(separator: "\n", omittingEmptySubsequences: false)
        .map(String.init).dropLast(text.hasSuffix("\n") ? 1 : 0).suffix(lines)
    }
  }
}

/// The jobs of a folder: `jobs.txt` has a line for each, with its number, the index of the entry that
/// element 0 of its array is for, and the elements.
struct JobList {
  private var jobs: [(id: String, entries: Set<Int>, first: Int)] = []

  static func file(in folder: String) -> String { "\(folder)/jobs.txt" }

  init(inFolder folder: String) throws {
    let file = Self.file(in: folder)
    guard fileExists(file) else { return }
    let text = String(decoding: try readFile(file), as: UTF8.self)
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 3, let first = Int(words[1]),
        let elements = try? NodeList.expand("[\(words[2])]")
      else {
        throw ArenaError(
          "\(file) has the line `\(line)`, expected a job, an index and elements of an array")
      }
      jobs.append((words[0], Set(elements.compactMap { Int($0) }.map { $0 + first }), first))
    }
  }

  /// The line of a job.
  static func line(_ id: String, _ script: JobScript) -> String {
    "\(id) \(script.first) \(ranges(script.array, separator: ","))"
  }

  /// The element of the latest array that has an entry, such as `7_0`.
  func job(of entry: Int) -> String? {
    jobs.last { $0.entries.contains(entry) }.map { "\($0.id)_\(entry - $0.first)" }
  }
}

extension ArenaRun {
  /// The run of an entry whose paths are resolved.
  fileprivate init(_ entry: Manifest.Entry) throws {
    self.init(in: entry.folder, task: try .named(entry.task), attention: entry.attention)
  }

  /// What happened to the training, in order.
  ///
  /// - Throws: `ArenaError` that names the line that is not JSON; a last one that is cut is left out.
  var events: [JSONObject] {
    get throws {
      guard fileExists(eventsPath) else { return [] }
      let text = String(decoding: try readFile(eventsPath), as: UTF8.self)
      let lines = text.split(separator: "\n")
      return try lines.enumerated().compactMap { number, line in
        if let event = (try? JSON(parsing: String(line)))?.object { return event }
        if number == lines.count - 1, !text.hasSuffix("\n") { return nil }
        throw ArenaError("\(eventsPath), line \(number + 1): expected an object, got `\(line)`")
      }
    }
  }
}

/// The step of the last whole line of a log.
private func lastStep(_ run: ArenaRun) throws -> Int? {
  guard fileExists(run.logPath) else { return nil }
  let reader = try FileReader(run.logPath)
  let count = min(reader.size, 4_096)
  let end = String(decoding: try reader.read(count, at: reader.size - count), as: UTF8.self)
  return end.split(separator: "\n").lazy.reversed()
    .compactMap { (try? JSON(parsing: String($0)))?["step"]?.int }.first
}
