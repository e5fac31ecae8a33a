internal import JSON
internal import Parts
internal import Torch

extension Setting {
  /// Tensors of normal numbers for a call of a part without masks.
  ///
  /// - `lengths`: those of the call; S and T are both the nearest length that the part accepts, the
  ///   longer one of two.
  func call(of part: any PartModule, _ lengths: Lengths) throws -> [String: Tensor] {
    var lengths = lengths
    let wanted = lengths[.queryLength]
    let length = (1...2 * wanted + 32).filter(part.claims.sequence.accepts)
      .min { (abs($0 - wanted), -$0) < (abs($1 - wanted), -$1) }
    (lengths[.queryLength], lengths[.keyLength]) = (length ?? wanted, length ?? wanted)
    let generator = Generator(seed: scenario.parameterSeed)
    var inputs: [String: Tensor] = [:]
    for input in part.signature.inputs {
      let shape = lengths.shape(of: input.axes, part.signature)
      inputs[input.name] =
        switch input.element {
        case .floating: try Tensor.normal(shape, dtype, generator: generator)
        case .index(let bound):
          try (Tensor.uniform(shape, 0..<1, .float64, generator: generator) * Double(bound))
            .to(.int64)
        }
    }
    return inputs
  }

  /// Finds lengths near these that the part accepts with some configuration.
  ///
  /// - `scaling`: whether to try options first that are around the length, as they were around the
  ///   drawn one.
  func nearest(
    _ wanted: Int, _ lengths: inout Lengths, scaling: Bool = false
  ) -> (length: Int, config: JSON, claims: Claims)? {
    func claims(_ config: JSON, _ lengths: Lengths, _ length: Int) -> Claims? {
      let claims = try? subject.claims(config, lengths)
      return claims.flatMap { $0.sequence.accepts(length) ? $0 : nil }
    }
    // A window as long as the call may need an odd length.
    for length in scaling ? [wanted, wanted - 1] : [] {
      (lengths[.queryLength], lengths[.keyLength]) = (length, length)
      let moved = OptionAxis.moved(
        scenario.config, subject.options, from: scenario.lengths, to: lengths, scaling: true)
      guard moved != scenario.config, let claims = claims(moved, lengths, length) else { continue }
      return (length, moved, claims)
    }
    for length in stride(from: wanted, to: wanted / 2, by: -1) {
      // Building the part for each length in turn takes long.
      if scenario.claims.sequence.leastSide != nil, !SequenceClaim.squared.accepts(length) {
        continue
      }
      (lengths[.queryLength], lengths[.keyLength]) = (length, length)
      let moved = OptionAxis.moved(
        scenario.config, subject.options, from: scenario.lengths, to: lengths)
      let sample = subject.entry.sample(length: length)
      let mixed = sample.map {
        Self.changes(of: $0, from: subject.entry.sample, in: scenario.config)
      }
      for config in [moved, mixed, sample].compactMap(\.self) {
        let fitting = OptionAxis.moved(
          config, subject.options, from: .reference, to: lengths)
        if let claims = claims(fitting, lengths, length) { return (length, fitting, claims) }
      }
    }
    return nil
  }

  /// A configuration with the values of another where a sample agrees with the usual one.
  private static func changes(of sample: JSON, from usual: JSON, in given: JSON) -> JSON {
    if sample == usual { return given }
    guard let own = sample.object, let old = usual.object, var mixed = given.object else {
      return sample
    }
    for (key, value) in own {
      mixed[key] = changes(of: value, from: old[key] ?? .null, in: given[key] ?? .null)
    }
    return .object(mixed)
  }
}
