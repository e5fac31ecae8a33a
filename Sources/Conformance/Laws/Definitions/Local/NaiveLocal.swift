internal import Torch

extension NaiveForm {
  /// Softmax attention within a window.
  static let local = NaiveForm("local") { call in
    var attention = try NaiveAttention(call)
    let window = call.integer("window_size", default: 5)
    if call.bool("causal", default: false) {
      try attention.restrict(past: window, future: 0)
    } else {
      try attention.restrict(past: (window - 1) / 2, future: (window - 1) / 2)
    }
    return try attention.attended()
  }
}
