internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// LOC3: a window of one token gives the value itself, or 0 where a mask hides it.
  ///
  /// Rejects `windowPlusOne`, which sets the budget, in a share of 0.6 of trials.
  static let windowOne = Law(
    .windowOne, trials: 16, witness: "windowPlusOne",
    dtypes: [.float64, .float32, .bfloat16, .float16],
    needs: [.definition("local"), .notCausal]
  ) { setting, trial in
    let part = try setting.part(defining: OptionChange(LocalWindow.option, 1))
    let call = try AttentionCall(setting, part)
    let visibility = try Visibility(call)
    let hidden = (0..<visibility.items).flatMap { n in
      (0..<visibility.queries).map { !visibility[n, $0, $0] }
    }
    let value = try call.value
    let mask = try Tensor(hidden, shape: value.shape.dropLast() + [1])
    try trial.equal(
      part.run(call.tensors), value.filled(0, where: mask), .bits, label: "the value itself")
  }
}
