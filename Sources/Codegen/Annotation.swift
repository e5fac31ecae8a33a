public import Catalogue

/// One registered part, as read from its annotation and from the type below it.
public struct Annotation: Hashable, Sendable {
  /// What the part is.
  public let kind: Kind
  /// The name it is registered under.
  public let name: String
  /// The type of its options, as written.
  public let config: String
  /// The annotated type, with the types it is nested in.
  public let type: String
  /// The first sentence of the type's documentation; empty without one.
  public let summary: String
  /// The module that declares the type.
  public let module: String
  /// The path of the file, as given.
  public let path: String
  /// The line of the annotation, from 1.
  public let line: Int
  /// The column of the annotation in UTF-8 bytes, from 1.
  public let column: Int
}

extension Annotation: Comparable {
  /// Parts sort by kind and name, then by location for duplicates, which are errors.
  public static func < (a: Self, b: Self) -> Bool {
    (a.kind.rawValue, a.name, a.path, a.line) < (b.kind.rawValue, b.name, b.path, b.line)
  }
}
