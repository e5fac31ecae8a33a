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
      let shape = input.axes.map { axis in
        (part.signature.fixed[axis.letter] ?? lengths.length(of: axis.letter) ?? 1) + axis.extra
      }
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
}
