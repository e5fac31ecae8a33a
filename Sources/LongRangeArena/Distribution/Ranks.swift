internal import Torch

/// The processes that train one model together, and all that they tell each other.
///
/// A process alone has nothing to tell.
struct Ranks {
  private let group: ProcessGroup?

  /// The ranks of a group; nil for a process alone.
  init(_ group: ProcessGroup? = nil) { self.group = group }

  /// The number of this process.
  var rank: Int { group?.rank ?? 0 }
  /// The number of processes.
  var size: Int { group?.size ?? 1 }
  /// Whether this process writes what a training leaves.
  var isFirst: Bool { rank == 0 }

  /// Replaces the gradients of parameters by their sums over all processes.
  func sum(gradientsOf parameters: [Tensor]) throws {
    try exchange { try $0.sum(gradientsOf: parameters) }
  }

  /// The sums over all processes.
  func sum(_ sums: OptimizerStep.Sums) throws -> OptimizerStep.Sums {
    try exchange {
      let all = try $0.sum([sums.loss, sums.correct, sums.count])
      return OptimizerStep.Sums(loss: all[0], correct: all[1], count: all[2])
    } ?? sums
  }

  /// The largest value of any process, by which all agree when to stop.
  func maximum(_ value: Int) throws -> Int { try exchange { try $0.maximum(value) } ?? value }

  /// The text of the first process.
  func first(_ text: String) throws -> String {
    try exchange { try $0.gather(isFirst ? text : "")[0] } ?? text
  }

  /// Replaces the elements of tensors by those of the first process.
  func share(_ tensors: [Tensor]) throws { try exchange { try $0.share(tensors) } }

  /// Waits for all processes, and refuses those that differ in something.
  func meet(agreeingOn facts: KeyValuePairs<String, String> = [:]) throws {
    try exchange { try $0.barrier() }
    for (name, value) in facts {
      guard let values = try exchange({ try $0.gather(value) }) else { return }
      if let other = values.firstIndex(where: { $0 != values[0] }) {
        throw ArenaError(
          "\(name) differs: \(values[0]) on rank 0, but \(values[other]) on rank \(other)")
      }
    }
  }

  private func exchange<Value>(_ body: (ProcessGroup) throws -> Value) throws -> Value? {
    do { return try group.map(body) } catch let error as TorchError { throw LostRank("\(error)") }
  }
}

/// A rank that ended or did not answer, so that the others must stop.
public struct LostRank: Error, CustomStringConvertible, Sendable {
  /// What happened on this rank, and when.
  public let description: String

  init(_ description: String) { self.description = description }
}
