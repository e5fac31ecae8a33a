internal import Foundation
internal import JSON
internal import Support

/// The job of SLURM in which this process runs.
public struct ClusterJob: Sendable, Equatable {
  /// The name by which SLURM knows it, such as `7`, or `7_0` for an element of an array.
  public let name: String
  /// The number of this process in the job.
  public let rank: Int
  /// The number of processors of each process; nil if SLURM was not asked for a number, or libtorch
  /// has been told another.
  public let threads: Int?

  /// The job of an environment; nil outside of SLURM.
  public init?(_ environment: [String: String]) {
    guard let job = environment["SLURM_JOB_ID"] else { return nil }
    threads =
      environment["OMP_NUM_THREADS"] == nil
      ? environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) } : nil
    rank = environment["SLURM_PROCID"].flatMap { Int($0) } ?? 0
    if let array = environment["SLURM_ARRAY_JOB_ID"],
      let element = environment["SLURM_ARRAY_TASK_ID"]
    {
      name = "\(array)_\(element)"
    } else {
      name = job
    }
  }

  /// What became of a training after a signal.
  public enum Requeue: Sendable, Equatable {
    /// It waits for its turn to go on.
    case requeued
    /// It stays stopped, for a reason.
    case stays(String)
  }

  /// Puts a training that a signal stopped back into the queue.
  ///
  /// A job that ran out of time is put back so many times; one that gave way to others always, since
  /// that says nothing about it. The events of the training tell how often it was. A process other
  /// than the first waits to be ended by SLURM: if it ended by itself, so would the first.
  ///
  /// - Parameters:
  ///   - step: where the training stopped.
  ///   - timeouts: how many times a job that ran out of time is put back.
  /// - Throws: ``ArenaError`` if the events cannot be read or written.
  public func requeue(
    _ run: ArenaRun, step: Int, timeouts: Int, with slurm: Slurm = .installed,
    patience: Duration = .seconds(60)
  ) async throws -> Requeue {
    guard rank == 0 else {
      try await awaitDecision(about: run, for: patience)
      return .stays("process 0 of job \(name) decides whether it starts again")
    }
    let details: JSONObject = ["step": .integer(step), "job": .string(name)]
    func stays(_ reason: String) throws -> Requeue {
      try run.record("not requeued", details.merging(["reason": .string(reason)]))
      return .stays(reason)
    }
    guard let state = try await slurm.job(name) else {
      return try stays("there is no scontrol in PATH that knows job \(name): submit it again")
    }
    // A job that is cancelled gets SIGTERM too, and one that somebody else has put back.
    guard state["JobState"] == "RUNNING" else {
      return try stays(
        "SLURM is ending job \(name) already, which is \(state["JobState"] ?? "lost")")
    }
    let reason = Self.ranOutOfTime(state) ? "timeout" : "preemption"
    if reason == "timeout", try Self.timeouts(of: run) >= timeouts {
      return try stays("it ran out of time \(timeouts + 1) times, the most that --timeouts allows")
    }
    // First, since SLURM may end this process as soon as it is asked.
    try run.record("requeued", details.merging(["reason": .string(reason)]))
    guard let answer = try await slurm.call("scontrol", ["requeue", name]) else {
      return try stays("there is no scontrol in PATH")
    }
    return answer.isGood ? .requeued : try stays("scontrol refused: \(answer.complaint)")
  }

  /// Waits until the first process has decided what becomes of the training.
  private func awaitDecision(about run: ArenaRun, for patience: Duration) async throws {
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end {
      let last = try run.events.last?["event"]?.string ?? ""
      try await Task.sleep(for: .seconds(1))
      // Since then it has also asked SLURM.
      if ["requeued", "not requeued"].contains(last) { return }
    }
  }

  /// How often a training was put back because it ran out of time.
  private static func timeouts(of run: ArenaRun) throws -> Int {
    try run.events.count { $0["event"] == "requeued" && $0["reason"] == "timeout" }
  }

  /// Whether a job was stopped because of its limit: not by a job that takes its place, and after four
  /// fifths of its time or in its last ten minutes.
  static func ranOutOfTime(_ job: [String: String]) -> Bool {
    guard job["PreemptTime"] ?? "None" == "None", let limit = seconds(job["TimeLimit"]),
      let time = seconds(job["RunTime"])
    else { return false }
    return Double(time) >= min(0.8 * Double(limit), Double(limit) - 600)
  }

  /// The seconds of `1-02:03:04` or `02:03:04`; nil for other words, such as `UNLIMITED`.
  private static func seconds(_ text: String?) -> Int? {
    guard let text else { return nil }
    let pieces = text.split(separator: "-").map(String.init)
    let clock = (pieces.last ?? "").split(separator: ":").compactMap { Int($0) }
    guard clock.count == 3, let days = pieces.count == 2 ? Int(pieces[0]) : 0 else { return nil }
    return ((days * 24 + clock[0]) * 60 + clock[1]) * 60 + clock[2]
  }
}
