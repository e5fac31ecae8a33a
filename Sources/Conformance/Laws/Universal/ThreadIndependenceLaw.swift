internal import Catalogue
internal import Dispatch
internal import Foundation
internal import Parts
internal import Properties
internal import Synchronization
internal import Torch

extension Law {
  /// U25: calls in evaluation on four threads at once give the bits that they give one after another.
  static let threadIndependence = Law(
    .threadIndependence, trials: 24, witness: "hiddenShared"
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let calls = try [1, -1, 0.5, 2].map { factor in
      var call = inputs
      for (name, tensor) in inputs where tensor.dtype.isFloating && !name.hasSuffix("_mask") {
        call[name] = try tensor * factor
      }
      return call
    }
    let expected = try calls.map { try withoutGrad { [call = $0] in try part.run(call) } }
    nonisolated(unsafe) let shared = part
    let outcomes = Mutex<[(index: Int, result: Result<Tensor, any Error>)]>([])
    let ready = Atomic(0)
    let group = DispatchGroup()
    for index in calls.indices {
      group.enter()
      Thread.detachNewThread {
        for round in 1...6 {
          // All start at once, so that each meets the others.
          ready.add(1, ordering: .relaxed)
          while ready.load(ordering: .relaxed) < round * calls.count { sched_yield() }
          let result = Result { try withoutGrad { try shared.run(calls[index]) } }
          outcomes.withLock { $0.append((index, result)) }
        }
        group.leave()
      }
    }
    group.wait()
    for (index, result) in outcomes.withLock({ $0 }).sorted(by: { $0.index < $1.index }) {
      try trial.unchanged(result.get(), expected[index], label: "a call among others")
    }
  }
}
