internal import Subprocess

/// The commands of SLURM.
public struct Slurm: Sendable {
  /// What a command answered.
  public struct Answer: Sendable {
    /// Whether it succeeded.
    public var isGood: Bool
    /// What it wrote.
    public var output: String
    /// What it complained about.
    public var errors: String

    /// Makes an answer.
    public init(isGood: Bool = true, output: String = "", errors: String = "") {
      self.isGood = isGood
      self.output = output
      self.errors = errors
    }

    /// The complaint in one line.
    public var complaint: String {
      let lines = errors.split(separator: "\n").map(String.init)
      return lines.isEmpty ? "it failed without a message" : lines.joined(separator: "; ")
    }
  }

  /// Runs a command with arguments; nil if there is no such program.
  public let call: @Sendable (_ program: String, _ arguments: [String]) async throws -> Answer?

  /// Runs other commands, for tests.
  public init(
    _ call: @escaping @Sendable (_ program: String, _ arguments: [String]) async throws -> Answer?
  ) {
    self.call = call
  }

  /// The programs in `PATH`.
  public static let installed = Slurm { program, arguments in
    do {
      let result = try await run(
        .name(program), arguments: Arguments(arguments), output: .string(limit: 64 << 20),
        error: .string(limit: 1 << 20))
      return Answer(
        isGood: result.terminationStatus.isSuccess, output: result.standardOutput,
        errors: result.standardError)
    } catch let error as SubprocessError {
      if error.code == .executableNotFound { return nil }
      throw ArenaError("\(program) cannot be run: \(error)")
    }
  }

  /// Hands a script in and returns the number of its job.
  ///
  /// - Throws: ``ArenaError`` with the complaint of `sbatch`.
  public func submit(_ file: String) async throws -> String {
    let answer =
      try await call("sbatch", ["--parsable", file])
      ?? Answer(isGood: false, errors: "there is no such program")
    // The number is followed by the name of the cluster where there are several.
    guard answer.isGood, let job = answer.output.split(whereSeparator: { ";\n".contains($0) }).first
    else { throw ArenaError("sbatch refused \(file): \(answer.complaint)") }
    return String(job)
  }

  /// The state of each element that is not yet over, such as `RUNNING`, by its name, such as `7_0`;
  /// nil where there is no `squeue`.
  ///
  /// - Throws: ``ArenaError`` if it does not answer.
  public func queue() async throws -> [String: String]? {
    guard
      let answer = try await call("squeue", ["--noheader", "--array", "--me", "--format=%i %T"])
    else { return nil }
    guard answer.isGood else { throw ArenaError("squeue failed: \(answer.complaint)") }
    return Dictionary(
      answer.output.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ").map(String.init)
        return words.count == 2 ? (words[0], words[1]) : nil
      }, uniquingKeysWith: { $1 })
  }

  /// What SLURM knows of an element, such as `JobState`; nil without `scontrol` or if it has forgotten.
  public func job(_ element: String) async throws -> [String: String]? {
    guard let answer = try await call("scontrol", ["--oneliner", "show", "job", element]),
      answer.isGood
    else { return nil }
    let pairs = answer.output.split(whereSeparator: \.isWhitespace).compactMap { word in
      let ends = word.split(separator: "=", maxSplits: 1).map(String.init)
      return ends.count == 2 ? (ends[0], ends[1]) : nil
    }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }
}
