internal import Torch

extension NaiveForm {
  /// Softmax attention over the pairs that were drawn.
  static let random = NaiveForm("random") { call in
    var attention = try NaiveAttention(call)
    guard let pattern = call.drawn["drawn_mask"] else {
      throw KitError("the naive form needs the draw `drawn_mask`")
    }
    try attention.restrict(pattern.to(.bool))
    if call.bool("causal", default: false) { try attention.restrict { $1 <= $0 } }
    return try attention.attended()
  }
}
