internal import Catalogue
internal import Foundation
internal import JSON
internal import Parts
internal import Properties
internal import Support
internal import Torch

extension Law {
  /// U22: peak memory of a forward and backward pass grows with the length by at most the claimed
  /// exponent.
  ///
  /// Measured at four lengths, each the accepted length nearest to twice the one before. The first
  /// step is ignored, since costs independent of the length still count there.
  static let memoryScaling = Law(
    .memoryScaling, trials: 16, witness: "localMasked", dtypes: [.float32],
    obstacle: { subject, _ in subject.tooShortToGrow }, deciding: [.linearMemory],
    judging: ["memoryExponent"],
    plan: ScenarioPlan(fills: .small, masks: .none, sameLength: true)
  ) { setting, trial in
    let lengths = setting.scenario.lengths
    var exponent = setting.claims.memoryExponent
    trial.expect(exponent > 0, label: "claim", "the part claims no memory exponent")
    let own = try setting.subject.claims(setting.scenario.config, lengths).memoryExponent
    let isAssumed = exponent != own
    var calls: [(length: Int, config: JSON, lengths: Lengths)] = []
    // A quadratic matrix shows early; linear costs must first outgrow the constants.
    let first = shortestMeasured(exponent)
    for wanted in [1, 2, 4, 8].map({ $0 * first }) {
      var longer = lengths
      longer[.batch] = 1
      guard let (length, config, claims) = setting.nearest(wanted, &longer) else { continue }
      if claims.memoryExponent != own {
        // A configuration for any length, which may claim something else than the drawn one.
        if isAssumed { throw KitError("the configuration cannot be used at other lengths") }
        exponent = claims.memoryExponent
      }
      calls.append((length, config, longer))
    }
    let measured = try calls.map { call in
      (length: call.length, bytes: try setting.peakBytes(call.config, call.lengths))
    }
    trial.expect(
      measured.count == 4, label: "lengths",
      "only the lengths \(measured.map(\.length)) are accepted; the configuration's "
        + "`sample(length:)` may give one for any length")
    trial.note("length, bytes: \(measured)")
    for (shorter, longer) in zip(measured.dropFirst(), measured.dropFirst(2)) {
      let slope =
        log(Double(longer.bytes) / Double(shorter.bytes))
        / log(Double(longer.length) / Double(shorter.length))
      trial.expect(
        slope <= Double(exponent) + Threshold.memorySlope, label: "slope",
        "from length \(shorter.length) to \(longer.length) memory grows with exponent \(slope), "
          + "claimed \(exponent): \(shorter.bytes) and \(longer.bytes) bytes")
    }
  }
}

/// The first of the lengths at which memory is measured, each twice the one before.
private func shortestMeasured(_ exponent: Int) -> Int { exponent > 1 ? 64 : 256 }

extension Subject {
  /// Why growth cannot be measured, if no configuration accepts a call of the last length.
  fileprivate var tooShortToGrow: String? {
    let longest = candidates.map { 8 * shortestMeasured($0.claims.memoryExponent) }.min() ?? 0
    func isAccepted(_ config: JSON) -> Bool {
      var lengths = Lengths.reference
      (lengths[.queryLength], lengths[.keyLength]) = (longest, longest)
      let moved = OptionAxis.moved(config, options, from: .reference, to: lengths)
      guard let sequence = try? claims(moved, lengths).sequence else { return false }
      return (longest / 2...longest).contains(where: sequence.accepts)
    }
    let sample = entry.sample(length: longest).map(isAccepted) ?? false
    return sample || candidates.contains { isAccepted($0.config) }
      ? nil : "no call of \(longest) tokens"
  }
}

extension Setting {
  /// The peak bytes of a forward and backward pass beyond inputs and parameters.
  fileprivate func peakBytes(_ config: JSON, _ lengths: Lengths) throws -> Int {
    let part = try subject.build(config, seed: scenario.parameterSeed)
    made.add(part)
    part.eval()
    let inputs = try call(of: part, lengths).mapValues { tensor in
      try tensor.dtype.isFloating ? tensor.requireGrad() : tensor
    }
    let leaves =
      inputs.sorted { $0.key < $1.key }.map(\.value).filter(\.dtype.isFloating)
      + part.parameters.sorted { $0.key < $1.key }.map(\.value)
    func run() throws {
      let output = try part.run(inputs)
      guard !leaves.isEmpty else { return }
      _ = try output.gradients(of: leaves, cotangent: Tensor.ones(output.shape, output.dtype))
    }
    // One-time allocations of the first call are not counted.
    try run()
    let before = Runtime.liveBytes
    Runtime.resetPeakBytes()
    try run()
    return Runtime.peakBytes - before
  }
}
