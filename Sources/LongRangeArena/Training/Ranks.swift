internal import Torch

/// The processes that train one model together, and all that they tell each other.
///
/// A process alone has nothing to tell.
struct Ranks {
  /// The number of this process.
  var rank = 0
  /// The number of processes.
  var size = 1

  /// Puts the sums over all processes in the place of tensors.
  func sum(_ tensors: [Tensor]) throws {}

  /// The sums over all processes.
  func sum(_ sums: OptimizerStep.Sums) throws -> OptimizerStep.Sums { sums }

  /// The largest value of any process, by which all agree when to stop.
  func maximum(_ value: Int) throws -> Int { value }
}
