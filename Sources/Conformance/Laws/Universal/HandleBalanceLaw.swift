internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U26: forward and backward passes leave no memory behind.
  ///
  /// A draw that replaces another may take a few bytes more or less, so many calls are measured.
  static let handleBalance = Law(
    .handleBalance, trials: 16, witness: "hiddenKept"
  ) { setting, trial in
    let part = try setting.part()
    var inputs = try setting.inputs()
    for (name, tensor) in inputs where tensor.dtype.isFloating && !name.hasSuffix("_mask") {
      inputs[name] = try tensor.requireGrad()
    }
    let leaves =
      inputs.filter(\.value.requiresGrad).sorted { $0.key < $1.key }.map(\.value)
      + part.parameters.map(\.value)
    func run() throws {
      let output = try part.run(inputs)
      trial.observe(output: try XXH3.hash64(output.detached().bytes()))
      guard output.requiresGrad else { return }
      _ = try output.gradients(of: leaves, cotangent: Tensor.ones(output.shape, output.dtype))
    }
    for mode in ["evaluation", "training"] {
      if mode == "training" { part.train() }
      // The first call may keep something for the next.
      try run()
      let before = Runtime.liveBytes
      let calls = 8
      for _ in 0..<calls { try run() }
      let kept = Runtime.liveBytes - before
      trial.expect(
        kept < calls * Threshold.smallestBlock, label: mode,
        "\(mode): \(calls) more calls leave \(kept) bytes of tensors behind")
    }
  }
}
