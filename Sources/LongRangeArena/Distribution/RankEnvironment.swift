internal import Foundation
internal import Support
public import Torch

/// What a process does in a training that takes several.
public enum ProcessRole: Equatable, Sendable {
  /// It trains alone.
  case single
  /// It starts ranks on this machine, and waits for them.
  case launcher(size: Int)
  /// It is one of the ranks.
  case rank(RankPlace)
}

/// The place of a rank in its group.
public struct RankPlace: Equatable, Sendable {
  /// The number of this process, from 0.
  public let rank: Int
  /// The number of processes.
  public let size: Int
  /// The number of this process among those of its machine, from 0.
  public let localRank: Int
  /// Where the group meets.
  public let meeting: ProcessGroup.Meeting
  /// The threads for one operation; nil if libtorch already knows.
  public let threads: Int?

  /// Joins the group.
  ///
  /// - Parameters:
  ///   - interface: the network interface to the other ranks; nil for that of the way to rank 0.
  ///   - timeout: how long to wait for other ranks; 1 minute on one machine, else 10, if nil.
  public func join(interface: String? = nil, timeout: Duration? = nil) throws -> ProcessGroup {
    if let threads { Runtime.threads = threads }
    var isLocal = false
    if case .file(let path) = meeting {
      isLocal = true
      LocalLauncher.endWithLauncher(meeting: path)
    }
    return try ProcessGroup(
      rank: rank, size: size, meeting: meeting, interface: interface,
      timeout: timeout ?? .seconds(isLocal ? 60 : 600))
  }
}

/// Variables of the environment that give a process its rank.
///
/// `RANK` and `WORLD_SIZE`, which most launchers set, come before SLURM's own. `MASTER_ADDR` and
/// `MASTER_PORT` say where rank 0 serves; under SLURM they can be left out.
struct RankEnvironment {
  /// Set for the ranks that ``LocalLauncher`` starts: the file in which they meet.
  static let meetingVariable = "ZOO_MEETING"

  let variables: [String: String]

  /// What this process does.
  ///
  /// - Parameter worldSize: the number of processes that the command line asks for, if it does.
  func role(worldSize: Int?) throws -> ProcessRole {
    if let worldSize, worldSize < 1 {
      throw ArenaError("--world-size is \(worldSize), expected at least 1")
    }
    for names in [Names.common, Names.slurm] {
      guard let place = try place(names), place.size > 1 else { continue }
      if let worldSize, worldSize != place.size {
        throw ArenaError(
          "--world-size is \(worldSize), but \(names.size) is \(place.size), so this process is one "
            + "rank of \(place.size)")
      }
      return .rank(place)
    }
    return worldSize.map { $0 > 1 } == true ? .launcher(size: worldSize ?? 1) : .single
  }

  private struct Names {
    let rank: String
    let size: String
    let localRank: String

    static let common = Self(rank: "RANK", size: "WORLD_SIZE", localRank: "LOCAL_RANK")
    static let slurm = Self(
      rank: "SLURM_PROCID", size: "SLURM_STEP_NUM_TASKS", localRank: "SLURM_LOCALID")
  }

  private func place(_ names: Names) throws -> RankPlace? {
    guard let size = try number(names.size, in: 1...1_000_000) else {
      // SLURM also gives a rank to a job's script, which is no part of a step.
      if names.rank == "RANK", variables[names.rank] != nil {
        throw ArenaError("\(names.rank) is set, but \(names.size) is not")
      }
      return nil
    }
    guard let rank = try number(names.rank, in: 0...size - 1, as: "\(names.size) is \(size)") else {
      if size == 1 { return nil }
      throw ArenaError("\(names.size) is \(size), but \(names.rank) is not set")
    }
    guard size > 1 else { return nil }
    let local = try number(names.localRank, in: 0...size - 1, as: "\(names.size) is \(size)")
    return RankPlace(
      rank: rank, size: size, localRank: local ?? rank, meeting: try meeting(size: names.size),
      threads: variables["OMP_NUM_THREADS"] == nil && variables["SLURM_STEP_ID"] != nil
        ? try number("SLURM_CPUS_PER_TASK", in: 1...100_000) ?? 1 : nil)
  }

  private func meeting(size: String) throws -> ProcessGroup.Meeting {
    if let file = variables[Self.meetingVariable] {
      guard isFolder(folder(of: file)) else {
        throw ArenaError(
          "\(Self.meetingVariable) is \(file), whose folder is gone with the command that started "
            + "ranks there: unset it, and \(size), to train without them")
      }
      return .file(file)
    }
    var host = variables["MASTER_ADDR"]
    if host == nil {
      host =
        variables["SLURM_STEP_NUM_NODES"] == "1"
        ? "127.0.0.1"
        : try variables["SLURM_STEP_NODELIST"].flatMap { try NodeList.expand($0).first }
    }
    let port =
      try number("MASTER_PORT", in: 1...65535)
      ?? variables["SLURM_JOB_ID"].map {
        Self.port(of: "\($0).\(variables["SLURM_STEP_ID"] ?? "")")
      }
    guard let host, let port else {
      throw ArenaError(
        "\(size) is set, but \(host == nil ? "MASTER_ADDR" : "MASTER_PORT"), where rank 0 serves, "
          + "is not")
    }
    return .server(host: host, port: port)
  }

  private func number(
    _ name: String, in range: ClosedRange<Int>, as reason: String? = nil
  ) throws -> Int? {
    guard let text = variables[name] else { return nil }
    guard let value = Int(text), range ~= value else {
      throw ArenaError(
        "\(name) is `\(text)`, expected an integer from \(range.lowerBound) to \(range.upperBound)"
          + (reason.map { ", as \($0)" } ?? ""))
    }
    return value
  }

  /// The port of a step of a job, the same for all of its ranks: 20000 ..< 60000.
  static func port(of step: String) -> Int {
    // FNV-1a: jobs with neighbouring numbers get ports that are far apart.
    let hash = step.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return 20_000 + Int((hash ^ hash >> 32) % 40_000)
  }
}

extension ProcessRole {
  /// What this process does, by its environment.
  ///
  /// - Parameter worldSize: the number of processes that the command line asks for, if it does.
  /// - Throws: ``ArenaError`` that names a variable and its value, if they make no sense.
  public static func current(worldSize: Int?) throws -> ProcessRole {
    try RankEnvironment(variables: ProcessInfo.processInfo.environment).role(worldSize: worldSize)
  }
}
