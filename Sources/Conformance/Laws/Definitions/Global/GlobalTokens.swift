internal import JSON
internal import Parts
internal import Torch

/// The global tokens in the definition of a global attention.
struct GlobalTokens {
  /// Whether each token is global, up to the longest input.
  let marks: [Bool]
  /// Whether the attention is causal.
  let isCausal: Bool

  /// Reads the options of the part's definition.
  init(_ part: any PartModule) throws {
    guard let options = part.claims.definition?.options, let length = options["seq_len"]?.int,
      let tokens = options["global_indices"]?.array, let causal = options["causal"]?.bool
    else {
      throw KitError(
        "the definition of a global attention needs `global_indices`, `seq_len` and `causal`")
    }
    let indices = Set(tokens.compactMap(\.int))
    marks = (0..<length).map(indices.contains)
    isCausal = causal
  }

  /// Whether a query sees a key: either token is global; if causal, the key is not later and a
  /// token also sees itself.
  func allows(_ query: Int, _ key: Int) -> Bool {
    let isSeen = marks[query] || marks[key]
    return isCausal ? key <= query && (isSeen || key == query) : isSeen
  }
}

extension Setting {
  /// The part with other global tokens, whose count sets its longest input.
  func part(globalTokens marks: [Bool]) throws -> any PartModule {
    let indices = marks.indices.filter { marks[$0] }.map { JSON.integer($0) }
    let flat = marks.map { JSON.bool($0) }
    return try part(
      defining: OptionChange("seq_len", marks.count),
      // A configuration may take a mask of all tokens instead of indices.
      OptionChange(
        "global_indices", .array(indices), forms: [.array(flat), .array(flat.map { [$0] })]))
  }
}
