import Testing
import Torch

@testable import LongRangeArena

@Suite struct `the environment of a rank` {
  private func role(_ variables: [String: String], worldSize: Int? = nil) throws -> ProcessRole {
    try RankEnvironment(variables: variables).role(worldSize: worldSize)
  }

  private let common = [
    "RANK": "1", "WORLD_SIZE": "4", "LOCAL_RANK": "0", "MASTER_ADDR": "host", "MASTER_PORT": "4711",
  ]
  private let slurm = [
    "SLURM_PROCID": "2", "SLURM_STEP_NUM_TASKS": "4", "SLURM_LOCALID": "1", "SLURM_STEP_ID": "0",
    "SLURM_JOB_ID": "17", "SLURM_STEP_NODELIST": "node[3-4]", "SLURM_STEP_NUM_NODES": "2",
    "SLURM_CPUS_PER_TASK": "3",
  ]

  @Test func `flags, common variables and SLURM's decide in this order`() throws {
    #expect(try role([:]) == .single)
    #expect(try role([:], worldSize: 1) == .single)
    #expect(try role([:], worldSize: 3) == .launcher(size: 3))
    let place = RankPlace(
      rank: 1, size: 4, localRank: 0, meeting: .server(host: "host", port: 4711), threads: nil)
    #expect(try role(common) == .rank(place))
    #expect(
      try role(common.merging(slurm) { a, _ in a }, worldSize: 4) == .rank(withThreads(place, 3)))
    let port = RankEnvironment.port(of: "17.0")
    #expect(
      try role(slurm)
        == .rank(
          RankPlace(
            rank: 2, size: 4, localRank: 1, meeting: .server(host: "node3", port: port), threads: 3)
        ))
    // A script of a job, or a step of one task, is free to start ranks of its own.
    let script = ["SLURM_PROCID": "0", "SLURM_NTASKS": "4", "SLURM_JOB_ID": "17"]
    #expect(try role(script) == .single)
    #expect(
      try role(["SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"], worldSize: 2)
        == .launcher(size: 2))
    #expect(try role(["RANK": "0", "WORLD_SIZE": "1"], worldSize: 2) == .launcher(size: 2))
  }

  private func withThreads(_ place: RankPlace, _ threads: Int) -> RankPlace {
    RankPlace(
      rank: place.rank, size: place.size, localRank: place.localRank, meeting: place.meeting,
      threads: threads)
  }

  @Test func `SLURM's ranks find a host and a port`() throws {
    func meeting(_ changes: [String: String?]) throws -> ProcessGroup.Meeting? {
      let variables = slurm.merging(changes.compactMapValues { $0 }) { _, new in new }
      guard case .rank(let place) = try role(variables) else { return nil }
      return place.meeting
    }
    let port = RankEnvironment.port(of: "17.0")
    #expect(try meeting(["SLURM_STEP_NUM_NODES": "1"]) == .server(host: "127.0.0.1", port: port))
    #expect(
      try meeting(["MASTER_ADDR": "there", "MASTER_PORT": "80"])
        == .server(host: "there", port: 80))
    let ports = Set((1...500).map { RankEnvironment.port(of: "\($0).0") })
    #expect(ports.count > 490 && ports.allSatisfy { 20_000..<60_000 ~= $0 })
    #expect(
      try meeting(["SLURM_STEP_NUM_NODES": "2", "SLURM_STEP_NODELIST": "r[03,05-07]n[1-2],x"])
        == .server(host: "r03n1", port: port))
  }

  @Test(
    arguments: [
      (nil, ["RANK": "4"], "RANK is `4`, expected an integer from 0 to 3, as WORLD_SIZE is 4"),
      (nil, ["RANK": "first"], "RANK is `first`, expected an integer from 0 to 3"),
      (nil, ["LOCAL_RANK": "-1"], "LOCAL_RANK is `-1`, expected an integer from 0"),
      (nil, ["WORLD_SIZE": "0"], "WORLD_SIZE is `0`, expected an integer from 1"),
      (nil, ["WORLD_SIZE": ""], "WORLD_SIZE is ``, expected an integer"),
      (nil, ["WORLD_SIZE": nil], "RANK is set, but WORLD_SIZE is not"),
      (nil, ["RANK": nil], "WORLD_SIZE is 4, but RANK is not set"),
      (
        nil, ["MASTER_PORT": "70000"], "MASTER_PORT is `70000`, expected an integer from 1 to 65535"
      ),
      (
        nil, ["MASTER_ADDR": nil], "WORLD_SIZE is set, but MASTER_ADDR, where rank 0 serves, is not"
      ),
      (
        nil, ["MASTER_PORT": nil], "WORLD_SIZE is set, but MASTER_PORT, where rank 0 serves, is not"
      ),
      (
        nil, ["ZOO_MEETING": "/none/there/meeting"],
        "ZOO_MEETING is /none/there/meeting, whose folder is gone"
      ),
      (2, [:], "--world-size is 2, but WORLD_SIZE is 4, so this process is one rank of 4"),
      (0, [:], "--world-size is 0, expected at least 1"),
    ] as [(Int?, [String: String?], String)])
  func `impossible values are named`(
    worldSize: Int?, changes: [String: String?], message: String
  ) throws {
    var variables = common
    for (name, value) in changes { variables[name] = value }
    let error = #expect(throws: ArenaError.self) { try role(variables, worldSize: worldSize) }
    #expect(try #require(error).description.hasPrefix(message), "\(error!)")
  }
}
