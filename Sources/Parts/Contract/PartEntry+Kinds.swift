internal import Catalogue

// What the generated registries call: a function for each kind, so that the compiler reports a type
// that is not such a part, at its annotation.
extension PartEntry {
  /// An attention; the location is that of its annotation.
  public static func attention<P: Attention, C>(
    _ name: String, _ part: P.Type, _ config: C.Type, summary: String,
    fileID: String = #fileID, filePath: String = #filePath, line: Int = #line
  ) -> PartEntry where P.Config == C {
    PartEntry(.attention, name, part, summary, fileID, filePath, line)
  }

  /// A feedforward; the location is that of its annotation.
  public static func feedforward<P: Feedforward, C>(
    _ name: String, _ part: P.Type, _ config: C.Type, summary: String,
    fileID: String = #fileID, filePath: String = #filePath, line: Int = #line
  ) -> PartEntry where P.Config == C {
    PartEntry(.feedforward, name, part, summary, fileID, filePath, line)
  }

  /// A position embedding; the location is that of its annotation.
  public static func positionEmbedding<P: PositionEmbedding, C>(
    _ name: String, _ part: P.Type, _ config: C.Type, summary: String,
    fileID: String = #fileID, filePath: String = #filePath, line: Int = #line
  ) -> PartEntry where P.Config == C {
    PartEntry(.positionEmbedding, name, part, summary, fileID, filePath, line)
  }

  /// A normalization; the location is that of its annotation.
  public static func normalization<P: Normalization, C>(
    _ name: String, _ part: P.Type, _ config: C.Type, summary: String,
    fileID: String = #fileID, filePath: String = #filePath, line: Int = #line
  ) -> PartEntry where P.Config == C {
    PartEntry(.normalization, name, part, summary, fileID, filePath, line)
  }

  /// A residual style; the location is that of its annotation.
  public static func residual<P: Residual, C>(
    _ name: String, _ part: P.Type, _ config: C.Type, summary: String,
    fileID: String = #fileID, filePath: String = #filePath, line: Int = #line
  ) -> PartEntry where P.Config == C {
    PartEntry(.residual, name, part, summary, fileID, filePath, line)
  }

  /// A reversible sequence; the location is that of its annotation.
  public static func reversible<P: Reversible, C>(
    _ name: String, _ part: P.Type, _ config: C.Type, summary: String,
    fileID: String = #fileID, filePath: String = #filePath, line: Int = #line
  ) -> PartEntry where P.Config == C {
    PartEntry(.reversible, name, part, summary, fileID, filePath, line)
  }

  /// A patch embedding; the location is that of its annotation.
  public static func patchEmbedding<P: PatchEmbedding, C>(
    _ name: String, _ part: P.Type, _ config: C.Type, summary: String,
    fileID: String = #fileID, filePath: String = #filePath, line: Int = #line
  ) -> PartEntry where P.Config == C {
    PartEntry(.patchEmbedding, name, part, summary, fileID, filePath, line)
  }

  /// A simplicial embedding; the location is that of its annotation.
  public static func simplicialEmbedding<P: SimplicialEmbedding, C>(
    _ name: String, _ part: P.Type, _ config: C.Type, summary: String,
    fileID: String = #fileID, filePath: String = #filePath, line: Int = #line
  ) -> PartEntry where P.Config == C {
    PartEntry(.simplicialEmbedding, name, part, summary, fileID, filePath, line)
  }

  /// A model; the location is that of its annotation.
  public static func model<P: ModelPart, C>(
    _ name: String, _ part: P.Type, _ config: C.Type, summary: String,
    fileID: String = #fileID, filePath: String = #filePath, line: Int = #line
  ) -> PartEntry where P.Config == C {
    PartEntry(.model, name, part, summary, fileID, filePath, line)
  }

  /// An attention bias; the location is that of its annotation.
  public static func attentionBias<P: AttentionBias, C>(
    _ name: String, _ part: P.Type, _ config: C.Type, summary: String,
    fileID: String = #fileID, filePath: String = #filePath, line: Int = #line
  ) -> PartEntry where P.Config == C {
    PartEntry(.attentionBias, name, part, summary, fileID, filePath, line)
  }
}
