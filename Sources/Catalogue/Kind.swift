/// The kind of a part, which decides how it is called and which laws apply to it.
public enum Kind: String, CaseIterable, Sendable, Codable, Comparable {
  /// Mixes tokens: query, key and value in, one tensor out.
  case attention
  /// Works on the channels of each token.
  case feedforward
  /// Adds positions to tokens.
  case positionEmbedding = "position_embedding"
  /// Gives the channels of each token a common scale.
  case normalization
  /// Adds the output of a sublayer to its input.
  case residual
  /// Undoes its blocks in the backward pass instead of saving what they compute.
  case reversible
  /// Makes tokens of the patches of an image.
  case patchEmbedding = "patch_embedding"
  /// Puts the channels of each token on simplices.
  case simplicialEmbedding = "simplicial_embedding"
  /// Adds to the logits of an attention.
  case attentionBias = "attention_bias"
  /// A whole model.
  case model
  /// The dispatch of several heads around a registered attention; never annotated.
  case multihead

  /// The kinds that an annotation may name.
  public static let registrable = allCases.filter { $0 != .multihead }

  /// Kinds sort by their registered word.
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
