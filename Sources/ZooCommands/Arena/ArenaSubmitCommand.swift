internal import ArgumentParser
internal import Conformance
internal import Foundation
internal import LongRangeArena
internal import Parts
internal import Reporting

/// Hands trainings to SLURM.
struct ArenaSubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Train attentions on tasks as an array of SLURM jobs.",
    discussion: """
      Each attention and task has the folder ATTENTION/TASK under the checkpoint path. Submitting \
      again adds what is not there yet and starts what has failed or stopped; finished and waiting \
      trainings are left alone. A job saves before its time is over, or when it must give way, and \
      starts again by itself.
      """)

  @Option(
    name: [.customShort("c"), .customLong("config"), .customLong("config-path")],
    help: ArgumentHelp("The configuration, a JSON file.", valueName: "file"))
  var configPath: String
  @OptionGroup var folder: BatchFolder
  @Option(
    name: [.short, .long, .customLong("attention")], parsing: .upToNextOption,
    help: "Names of attentions; every registered one if not given.")
  var attentions: [String] = []
  @Option(
    name: [.short, .long, .customLong("task")], parsing: .upToNextOption,
    help: "Names of tasks; every one with a section in the configuration if not given.")
  var tasks: [String] = []
  @Option(
    help: ArgumentHelp(
      "A JSON file with lists of values to try, such as {\"training:seed\": [1, 2]}.",
      valueName: "file"))
  var grid: String?
  @Option(help: ArgumentHelp("The folder of the files TASK.SPLIT.arena.", valueName: "folder"))
  var data = "datasets"
  @Option(help: "The partition; the cluster's default if not given.") var partition: String?
  @Option(help: "The number of nodes of a training.") var nodes = JobScript.Resources().nodes
  @Option(help: "The number of processes on each node.")
  var tasksPerNode = JobScript.Resources().tasksPerNode
  @Option(help: .hidden) var ngpus: Int?
  @Option(help: "The number of processors of a process.")
  var cpusPerTask = JobScript.Resources().cpusPerTask
  @Option(help: "The time of a job, in minutes.") var timeout = JobScript.Resources().timeout
  @Option(help: "How many times a training that runs out of time starts again.") var timeouts = 30
  @Option(help: "The most trainings at a time.") var arrayLimit: Int?
  @Option(help: "What the accounting shows beside the jobs.") var comment: String?
  @Option(help: "The signal before a job's time is over.")
  var signal = JobScript.Resources().signal
  @Option(help: "How long before the end the signal comes, in seconds.")
  var margin = JobScript.Resources().margin
  @Option(
    name: .customLong("sbatch"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("One more option for sbatch, such as --account=vision.", valueName: "option")
  )
  var options: [String] = []
  @Flag(
    name: both("ignore-padding"),
    help: "Let an attention that cannot hide padding take it for words.")
  var ignorePadding = false
  @Flag(help: "Print the trainings and the scripts, and write nothing.") var dryRun = false

  func validate() throws {
    for (name, value, least) in [
      ("nodes", nodes, 1), ("tasks-per-node", tasksPerNode, 1),
      ("cpus-per-task", cpusPerTask, 1), ("timeout", timeout, 1), ("timeouts", timeouts, 0),
      ("array-limit", arrayLimit ?? 1, 1), ("margin", margin, 0),
    ] where value < least || value > 1 << 24 {
      throw ValidationError("--\(name) is \(value), expected \(least) to \(1 << 24)")
    }
    if !["USR1", "USR2", "TERM", "INT"].contains(signal) {
      throw ValidationError("--signal is \(signal), expected USR1, USR2, TERM or INT")
    }
  }

  func run() async throws {
    let session = Session.current
    if ngpus != nil {
      throw CommandFailure(
        "--ngpus would reserve graphics processors, which this build cannot use: give "
          + "--tasks-per-node for the number of processes on each node")
    }
    guard let program = session.executable else {
      throw CommandFailure("this program cannot be started by a job")
    }
    let submission: Submission
    do {
      submission = try await Submission(
        Submission.Wanted(
          attentions: attentions.isEmpty ? nil : attentions, tasks: tasks.isEmpty ? nil : tasks),
        config: readJSON(configPath), grid: grid.map(Sweep.init(reading:)) ?? .unchanged,
        folder: folder.path, data: absolute(data), program: program.path, resources: resources,
        timeouts: timeouts, ignoresPadding: ignorePadding, in: Session.usableKit().registry)
    } catch let error as PartError { throw CommandFailure.about(configPath, error) }
    for note in try submission.notes + submission.missingData { session.console.note(note) }
    guard !submission.scripts.isEmpty else {
      throw CommandFailure(.nothingSelected, "there is nothing to train")
    }
    if dryRun {
      for (index, entry) in submission.trainings {
        session.console.note(
          "training \(index): \(entry.attention) on \(entry.task), \(entry.folder)")
      }
      return session.console.print(submission.scripts.map(\.text).joined(separator: "\n"))
    }
    for (job, trainings) in try await submission.submit() {
      session.console.print("job \(job): \(trainings) training\(trainings == 1 ? "" : "s")")
    }
    session.console.note(
      "logs are in \(folder.path)/logs; \(session.toolName) lra status -ck shows how far they are")
  }

  private var resources: JobScript.Resources {
    var resources = JobScript.Resources()
    (resources.partition, resources.nodes, resources.comment) = (partition, nodes, comment)
    (resources.tasksPerNode, resources.cpusPerTask) = (tasksPerNode, cpusPerTask)
    resources.timeout = timeout
    (resources.arrayLimit, resources.options) = (arrayLimit, options)
    (resources.signal, resources.margin) = (signal, margin)
    return resources
  }
}

/// The folder of trainings that were submitted together.
struct BatchFolder: ParsableArguments {
  @Option(
    name: [
      .customLong("ck", withSingleDash: true), .customLong("checkpoint-path"),
      .customLong("checkpoint_path"), .customLong("checkpoint-dir"), .customLong("checkpoint_dir"),
    ],
    help: ArgumentHelp("The folder of all trainings.", valueName: "folder"))
  var checkpointPath: String

  /// The absolute path.
  var path: String { absolute(checkpointPath) }
}

private func absolute(_ path: String) -> String {
  URL(fileURLWithPath: path).standardizedFileURL.path
}
