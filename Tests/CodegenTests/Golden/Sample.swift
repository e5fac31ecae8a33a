// The input of the recorded registry next to it; both are compiled, so they must match.

/// An entry of the sample's registry.
public struct PartEntry: Sendable, Equatable {
  let kind: String
  let name: String
  let summary: String
  let fileID: String
  let line: Int

  static func attention<P: SampleAttention, C>(
    _ name: String, _: P.Type, _: C.Type, summary: String, fileID: String = #fileID,
    line: Int = #line
  ) -> Self {
    Self(kind: "attention", name: name, summary: summary, fileID: fileID, line: line)
  }

  static func positionEmbedding<P, C>(
    _ name: String, _: P.Type, _: C.Type, summary: String, fileID: String = #fileID,
    line: Int = #line
  ) -> Self {
    Self(kind: "positionEmbedding", name: name, summary: summary, fileID: fileID, line: line)
  }
}

protocol SampleAttention {}

struct SampleConfig {}

// @register(attention, "zeta-2.b", SampleConfig)
/// An attention with "quotes", a \ and more. Not this.
final class Zeta: SampleAttention {}

enum Outer {
  /// Tells tokens
  /// where they are.
  // @register(position_embedding, "Alpha", Outer.Options)
  struct `in` {}

  struct Options {}
}

// @register(attention, "Alpha", SampleConfig)
struct Alpha: SampleAttention {}
