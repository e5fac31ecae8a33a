internal import Torch

extension NaiveForm {
  /// softmax(q kᵀ/√D + bias) v.
  static let scaledDotProduct = NaiveForm("scaled_dot_product") { call in
    var attention = try NaiveAttention(call)
    if call.bool("causal", default: false) {
      try attention.restrict(past: attention.key.size(1), future: 0)
    }
    return try attention.attended()
  }
}
