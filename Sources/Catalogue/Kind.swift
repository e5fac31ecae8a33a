/// What a part is, and with it the call it answers and the laws that may apply to it.
public enum Kind: String, CaseIterable, Sendable, Codable, Comparable {
  /// Mixes tokens: query, key and value in, one tensor out.
  case attention
  /// Works on the channels of each token.
  case feedforward
  /// Tells tokens where they are.
  case positionEmbedding = "position_embedding"
  /// Normalises the channels of each token.
  case normalization
  /// Wraps a sublayer with a shortcut.
  case residual
  /// Wraps two sublayers so that their input can be computed back.
  case reversible
  /// Turns an image or a grid into tokens.
  case patchEmbedding = "patch_embedding"
  /// Turns channels into groups that sum to one.
  case simplicialEmbedding = "simplicial_embedding"
  /// Adds to the logits of an attention.
  case attentionBias = "attention_bias"
  /// The dispatch of several heads around a registered attention; never annotated.
  case multihead
  /// A model built from a configuration; never annotated.
  case model

  /// The kinds that an annotation may name.
  public static let registrable = allCases.filter { $0 != .multihead && $0 != .model }

  /// Kinds sort by their registered word.
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
