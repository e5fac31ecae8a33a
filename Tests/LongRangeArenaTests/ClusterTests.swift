import Foundation
import JSON
import Synchronization
import Testing

@testable import LongRangeArena

/// A SLURM that answers from a table, and remembers what it was asked.
final class FakeSlurm: Sendable {
  private let answers: [String: Slurm.Answer]
  let asked = Mutex<[String]>([])

  /// - Parameter answers: what is answered to the first words of a command.
  init(_ answers: [String: String]) {
    self.answers = answers.mapValues { Slurm.Answer(output: $0) }
  }

  var slurm: Slurm {
    Slurm { [self] program, arguments in
      let line = ([program] + arguments).joined(separator: " ")
      asked.withLock { $0.append(line) }
      return answers.first { line.hasPrefix($0.key) }?.value
    }
  }
}

/// A folder with trainings of one task.
struct Batch {
  let folder: String

  /// Writes the manifest of trainings, and the jobs that were submitted for them.
  init(in folder: String, _ attentions: [String], jobs: String? = nil) throws {
    self.folder = folder
    var manifest = Manifest()
    for attention in attentions {
      _ = try manifest.add(
        Manifest.Entry(
          attention: attention, task: "listops", config: "c.json",
          folder: "\(attention)/listops", data: "/data"))
    }
    try manifest.write(toFolder: folder)
    if let jobs { try LongRangeArenaTests.write(jobs, to: "\(folder)/jobs.txt") }
  }

  func write(_ text: String, _ attention: String, _ name: String) throws {
    let run = "\(folder)/\(attention)/listops/listops__\(attention)"
    try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
    try LongRangeArenaTests.write(text, to: "\(run)/\(name)")
  }

  func states(_ slurm: [String: String] = [:]) async throws -> [String] {
    try await RunStatus.all(in: folder, slurm: FakeSlurm(slurm).slurm).map { status in
      ([status.state.rawValue, "\(status.step)"] + (status.reason.isEmpty ? [] : [status.reason]))
        .joined(separator: " ")
    }
  }
}

struct RunStatusTests {
  @Test func `files tell how far trainings are, and a queue tells more`() async throws {
    try await inTemporaryFolder { folder in
      let batch = try Batch(
        in: folder, ["local", "linear", "nystrom", "favor", "lambda"], jobs: "7 0 0-2\n9 0 1,3\n")
      try batch.write("{\"event\": \"started\"}\n", "local", "events.jsonl")
      try batch.write("{\"step\": 1}\n{\"step\": 12}\n{\"st", "local", "log.jsonl")
      try batch.write(
        "{\"event\": \"requeued\", \"step\": 8, \"reason\": \"timeout\"}\n", "linear",
        "events.jsonl")
      try batch.write(summary("nystrom", 0.3), "nystrom", "test_eval_summary.json")
      #expect(
        try await batch.states() == [
          "running 12", "pending 8 waits to go on after timeout", "finished 0", "pending 0",
          "pending 0 not submitted",
        ])
      // 7_1 was submitted again as 9_1, so it does not count.
      #expect(
        try await batch.states(["squeue": "7_0 RUNNING\n7_1 RUNNING\n9_1 PENDING\n9_3 RUNNING\n"])
          == [
            "running 12", "pending 8 waits to go on", "finished 0", "running 0",
            "pending 0 not submitted",
          ])
      #expect(
        try await batch.states([
          "squeue": "", "scontrol --oneliner show job 7_0": "JobState=FAILED ExitCode=137:0",
        ]) == [
          "failed 12 failed, exit code 137:0", "failed 8 it ended without a result", "finished 0",
          "failed 0 it ended without a result", "pending 0 not submitted",
        ])
    }
  }

  @Test func `a failed training shows what its processes complained about last`() async throws {
    try await inTemporaryFolder { folder in
      let batch = try Batch(in: folder, ["local"], jobs: "7 0 0\n")
      try batch.write("{\"event\": \"started\"}\n", "local", "events.jsonl")
      try FileManager.default.createDirectory(
        atPath: folder + "/logs", withIntermediateDirectories: true)
      try write("first\nsecond\nthird\n", to: folder + "/logs/7_0_0_log.err")
      try write("", to: folder + "/logs/7_0_1_log.err")
      try write("other", to: folder + "/logs/17_0_0_log.err")
      let slurm = FakeSlurm(["squeue": ""]).slurm
      let status = try await RunStatus.all(in: folder, lines: 2, slurm: slurm)
      #expect(status.map(\.complaints) == [["second", "third"]])
      try write("more", to: folder + "/logs/7_0_1_log.err")
      let both = try await RunStatus.all(in: folder, lines: 1, slurm: slurm)
      #expect(
        both.map(\.complaints) == [["7_0_0_log.err:", "third", "7_0_1_log.err:", "more"]])
    }
  }

  @Test func `a damaged result and a cancelled job are told apart from others`() async throws {
    try await inTemporaryFolder { folder in
      let batch = try Batch(in: folder, ["local", "linear"], jobs: "7 0 0-1\n")
      try batch.write("{", "local", "test_eval_summary.json")
      let states = try await batch.states([
        "squeue": "", "scontrol --oneliner show job 7_1": "JobState=CANCELLED ExitCode=0:15",
      ])
      #expect(states[0].hasPrefix("failed 0 ") && states[0].contains("is no result"))
      #expect(states[1] == "stopped 0 the job was cancelled")
    }
  }

  @Test func `trainings that were not submitted are seen`() async throws {
    try await inTemporaryFolder { folder in
      let batch = try Batch(in: folder, ["local"])
      func start(_ attention: String, _ event: String) throws -> String {
        let run = "\(folder)/trial/listops__\(attention)"
        try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
        try write("{\"event\": \(event)}\n", to: run + "/events.jsonl")
        return run
      }
      _ = try start("favor", "\"stopped\", \"step\": 3, \"reason\": \"SIGINT\"")
      let done = try start("lambda", "\"finished\"")
      try write(summary("lambda", 0.5), to: done + "/test_eval_summary.json")
      let running = try AppendedFile(start("linear", "\"started\"") + "/events.jsonl")
      try running.lock("trains")
      _ = try start("nystrom", "\"resumed\", \"step\": 4")
      #expect(
        try await batch.states() == [
          "pending 0 not submitted", "stopped 3 SIGINT", "finished 0", "running 0",
          "failed 4 it ended without a result",
        ])
      let names = try ArenaResult.expected(in: folder).map(\.attention)
      #expect(names == ["local", "favor", "lambda", "linear", "nystrom"])
      let trial = try await RunStatus.all(in: folder + "/trial")
      #expect(trial.map(\.entry.attention) == ["favor", "lambda", "linear", "nystrom"])
      #expect(trial.allSatisfy { $0.point.isEmpty })
      let points = try await RunStatus.all(in: folder).map(\.point)
      #expect(points == ["", "trial", "trial", "trial", "trial"])
    }
  }

  @Test func `a folder without trainings is refused`() async throws {
    try await inTemporaryFolder { folder in
      await #expect(throws: ArenaError.self) { try await RunStatus.all(in: folder) }
      let batch = try Batch(in: folder, ["local"], jobs: "7 zero 0\n")
      await #expect(throws: ArenaError.self) { try await batch.states() }
    }
  }
}

struct RequeueTests {
  private let element = [
    "SLURM_JOB_ID": "9", "SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "2",
    "SLURM_PROCID": "0",
  ]

  @Test func `a job is named by its array`() throws {
    #expect(ClusterJob([:]) == nil)
    let job = try #require(ClusterJob(element.merging(["SLURM_PROCID": "3"]) { $1 }))
    #expect(job.name == "7_2" && job.rank == 3)
    #expect(ClusterJob(["SLURM_JOB_ID": "9"])?.name == "9")
  }

  /// Stops a training with a job in some state, and returns what became of it and its events.
  private func stop(
    _ job: String?, before: String = "", timeouts: Int = 2, refuses: Bool = false
  ) async throws -> (ClusterJob.Requeue, [String], asked: [String]) {
    try await inTemporaryFolder { folder in
      let run = ArenaRun(in: folder, task: try ArenaTask.named("listops"), attention: "local")
      try FileManager.default.createDirectory(atPath: run.folder, withIntermediateDirectories: true)
      try write(before, to: run.eventsPath)
      var answers = job.map { ["scontrol --oneliner show job 7_2": $0] } ?? [:]
      if !refuses { answers["scontrol requeue 7_2"] = "" }
      let fake = FakeSlurm(answers)
      let outcome = try await #require(ClusterJob(element)).requeue(
        run, step: 5, timeouts: timeouts, with: fake.slurm)
      let text = try String(contentsOfFile: run.eventsPath, encoding: .utf8)
      let events = try text.dropFirst(before.count).split(separator: "\n").map { line in
        let event = try JSON(parsing: String(line))
        #expect(event["step"] == 5 && event["job"] == "7_2")
        return [event["event"], event["reason"]].compactMap { $0?.string }.joined(separator: " ")
      }
      return (outcome, events, fake.asked.withLock { $0 })
    }
  }

  @Test func `one that gave way goes on, however often`() async throws {
    let early = "JobState=RUNNING RunTime=00:01:00 TimeLimit=1-00:00:00 PreemptTime=None"
    let late = "JobState=RUNNING RunTime=23:59:00 TimeLimit=1-00:00:00 PreemptTime=2026-01-01"
    for job in [early, late, "JobState=RUNNING RunTime=9:00:00 TimeLimit=UNLIMITED"] {
      let (outcome, events, asked) = try await stop(job, timeouts: 0)
      #expect(outcome == .requeued && events == ["requeued preemption"])
      #expect(asked.last == "scontrol requeue 7_2")
    }
  }

  @Test func `one that ran out of time goes on so many times`() async throws {
    let job = "JobState=RUNNING RunTime=19:13:00 TimeLimit=1-00:00:00 PreemptTime=None"
    let timeout = "{\"event\": \"requeued\", \"reason\": \"timeout\"}\n"
    let preemption = "{\"event\": \"requeued\", \"reason\": \"preemption\"}\n"
    let (outcome, events, _) = try await stop(job, before: timeout + preemption)
    #expect(outcome == .requeued && events == ["requeued timeout"])
    let (last, _, asked) = try await stop(job, before: timeout + preemption + timeout)
    #expect(last == .stays("it ran out of time 3 times, the most that --timeouts allows"))
    #expect(asked.count == 1)
  }

  @Test func `other processes wait for the first`() async throws {
    try await inTemporaryFolder { folder in
      let run = ArenaRun(in: folder, task: try ArenaTask.named("listops"), attention: "local")
      try FileManager.default.createDirectory(atPath: run.folder, withIntermediateDirectories: true)
      let job = try #require(ClusterJob(element.merging(["SLURM_PROCID": "1"]) { $1 }))
      let fake = FakeSlurm([:])
      // The busiest machine is quicker than the longer patience.
      for (event, patience, limits) in [
        ("stopped", 3, 3..<300), ("stopped\"}\n{\"event\": \"requeued", 600, 0..<300),
      ] {
        try write("{\"event\": \"\(event)\"}\n", to: run.eventsPath)
        let start = ContinuousClock.now
        _ = try await job.requeue(
          run, step: 5, timeouts: 2, with: fake.slurm, patience: .seconds(patience))
        #expect(limits.contains(Int((ContinuousClock.now - start) / .seconds(1))))
      }
      #expect(fake.asked.withLock { $0 }.isEmpty)
    }
  }

  @Test func `one that was cancelled stays, and so does one without scontrol`() async throws {
    let (outcome, events, asked) = try await stop("JobState=COMPLETING RunTime=00:00:01")
    let reason = "SLURM is ending job 7_2 already, which is COMPLETING"
    #expect(outcome == .stays(reason) && asked.count == 1 && events == ["not requeued \(reason)"])
    #expect(
      try await stop(nil).0
        == .stays("there is no scontrol in PATH that knows job 7_2: submit it again"))
    let (refused, list, _) = try await stop("JobState=RUNNING", refuses: true)
    #expect(refused == .stays("there is no scontrol in PATH") && list.count == 2)
  }
}

/// Runs a body with a folder that is removed after it.
func inTemporaryFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
  let folder = FileManager.default.temporaryDirectory.path + "/arena-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}

/// Runs a body with a folder that is removed after it.
func inTemporaryFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
  let folder = FileManager.default.temporaryDirectory.path + "/arena-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// Writes a text file.
func write(_ text: String, to path: String) throws {
  try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}

/// The result of a training.
func summary(
  _ attention: String, _ accuracy: Double, task: String = "listops", dev: Double = 0.5,
  seed: Int = 0
) -> String {
  """
  {"task": "\(task)", "attention": "\(attention)", "test_accu_mean": \(accuracy),
   "test_loss_mean": 1.5, "best_val_accu_mean": \(dev), "seed": \(seed), "parameters": 7}
  """
}
