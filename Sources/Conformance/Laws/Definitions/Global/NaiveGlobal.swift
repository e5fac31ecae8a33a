internal import JSON
internal import Torch

extension NaiveForm {
  /// Softmax attention over pairs of which one is a global token.
  static let global = NaiveForm("global") { call in
    var attention = try NaiveAttention(call)
    let causal = call.bool("causal", default: false)
    let tokens = Set((call.options["global_indices"]?.array ?? []).compactMap(\.int))
    try attention.restrict { query, key in
      let isSeen = tokens.contains(query) || tokens.contains(key)
      return causal ? key <= query && (isSeen || key == query) : isSeen
    }
    return try attention.attended()
  }
}
