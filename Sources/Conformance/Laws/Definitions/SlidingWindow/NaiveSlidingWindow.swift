internal import Torch

extension NaiveForm {
  /// Softmax attention to the latest keys and the first.
  static let slidingWindow = NaiveForm("sliding_window") { call in
    let window = call.integer("window_size", default: 5)
    let sinks = call.integer("num_sinks", default: 4)
    var attention = try NaiveAttention(call)
    try attention.restrict { $1 <= $0 && ($0 - $1 < window || $1 < sinks) }
    return try attention.attended()
  }
}
