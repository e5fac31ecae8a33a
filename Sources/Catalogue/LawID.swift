/// The identity of a law: what is known about it without running it.
public struct LawID: Sendable, Hashable, Codable {
  /// The short code, such as `A01`.
  public let code: String
  /// The name used in filters, such as `causality`.
  public let name: String
  /// The kinds of parts it applies to.
  public let kinds: [Kind]
  /// The family whose test function runs it.
  public let family: Family
  /// The words it is selected by, besides its family.
  public let tags: [LawTag]

  /// Names a law; other packages do this for their own laws.
  public init(_ code: String, _ name: String, kinds: [Kind], _ family: Family, tags: [LawTag]) {
    self.code = code
    self.name = name
    self.kinds = kinds
    self.family = family
    self.tags = tags
  }
}
