internal import Support

/// A script for `sbatch`: an array of jobs, each of which is a training.
public struct JobScript: Sendable, Equatable {
  /// What is asked of the cluster.
  public struct Resources: Sendable, Equatable {
    /// The queue; the cluster's default if nil.
    public var partition: String?
    /// The number of nodes of a training.
    public var nodes = 1
    /// The number of processes on each node.
    public var tasksPerNode = 1
    /// The number of processors of a process.
    public var cpusPerTask = 10
    /// The time after which a training is stopped, in minutes.
    public var timeout = 2_800
    /// The number of trainings at a time; no limit if nil.
    public var arrayLimit: Int?
    /// What the accounting shows beside the job.
    public var comment: String?
    /// The signal before the end of the time.
    public var signal = "USR2"
    /// How long before the end it is sent, in seconds.
    public var margin = 120
    /// More options of `sbatch`.
    public var options: [String] = []

    /// The defaults of the original.
    public init() {}
  }

  /// The most elements of an array in the default configuration of SLURM, whose indices are as high.
  static let elements = 1_000

  /// What is asked of the cluster.
  public let resources: Resources
  /// The index of the entry that element 0 of the array is for.
  public let first: Int
  /// The elements of the array.
  public let array: [Int]
  /// The folder of the manifest.
  public let folder: String
  /// The program, an absolute path.
  public let program: String

  /// The scripts for some entries of a manifest.
  ///
  /// - Parameters:
  ///   - indices: the entries, which need not be neighbours.
  ///   - folder: the folder of the manifest, an absolute path.
  ///   - program: the `zoo` program, an absolute path.
  /// - Throws: ``ArenaError`` for a path or option that a script cannot have.
  public static func all(
    for indices: [Int], _ resources: Resources, folder: String, program: String
  ) throws -> [JobScript] {
    for path in [folder, program] {
      guard !path.contains(where: { $0 == "\"" || $0 == "\\" || $0.isNewline }) else {
        throw ArenaError(
          "SLURM cannot use the path \(path), which has a quote, backslash or newline")
      }
    }
    for text in resources.options + [resources.comment, resources.partition].compactMap({ $0 }) {
      guard !text.contains(where: \.isNewline) else {
        throw ArenaError("an option of sbatch has a newline: `\(text)`")
      }
    }
    let groups = Dictionary(grouping: indices.sorted()) { $0 / elements * elements }
    return groups.sorted { $0.key < $1.key }.map { first, members in
      JobScript(
        resources: resources, first: first, array: members.map { $0 - first }, folder: folder,
        program: program)
    }
  }

  /// The name of its file in the folder of the manifest.
  public var name: String { first == 0 ? "job.sh" : "job-\(first).sh" }

  /// The script.
  public var text: String {
    let limit = resources.arrayLimit.map { "%\($0)" } ?? ""
    let time = resources.timeout
    let options: [String?] = [
      "--job-name=lra",
      resources.partition.map { "--partition=\(quotedForSlurm($0))" },
      "--nodes=\(resources.nodes)",
      "--ntasks-per-node=\(resources.tasksPerNode)",
      "--cpus-per-task=\(resources.cpusPerTask)",
      "--time=\(time)",
      resources.comment.map { "--comment=\(quotedForSlurm($0))" },
      "--array=\(ranges(array, separator: ","))\(limit)",
      "--requeue",
      "--open-mode=append",
      "--signal=\(resources.signal)@\(resources.margin)",
      "--output=\(quotedForSlurm(log("0", "out")))",
      "--error=\(quotedForSlurm(log("0", "err")))",
    ]
    let lines = (options.compactMap { $0 } + resources.options).map { "#SBATCH \($0)" }
    let index = first == 0 ? "$SLURM_ARRAY_TASK_ID" : "$((SLURM_ARRAY_TASK_ID + \(first)))"
    // srun does not take the number of processors from sbatch.
    return """
      #!/bin/bash
      \(lines.joined(separator: "\n"))
      srun --kill-on-bad-exit=1 --unbuffered --cpus-per-task=\(resources.cpusPerTask) \\
        --output=\(quotedForShell(log("%t", "out"))) \\
        --error=\(quotedForShell(log("%t", "err"))) \\
        \(quotedForShell(program)) lra run --manifest \(quotedForShell(Manifest.file(in: folder))) \\
        --index "\(index)"

      """
  }

  /// The log of a process, in the notation of SLURM.
  private func log(_ task: String, _ end: String) -> String {
    let path = "\(folder)/logs/".split(separator: "%", omittingEmptySubsequences: false)
    return path.joined(separator: "%%") + "%A_%a_\(task)_log.\(end)"
  }
}

/// A word for a line of options, which is quoted as little as it can be.
private func quotedForSlurm(_ word: String) -> String {
  guard !isPlain(word) else { return word }
  let escaped = word.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
  return "\"\(escaped)\""
}

/// A word for the shell, which is quoted as little as it can be.
private func quotedForShell(_ word: String) -> String {
  isPlain(word)
    ? word
    : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
}

private func isPlain(_ word: String) -> Bool {
  !word.isEmpty
    && word.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=,:@%".contains($0))
    }
}
