internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U07: a call gives the same bits after calls of other lengths, masks, types and modes, and of
  /// another instance in another configuration.
  ///
  /// For a part that redraws in training, the draws are fixed first.
  static let historyIndependence = Law(
    .historyIndependence, trials: 24, witness: "randomPatternCropped"
  ) { setting, trial in
    let part = try setting.part()
    // Single precision holds the parameters, so that converting them there and back is exact.
    try part.to(.float32).to(setting.dtype)
    let inputs = try setting.inputs()
    let output = try part.run(inputs)
    if setting.claims.redrawsInTraining != nil { try part.inject(part.drawn) }
    for (event, happens) in events(part, inputs, setting) {
      try happens()
      try trial.unchanged(part.run(inputs), output, label: "after \(event)")
    }
  }

  /// What may happen between two equal calls.
  private static func events(
    _ part: any PartModule, _ inputs: [String: Tensor], _ setting: Setting
  ) -> [(name: String, happens: () throws -> Void)] {
    let lengths = setting.scenario.lengths
    func call(_ part: any PartModule, batch: Int, length: Int) throws {
      var other = lengths
      (other[.batch], other[.queryLength]) = (batch, length)
      _ = try part.run(setting.call(of: part, other))
    }
    let (batch, length) = (lengths[.batch], lengths[.queryLength])
    return [
      ("a longer call", { try call(part, batch: batch, length: length + 3) }),
      ("a shorter call", { try call(part, batch: batch, length: max(1, length - 2)) }),
      ("a call with another batch", { try call(part, batch: batch + 1, length: length) }),
      (
        "a call with another mask",
        {
          var others = inputs.filter { !$0.key.hasSuffix("_mask") }
          if others.count == inputs.count {
            let (queries, keys) = (lengths[.queryLength], lengths[.keyLength])
            if setting.claims.masks.contains(.boolean2D) {
              others["att_mask"] = try Tensor.full([queries, keys], 1, .bool).lowerTriangle()
            } else if setting.claims.masks.contains(.keyPadding) {
              others["key_padding_mask"] = try Tensor.full([batch, keys], 1, .bool)
            }
          }
          _ = try part.run(others)
        }
      ),
      (
        "training",
        {
          part.train()
          defer { part.eval() }
          _ = try part.run(inputs)
        }
      ),
      (
        "a call of another type",
        {
          guard part.claims.dtypes.contains(.float32) else { return }
          try part.to(.float32)
          _ = try part.run(inputs.mapValues { try $0.dtype.isFloating ? $0.to(.float32) : $0 })
          try part.to(setting.dtype)
        }
      ),
      (
        "a call of another instance",
        {
          let candidates = setting.subject.candidates
          let chosen = candidates[Int(setting.scenario.parameterSeed) % candidates.count]
          guard chosen.claims.dtypes.contains(setting.dtype) else { return }
          let config = OptionAxis.config(
            setting.subject.entry, setting.subject.options, chosen.choices, lengths)
          guard let other = try? setting.part(in: config) else { return }
          try call(other, batch: batch, length: length)
        }
      ),
    ]
  }
}
