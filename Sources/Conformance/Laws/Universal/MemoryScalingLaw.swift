internal import Catalogue
internal import Foundation
internal import JSON
internal import Parts
internal import Properties
internal import Support
internal import Torch

extension Law {
  /// U22: the bytes held at once by a forward and a backward pass grow with the length by the
  /// exponent that is claimed, or less.
  ///
  /// Measured at four lengths, each twice the one before or the nearest that is accepted. The first
  /// step is left out, in which what does not depend on the length still counts.
  static let memoryScaling = Law(
    .memoryScaling, trials: 16, witness: "localMasked", dtypes: [.float32],
    plan: ScenarioPlan(fills: .small, masks: .none, sameLength: true)
  ) { setting, trial in
    let lengths = setting.scenario.lengths
    trial.expect(setting.claims.memoryExponent > 0, label: "claim", "no exponent is claimed")
    var measured: [(length: Int, bytes: Int)] = []
    // A matrix of all pairs shows early; what is linear must outgrow its constants.
    let first = setting.claims.memoryExponent > 1 ? 64 : 256
    for wanted in [1, 2, 4, 8].map({ $0 * first }) {
      var longer = lengths
      longer[.batch] = 1
      guard let (length, config) = setting.nearest(wanted, &longer) else { continue }
      measured.append((length, try setting.peakBytes(config, longer)))
    }
    trial.expect(
      measured.count == 4, label: "lengths", "only \(measured.map(\.length)) are accepted")
    trial.note("length, bytes: \(measured)")
    for (shorter, longer) in zip(measured.dropFirst(), measured.dropFirst(2)) {
      let slope =
        log(Double(longer.bytes) / Double(shorter.bytes))
        / log(Double(longer.length) / Double(shorter.length))
      trial.expect(
        slope <= Double(setting.claims.memoryExponent) + Threshold.memorySlope, label: "slope",
        "from length \(shorter.length) to \(longer.length) bytes grow with the exponent \(slope), "
          + "\(setting.claims.memoryExponent) is claimed: \(shorter.bytes), \(longer.bytes)")
    }
  }
}

extension Setting {
  /// Makes lengths of about so many tokens that the part accepts with some configuration.
  fileprivate func nearest(_ wanted: Int, _ lengths: inout Lengths) -> (length: Int, config: JSON)?
  {
    for length in stride(from: wanted, to: wanted / 2, by: -1) {
      (lengths[.queryLength], lengths[.keyLength]) = (length, length)
      let moved = OptionAxis.moved(
        scenario.config, subject.options, from: scenario.lengths, to: lengths)
      for config in [moved, subject.entry.sample(length: length)].compactMap(\.self) {
        let fitting = OptionAxis.moved(
          config, subject.options, from: .reference, to: lengths)
        guard let claims = try? subject.claims(fitting, lengths) else { continue }
        if claims.sequence.accepts(length) { return (length, fitting) }
      }
    }
    return nil
  }

  /// The most bytes that a forward and a backward pass hold beyond inputs and parameters.
  fileprivate func peakBytes(_ config: JSON, _ lengths: Lengths) throws -> Int {
    let part = try subject.build(config, seed: scenario.parameterSeed)
    made.add(part)
    part.eval()
    let generator = Generator(seed: scenario.parameterSeed)
    var inputs: [String: Tensor] = [:]
    for input in part.signature.inputs {
      let shape = input.axes.map { axis in
        (part.signature.fixed[axis.letter] ?? lengths.length(of: axis.letter) ?? 1) + axis.extra
      }
      inputs[input.name] =
        switch input.element {
        case .floating: try Tensor.normal(shape, .float32, generator: generator).requireGrad()
        case .index: try Tensor.zeros(shape, .int64)
        }
    }
    let leaves =
      inputs.sorted { $0.key < $1.key }.map(\.value).filter(\.dtype.isFloating)
      + part.parameters.sorted { $0.key < $1.key }.map(\.value)
    func run() throws {
      let output = try part.run(inputs)
      guard !leaves.isEmpty else { return }
      _ = try output.gradients(of: leaves, cotangent: Tensor.ones(output.shape, output.dtype))
    }
    // What a first call makes once does not count.
    try run()
    let before = Runtime.liveBytes
    Runtime.resetPeakBytes()
    try run()
    return Runtime.peakBytes - before
  }
}
