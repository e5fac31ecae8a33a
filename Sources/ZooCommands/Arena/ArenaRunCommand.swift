internal import ArgumentParser
internal import Conformance
internal import Foundation
internal import JSON
internal import LongRangeArena
internal import Parts
internal import Reporting
internal import Synchronization
internal import Torch

/// Trains an attention on a task and tests it.
struct ArenaRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Train an attention on a task, and test it.",
    discussion: """
      Everything is written to the folder TASK__ATTENTION of --checkpoint-dir: \
      test_eval_summary.json, log.jsonl, curve.svg, a file for TensorBoard and checkpoints. A run \
      that was stopped, by the time limit or by SIGINT, SIGTERM, SIGUSR1 or SIGUSR2, ends with 75; \
      the same command goes on where it stopped. A finished run prints its result again.

      In a job of SLURM, --manifest and --index name a training of `lra submit` instead; a signal \
      that stops it also puts it back into the queue.
      """)

  @Option(name: .shortAndLong, help: "The attention.") var attention: String?
  @Option(name: .shortAndLong, help: "The task.") var task: String?
  @Option(
    name: [.customLong("config"), .customShort("c"), .customLong("config-path")],
    help: ArgumentHelp("The configuration, a JSON file.", valueName: "file"))
  var config: String?
  @Option(
    help: ArgumentHelp(
      "The folder that `lra data` wrote (default: datasets).", valueName: "folder"))
  var data: String?
  @Option(
    name: [
      .customLong("checkpoint-dir"), .customLong("checkpoint_dir"),
      .customLong("ck", withSingleDash: true),
    ],
    help: ArgumentHelp("The folder of runs (default: checkpoints).", valueName: "folder"))
  var checkpointDir: String?
  @Option(help: ArgumentHelp("The trainings of `lra submit`.", valueName: "file"))
  var manifest: String?
  @Option(help: "The training of the manifest, from 0.") var index: Int?
  @Flag(name: both("skip-train"), help: "Only test the model of --checkpoint-path.")
  var skipTrain = false
  @Option(
    name: both("checkpoint-path"),
    help: ArgumentHelp("The model to test, a safetensors file.", valueName: "file"))
  var checkpointPath: String?
  @Option(help: "The seed, instead of the configuration's.") var seed: Int?
  @Option(
    help:
      "The number of optimiser steps, instead of the configuration's; the warm-up keeps its share.",
    transform: positive)
  var steps: Int?
  @Option(
    help: ArgumentHelp(
      "Change a value of the task's section; may be repeated.",
      discussion: "Such as training:learning_rate=3e-4 or model:common:dropout=0.",
      valueName: "path=value"))
  var set: [String] = []
  @Option(
    name: both("early-stop"),
    help: "End after so many evaluations without a better one.", transform: positive)
  var earlyStop: Int?
  @Option(
    name: both("max-minutes"),
    help: "Stop after this time, to be resumed by the same command.")
  var maxMinutes: Double?
  @Flag(
    name: both("ignore-padding"),
    help: "Let an attention that cannot hide padding take it for words.")
  var ignorePadding = false
  @OptionGroup(title: "Several processes") var ranks: RankOptions
  @Option(
    help: "The number of threads of each process; by default, they share the cores.",
    transform: positive)
  var threads: Int?
  @Flag(help: "Show no progress.") var quiet = false

  func validate() throws {
    if skipTrain, checkpointPath == nil {
      throw ValidationError("--skip-train needs the model to test: --checkpoint-path FILE")
    }
    if !skipTrain, checkpointPath != nil {
      throw ValidationError("--checkpoint-path is the model that --skip-train tests")
    }
    if let maxMinutes, !(maxMinutes > 0 && maxMinutes < 1e9) {
      throw ValidationError("expected --max-minutes above 0 and below 1e9, got \(maxMinutes)")
    }
    for (name, value, most) in [
      ("steps", steps ?? 1, 1 << 32), ("threads", threads ?? 1, 1024),
      ("rank-timeout", ranks.rankTimeout ?? 1, 1 << 24),
    ] where value > most {
      throw ValidationError("expected --\(name) of at most \(most), got \(value)")
    }
    for (name, value) in [("checkpoint-dir", checkpointDir), ("data", data)] where value == "" {
      throw ValidationError("expected a folder for --\(name), got an empty word")
    }
    let named = [attention, task, config, data, checkpointDir]
    switch (manifest, index) {
    case (nil, nil):
      for (name, value) in [("attention", attention), ("task", task), ("config", config)]
      where value == nil {
        throw ValidationError("Missing expected argument '--\(name) <\(name)>'")
      }
    case (_?, _?):
      if named.contains(where: { $0 != nil }) {
        throw ValidationError(
          "--manifest names attention, task, configuration, data and folder: leave them out")
      }
    default: throw ValidationError("--manifest and --index need each other")
    }
    _ = try changes
  }

  /// The training, as the options or a manifest name it.
  private func entry() throws -> Manifest.Entry {
    if let manifest, let index { return try Manifest.entry(index, of: manifest) }
    return Manifest.Entry(
      attention: attention ?? "", task: task ?? "", config: config ?? "",
      folder: checkpointDir ?? "checkpoints", data: data ?? "datasets",
      ignoresPadding: ignorePadding)
  }

  /// The changes of the configuration.
  private var changes: [(path: String, value: JSON)] {
    get throws {
      var all = try set.map { text -> (path: String, value: JSON) in
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
          throw ValidationError("expected --set path=value, got '\(text)'")
        }
        return (parts[0], (try? JSON(parsing: parts[1])) ?? .string(parts[1]))
      }
      if let seed { all.append(("training:seed", .integer(seed))) }
      return all
    }
  }

  /// Reads the configuration.
  private func arenaConfig(_ entry: Manifest.Entry, _ task: ArenaTask, _ kit: Kit) throws
    -> ArenaConfig
  {
    let json = try readJSON(entry.config)
    let changes = try entry.overrides.map { (path: $0.key, value: $0.value) } + changes
    func read(_ changes: [(path: String, value: JSON)]) throws -> ArenaConfig {
      do {
        return try ArenaConfig(
          json, task: task, attention: entry.attention, in: kit.registry, changes: changes)
      } catch { throw CommandFailure.about(entry.config, error) }
    }
    let own = try read(changes)
    guard let steps else { return own }
    let (warmup, all) = (own.training.warmup, own.training.numTrainSteps)
    return try read(
      changes + [
        ("training:num_train_steps", .integer(steps)),
        ("training:warmup", .integer(warmup * steps / all)),
      ])
  }

  func run() async throws {
    // A signal that comes before the first step stops the training there.
    StopSignal.listen()
    let session = Session.current
    let kit = try Session.usableKit()
    let entry = try entry()
    let task = try ArenaTask.named(entry.task)
    let config = try arenaConfig(entry, task, kit)
    let splits = try ArenaSplits(task, inFolder: entry.data)
    let job = ClusterJob(ProcessInfo.processInfo.environment)
    var options = Trainer.Options()
    options.ignoresPadding = ignorePadding || entry.ignoresPadding
    options.patience = earlyStop
    options.limit = maxMinutes.map { .seconds($0 * 60) }
    options.revision = await revision(of: kit.root)
    options.memory = StepMemory.free
    let role = try ProcessRole.current(worldSize: ranks.worldSize)
    var group: ProcessGroup?
    if case .rank(let place) = role { group = try ranks.join(place) }
    let isFirst = group.map { $0.rank == 0 } ?? true
    if let threads = threads ?? job?.threads { Runtime.threads = threads }
    let show = TrainingProgress(session.console, isQuiet: quiet, isFirst: isFirst)
    let run = ArenaRun(in: entry.folder, task: task, attention: entry.attention)
    let trainer: Trainer
    do {
      trainer = try Trainer(
        config, run: run, data: splits, in: kit.registry, options: options, group: group,
        note: { show.note($0) })
    } catch let error as PartError { throw CommandFailure.about(entry.config, error) }
    if case .launcher(let size) = role {
      // What is wrong with the configuration has been reported once by now, and not by every rank.
      if let signal = StopSignal.received {
        throw CommandFailure(
          .stopped,
          "stopped by \(StopSignal.name(signal)) before the first step; the same command "
            + "goes on")
      }
      return try await RankOptions.launch(size)
    }
    for text in config.notes { show.note(text) }
    if let checkpointPath {
      let summary = try trainer.test(checkpointPath)
      return isFirst ? session.console.print(try summary.text(.pretty)) : ()
    }
    let outcome = try trainer.train { show($0) }
    show.finish()
    switch outcome {
    case .finished(let summary):
      if isFirst { session.console.print(try summary.text(.pretty)) }
    case .stopped(let step, let reason):
      let text = "stopped by \(reason) after step \(step) of \(config.training.numTrainSteps)"
      var rest = "the same command goes on"
      if let manifest, let job {
        let timeouts = try Manifest(reading: manifest).timeouts
        switch try await job.requeue(run, step: step, timeouts: timeouts) {
        case .requeued: rest = "job \(job.name) is requeued"
        case .stays(let reason): rest = reason
        }
      }
      guard isFirst else { throw CommandFailure(silently: .stopped) }
      throw CommandFailure(.stopped, "\(text); \(rest)")
    }
  }

}

/// The revision of the sources in a folder, with `-dirty` if they differ from it; `unknown` without
/// version control.
func revision(of folder: URL) async -> String {
  let git = ChildProcess(
    "git", ["describe", "--always", "--exclude=*", "--dirty", "--abbrev=40"], folder: folder)
  guard let done = try? await git.collect(within: .seconds(10)), done.ending == .exited(0) else {
    return "unknown"
  }
  return done.output.trimmingCharacters(in: .whitespacesAndNewlines)
}

/// Shows how far a training is: on a terminal in a line that is written over, elsewhere in a line for
/// each evaluation.
private final class TrainingProgress {
  private let console: Console
  private let isQuiet: Bool
  private let isFirst: Bool
  private var lastShown: ContinuousClock.Instant?

  init(_ console: Console, isQuiet: Bool, isFirst: Bool) {
    self.console = console
    self.isQuiet = isQuiet || !isFirst
    self.isFirst = isFirst
  }

  func callAsFunction(_ progress: Trainer.Progress) {
    guard !isQuiet else { return }
    let isEvaluation = progress.split == .dev
    let now = ContinuousClock.now
    let isRecent = lastShown.map { now - $0 < .milliseconds(200) } ?? false
    guard isEvaluation || console.isTerminal && !isRecent else { return }
    lastShown = now
    let line = String(
      format: "step %d/%d, %@ loss %.4f, accuracy %.4f, %.2f steps/s, %@ left", progress.step,
      progress.steps, progress.split.rawValue, progress.loss, progress.accuracy,
      progress.stepsPerSecond, time(progress.secondsLeft))
    console.errors(clear + line + (isEvaluation || !console.isTerminal ? "\n" : ""))
  }

  /// Shows what may change a result, even if no progress is shown.
  func note(_ text: String) { if isFirst { console.errors((isQuiet ? "" : clear) + text + "\n") } }

  func finish() { if !isQuiet { console.errors(clear) } }

  private var clear: String { console.isTerminal ? "\r\u{1B}[K" : "" }

  private func time(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "?" }
    let total = Int(seconds.rounded())
    return total < 3600
      ? String(format: "%d:%02d", total / 60, total % 60)
      : String(format: "%d h %02d min", total / 3600, total / 60 % 60)
  }
}
