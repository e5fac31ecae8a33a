internal import JSON
internal import Parts
internal import Torch

/// The tokens of a part that computes global attention, as its definition has them.
struct GlobalTokens {
  /// Whether each token is global, up to the longest input.
  let marks: [Bool]
  /// Whether it is causal.
  let isCausal: Bool

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
}

extension Setting {
  /// The part with other global tokens, up to a length that is theirs.
  func part(globalTokens marks: [Bool]) throws -> any PartModule {
    let indices = marks.indices.filter { marks[$0] }.map { JSON.integer($0) }
    let flat = marks.map { JSON.bool($0) }
    return try part(
      defining: OptionChange("seq_len", marks.count),
      // A configuration may have a mask of all tokens instead of indices.
      OptionChange(
        "global_indices", .array(indices), forms: [.array(flat), .array(flat.map { [$0] })]))
  }
}
