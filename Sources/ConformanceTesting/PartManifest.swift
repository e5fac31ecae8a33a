public import Catalogue

/// The parts that generated suites judge, so that a part without a suite shows.
public struct PartManifest: Sendable {
  /// A part by kind and registered name.
  public struct Part: Sendable, Hashable {
    /// What it is.
    public let kind: Kind
    /// Its registered name.
    public let name: String

    /// Names a part.
    public init(kind: Kind, name: String) {
      self.kind = kind
      self.name = name
    }
  }

  /// A hash of the annotations from which the suites were made.
  public let hash: String
  /// The parts.
  public let parts: [Part]

  /// Lists the parts.
  public init(hash: String, parts: [Part]) {
    self.hash = hash
    self.parts = parts
  }
}
