import Foundation
import Testing
import Torch

@testable import LongRangeArena

/// Ranks as threads of this process.
@Suite struct `a group that trains` {
  /// The share of some of 6 examples in the gradients of a mean of squares, without that of a parameter
  /// on which nothing depends.
  private static func gradients(_ examples: Range<Int>, _ group: ProcessGroup? = nil) throws
    -> [[Double]]
  {
    let generator = Generator(seed: 5)
    let weight = try Tensor.normal([3, 2], generator: generator).requireGrad()
    let bias = try Tensor.normal([2], .float64, generator: generator).requireGrad()
    let unused = try Tensor.normal([4], generator: generator).requireGrad()
    let half = try Tensor([0.5], shape: [1], dtype: .bfloat16).requireGrad()
    let inputs = try Tensor.normal([6, 3], generator: generator).slice(0, examples)
    if !examples.isEmpty {
      let outputs = try inputs.matmul(weight).to(.float64) + bias + half.to(.float64)
      try (outputs * outputs).sum().backward(
        Tensor([1 / 6], shape: [], dtype: .float64))
    }
    let parameters = [weight, unused, bias, half]
    try group?.sum(gradientsOf: parameters)
    return try parameters.compactMap { try $0.grad?.doubles() }
  }

  @Test(arguments: [[0, 6], [0, 3, 6], [0, 5, 6], [0, 6, 6], [0, 1, 3, 6]])
  func `has the gradient of all examples, however they are shared out`(bounds: [Int]) async throws {
    let alone = try Self.gradients(0..<6)
    let together = try await ranks(bounds.count - 1) { group in
      try Self.gradients(bounds[group.rank]..<bounds[group.rank + 1], group)
    }
    #expect(alone.count == 3)
    for gradients in together {
      #expect(gradients.map(\.count) == alone.map(\.count))
      let errors = zip(gradients.dropLast().joined(), alone.dropLast().joined())
        .map { abs($0 - $1) / (1 + abs($1)) }
      #expect(errors.max() ?? 1 <= 1e-6)
      // Each rank rounds its own gradient of a parameter of half precision, and the sum is rounded.
      let (mine, expected) = (gradients[2][0], alone[2][0])
      #expect(abs(mine - expected) <= 4 * DType.bfloat16.unitRoundoff * (1 + abs(expected)))
    }
  }

  @Test func `begins with the state of rank 0`() async throws {
    let states = try await ranks(3) { group in
      let module = try Linear(4, 3, generator: Generator(seed: UInt64(group.rank)))
      try group.share(module.parameters.map(\.value))
      return try module.parameters.flatMap { try $0.value.doubles() }
    }
    let module = try Linear(4, 3, generator: Generator(seed: 0))
    let own = try module.parameters.flatMap { try $0.value.doubles() }
    #expect(states == [own, own, own])
  }

  @Test func `shows what differs`() async throws {
    let errors = try await ranks(3) { group in
      let ranks = Ranks(group)
      try ranks.meet(agreeingOn: ["the configuration": "same"])
      do {
        try ranks.meet(agreeingOn: ["the data": "d", "the hash": group.rank == 2 ? "b1" : "a0"])
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(Set(errors) == ["the hash differs: a0 on rank 0, but b1 on rank 2"])
  }
}

/// What a body returns on each rank of a group, whose ranks are threads.
func ranks<Value: Sendable>(
  _ size: Int, timeout: Duration = .seconds(30),
  _ body: @escaping @Sendable (ProcessGroup) throws -> Value
) async throws -> [Value] {
  let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
  defer { try? FileManager.default.removeItem(atPath: file) }
  return try await withThrowingTaskGroup(of: (Int, Value).self) { tasks in
    for rank in 0..<size {
      tasks.addTask {
        try await withCheckedThrowingContinuation { done in
          Thread {
            done.resume(
              with: Result {
                let group = try ProcessGroup(
                  rank: rank, size: size, meeting: .file(file), timeout: timeout)
                return (rank, try body(group))
              })
          }.start()
        }
      }
    }
    return try await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }.sorted { $0.key < $1.key }
      .map(\.value)
  }
}
