internal import Catalogue
public import JSON
public import Parts
internal import Support

/// Trainings of attentions on tasks that are handed to a cluster together.
public struct Submission: Sendable {
  /// The scripts, one for each job.
  public let scripts: [JobScript]
  /// What is left out, and why.
  public let notes: [String]
  /// The trainings of the scripts, with their indices.
  public let trainings: [(index: Int, entry: Manifest.Entry)]
  private let folder: String
  private let manifest: Manifest
  private let config: (name: String, text: String)

  /// The attentions by the tasks that are wanted; nil for all that there are.
  public struct Wanted: Sendable {
    /// The names of attentions.
    public var attentions: [String]?
    /// The names of tasks.
    public var tasks: [String]?

    /// Takes what is named, or all that there are.
    public init(attentions: [String]? = nil, tasks: [String]? = nil) {
      self.attentions = attentions
      self.tasks = tasks
    }
  }

  /// Plans the trainings of a folder, without writing anything.
  ///
  /// Trainings that are finished, or that a job works on or waits for, are left out. So are tasks and
  /// attentions that were not named and do not fit the configuration.
  ///
  /// - Parameters:
  ///   - config: the content of the configuration.
  ///   - folder: where everything is written, an absolute path.
  ///   - data: the folder of the data, an absolute path.
  ///   - program: the `zoo` program, an absolute path.
  /// - Throws: ``ArenaError`` or `PartError` for names, paths or values that are wrong.
  public init(
    _ wanted: Wanted, config: JSON, grid: Sweep = .unchanged, folder: String, data: String,
    program: String, resources: JobScript.Resources, timeouts: Int, ignoresPadding: Bool = false,
    in registry: Registry = .zoo, slurm: Slurm = .installed
  ) async throws {
    self.folder = folder
    let text = try config.text(.pretty) + "\n"
    // A copy, since the file may change before the last job starts.
    self.config = ("config-\(fingerprint(Array(try config.text(.canonical).utf8))).json", text)
    var manifest = try Manifest(inFolder: folder)
    manifest.timeouts = timeouts
    var notes: [String] = []
    var indices: [Int] = []
    let present = try ArenaConfig.tasks(in: config)
    let tasks = try wanted.tasks.map { try $0.map(ArenaTask.named) } ?? ArenaTask.all
    let attentions = wanted.attentions ?? registry.entries(.attention).map(\.name)
    var absent: [String] = []
    for task in tasks {
      if wanted.tasks == nil, !present.contains(task) {
        absent.append(task.name)
        continue
      }
      var unfit: [(attention: String, problem: any Error)] = []
      for attention in attentions {
        do {
          for point in grid.points {
            let config = try grid.config(
              config, point, task: task, attention: attention, in: registry)
            guard try ignoresPadding || config.hidesPadding(in: registry) else {
              throw ArenaError(
                "\(attention) cannot hide padding, which \(task.name) has, unless --ignore-padding "
                  + "lets it")
            }
          }
        } catch  where wanted.attentions == nil && (error is PartError || error is ArenaError) {
          unfit.append((attention, error))
          continue
        }
        for point in grid.points {
          let tag = point.tag.map { "/\($0)" } ?? ""
          indices.append(
            try manifest.add(
              Manifest.Entry(
                attention: attention, task: task.name, config: self.config.name,
                overrides: point.overrides, folder: "\(attention)/\(task.name)\(tag)", data: data,
                ignoresPadding: ignoresPadding)))
        }
      }
      // What every attention complains about is wrong with the configuration.
      if unfit.count == attentions.count, let problem = unfit.first?.problem { throw problem }
      notes += unfit.map { "\($0.attention) on \(task.name) is left out: \($0.problem)" }
    }
    if !absent.isEmpty {
      notes.append(
        "tasks without a section in the configuration are left out: "
          + absent.joined(separator: ", "))
    }
    self.manifest = manifest
    let old = try Manifest(inFolder: folder).entries.count
    let known = indices.filter { $0 < old }
    if !known.isEmpty {
      for (index, status) in zip(
        known, try await RunStatus.all(in: folder, lines: 0, indices: known, slurm: slurm))
      where status.isTaken {
        notes.append(
          "\(status.entry.folder) is left out: it is \(status.state.rawValue)")
        indices.removeAll { $0 == index }
      }
    }
    self.notes = notes
    trainings = indices.map { ($0, manifest.entries[$0]) }
    scripts = try JobScript.all(for: indices, resources, folder: folder, program: program)
  }

  /// What is missing of the data of the trainings, and how to make it.
  public var missingData: [String] {
    get throws {
      var seen: Set<String> = []
      return try trainings.compactMap {
        try ArenaData.missing(.named($0.entry.task), in: $0.entry.data)
      }.filter { seen.insert($0).inserted }
    }
  }

  /// Writes manifest, configuration and scripts, and hands the scripts to SLURM.
  ///
  /// - Returns: the numbers of the jobs, and how many trainings each has.
  /// - Throws: ``ArenaError`` for what SLURM refuses, `FileError`.
  public func submit(to slurm: Slurm = .installed) async throws -> [(job: String, trainings: Int)] {
    guard try await slurm.call("sbatch", ["--version"]) != nil else {
      throw ArenaError(
        "there is no sbatch in PATH: submit where SLURM is, or print the script with --dry-run")
    }
    try manifest.write(toFolder: folder)
    try writeFile("\(folder)/\(config.name)", config.text)
    // SLURM makes no folders for its logs.
    try makeFolder("\(folder)/logs")
    var jobs: [(job: String, trainings: Int)] = []
    for script in scripts {
      let file = "\(folder)/\(script.name)"
      try writeFile(file, script.text)
      let id = try await slurm.submit(file)
      try AppendedFile(JobList.file(in: folder)).append(line: JobList.line(id, script))
      jobs.append((id, script.array.count))
    }
    return jobs
  }
}

extension RunStatus {
  /// Whether another job would be in the way, or for nothing.
  fileprivate var isTaken: Bool {
    switch state {
    case .finished, .running: true
    case .pending: job != nil
    case .failed, .stopped: false
    }
  }
}

extension ArenaConfig {
  /// Whether the attention takes padding for nothing, if the task has any.
  func hidesPadding(in registry: Registry) throws -> Bool {
    let entry = try registry.entry(.multihead, attention)
    return try !task.hasPadding
      || (stacks.array ?? []).allSatisfy { stack in
        let claims = try entry.claims(for: stack["multi_head_config"] ?? [:], in: registry)
        return claims.masks.contains(.keyPadding)
      }
  }
}
