import Foundation
import Testing
import Torch

/// Ranks as threads of this process: to libtorch, that is the same as processes.
@Suite struct `a process group` {
  /// Runs a body as each rank of a group that meets in a new file.
  ///
  /// - Parameter joining: the ranks that join.
  private func ranks(
    _ size: Int, joining: Range<Int>? = nil, timeout: Duration = .seconds(30),
    meeting: ProcessGroup.Meeting? = nil,
    _ body: @escaping @Sendable (ProcessGroup) throws -> String
  ) async -> [Result<String, TorchError>] {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: file) }
    return await withTaskGroup(of: (Int, Result<String, TorchError>).self) { tasks in
      for rank in joining ?? 0..<size {
        tasks.addTask {
          await withCheckedContinuation { done in
            Thread {
              let result = Result { () throws in
                try body(
                  ProcessGroup(
                    rank: rank, size: size, meeting: meeting ?? .file(file), timeout: timeout))
              }
              done.resume(
                returning: (
                  rank,
                  result.mapError {
                    $0 as? TorchError ?? TorchError(operation: "body", message: "\($0)")
                  }
                ))
            }.start()
          }
        }
      }
      var results: [Int: Result<String, TorchError>] = [:]
      for await (rank, result) in tasks { results[rank] = result }
      return results.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  private func errors(_ results: [Result<String, TorchError>]) -> [String] {
    results.compactMap { if case .failure(let error) = $0 { "\(error)" } else { nil } }
  }

  @Test func `sums, maxima, broadcasts and texts reach every rank`() async throws {
    let results = await ranks(3) { group in
      let wide = try Tensor([1.5, Double(group.rank)], shape: [2])
      let count = try Tensor([group.rank], shape: [])
      let half = try Tensor([0.5, 256], shape: [2], dtype: .bfloat16)
      let large = try Tensor.full([3 << 18], Double(group.rank))
      try group.sum([wide, count, half, large])
      let copied = try Tensor([Double(group.rank), 7], shape: [2])
      try group.broadcast([copied], from: 2)
      try group.barrier()
      let texts = try group.gather(["", "à", "text of rank two"][group.rank])
      let empty = try group.gather("")
      return try "\(wide.doubles()) \(count.integers()) \(half.doubles()) \(large.doubles().last!) "
        + "\(copied.doubles()) \(texts) \(empty) \(group.maximum(-group.rank))"
    }
    let expected =
      "[4.5, 3.0] [3] [1.5, 768.0] 3.0 [2.0, 7.0] "
      + #"["", "à", "text of rank two"] ["", "", ""] 0"#
    #expect(results.map { try? $0.get() } == [expected, expected, expected])
  }

  @Test func `a port is served on the given address only`() async throws {
    // Nobody else listens on a port that the system has just given.
    let port = try #require(freePort())
    let results = await ranks(2, meeting: .server(host: "localhost", port: port)) { group in
      try group.barrier()
      // The kernel's table may lack a row while others change.
      for _ in 0..<50 {
        let found = try listeners(port: port)
        if !found.isEmpty { return found.joined(separator: " ") }
      }
      return "none"
    }
    for result in results {
      let address = try result.get()
      #expect(["0100007F", "00000000000000000000000001000000"].contains(address), "\(address)")
    }
  }

  @Test func `a lost rank is an error that names rank and operation`() async throws {
    let results = await ranks(3) { group in
      try group.barrier()
      // The group is left, as if the process had ended.
      if group.rank == 2 { return "left" }
      try group.sum([Tensor.zeros([1 << 18])])
      return "summed"
    }
    let lines = errors(results)
    #expect(lines.count == 2)
    for (rank, line) in lines.enumerated() {
      // Closed or reset.
      #expect(line.hasPrefix("rank \(rank) of 3, sum: ") && line.contains(" by peer"), "\(line)")
      #expect(!line.contains("\n") && !line.contains(".cc"), "\(line)")
    }
  }

  @Test func `a rank that does not answer in time is an error`() async throws {
    let results = await ranks(3, timeout: .milliseconds(500)) { group in
      if group.rank == 1 {
        Thread.sleep(forTimeInterval: 1.5)
        return "slept"
      }
      let start = ContinuousClock.now
      defer { #expect(ContinuousClock.now - start < .seconds(60)) }
      try group.barrier()
      return "passed"
    }
    let lines = errors(results)
    try #require(lines.count == 2)
    #expect(lines[0].hasPrefix("rank 0 of 3, barrier: ") && lines[0].contains("rank"), "\(lines)")
  }

  @Test func `a rank that never joins is an error`() async throws {
    let timeout = Duration.milliseconds(200)
    let inFile = await ranks(2, joining: 0..<1, timeout: timeout) { _ in "joined" }
    #expect(errors(inFile).first?.hasPrefix("rank 0 of 2, joining: ") == true, "\(inFile)")
    let port = try #require(freePort())
    for rank in 0..<2 {
      let meeting = ProcessGroup.Meeting.server(host: "127.0.0.1", port: port)
      let lines = errors(
        await ranks(2, joining: rank..<rank + 1, timeout: timeout, meeting: meeting) { _ in ""
        })
      #expect(lines.first?.hasPrefix("rank \(rank) of 2, joining: ") == true, "\(lines)")
    }
  }

  @Test func `wrong places and tensors are refused`() async throws {
    let wrong = #expect(throws: TorchError.self) {
      try ProcessGroup(rank: 2, size: 2, meeting: .file("/dev/null"))
    }
    #expect("\(try #require(wrong))".contains("rank below 2"))
    let unknown = #expect(throws: TorchError.self) {
      try ProcessGroup(rank: 0, size: 1, meeting: .server(host: "no.such.invalid", port: 1))
    }
    #expect("\(try #require(unknown))".contains("the host no.such.invalid is unknown"))
    let results = await ranks(1) { group in
      try group.sum([Tensor.zeros([2, 3]).transposed(0, 1)])
      return ""
    }
    #expect(errors(results).first?.contains("expected contiguous tensors") == true, "\(results)")
  }
}

/// A port that was free a moment ago.
private func freePort() -> Int? {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isBound = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
    }
  }
  return isBound ? Int(UInt16(bigEndian: address.sin_port)) : nil
}

/// The addresses on which somebody listens at a port, as the kernel writes them.
private func listeners(port: Int) throws -> [String] {
  let place = ":" + String(port, radix: 16, uppercase: true)
  var addresses: [String] = []
  for name in ["tcp", "tcp6"] {
    let table = try String(contentsOfFile: "/proc/net/\(name)", encoding: .utf8)
    for line in table.split(separator: "\n") {
      // Number, own address, other address and state, which is 0A for listening.
      let words = line.split(separator: " ").map(String.init)
      if words[1].hasSuffix(place), words[3] == "0A" {
        addresses.append(String(words[1].dropLast(place.count)))
      }
    }
  }
  return addresses
}
