internal import JSON
internal import Parts
internal import Torch

/// The tokens of a part that computes global attention, as its definition has them.
struct GlobalTokens {
  /// Whether each token is global, up to the longest input.
  let marks: [Bool]
  /// Whether it is causal.
  let isCausal: Bool

  /// The key of the tokens in configurations.
  static let key = "attention_query_mask"

  /// The key of the longest input.
  static let lengthKey = "seq_len"

  /// Reads the options of the part's definition.
  init(_ part: any PartModule) throws {
    guard let options = part.claims.definition?.options, let length = options["seq_len"]?.int,
      let tokens = options["global_indices"]?.array, let causal = options["causal"]?.bool
    else {
      throw KitError(
        "the definition of a global attention has `global_indices`, `seq_len` and `causal`")
    }
    let indices = Set(tokens.compactMap(\.int))
    marks = (0..<length).map(indices.contains)
    isCausal = causal
  }

  /// Whether a query sees a key: one of both is global, or causal they are one token of the past.
  func allows(_ query: Int, _ key: Int) -> Bool {
    let isSeen = marks[query] || marks[key]
    return isCausal ? key <= query && (isSeen || key == query) : isSeen
  }

  /// The configuration in which these tokens are global.
  static func config(_ marks: [Bool]) -> [String: JSON] {
    [key: .array(marks.map { .bool($0) }), lengthKey: .integer(marks.count)]
  }
}
