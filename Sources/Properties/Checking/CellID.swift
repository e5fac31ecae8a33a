/// The name of one thing that is checked: a subject, a law about it, and a variant such as a dtype.
///
/// Seeds follow from the name, so that adding or removing one check moves no other's inputs.
public struct CellID: Hashable, Sendable, CustomStringConvertible,
  ExpressibleByStringInterpolation
{
  /// What is judged, such as `attention nystrom`.
  public let subject: String
  /// What is claimed of it, such as `segment-exact`.
  public let law: String
  /// In which variant, such as `f64`; empty if there is one only.
  public let variant: String
  /// What selects the test that runs the check, as a regular expression; by default the last word of
  /// the subject.
  public var testFilter: String
  /// The short code that origins of failures begin with, such as `NYS2`; the law if it has none.
  public let code: String

  /// Names a check.
  public init(_ subject: String, _ law: String, variant: String = "", code: String? = nil) {
    self.subject = subject
    self.law = law
    self.variant = variant
    self.code = code ?? law
    let word = subject.split(separator: " ").last.map(String.init) ?? subject
    testFilter = word.replacing("'", with: ".")
  }

  /// Names a check by `subject/law`; without a slash, the subject is its own law.
  public init(stringLiteral path: String) {
    let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
    self.init(parts.first ?? "", parts.last ?? "")
  }

  /// `subject/law variant`, as reports and replay lines print it.
  public var description: String {
    "\(subject)/\(law)" + (variant.isEmpty ? "" : " \(variant)")
  }

  /// `kind/part/law/dtype`, which seeds are made from.
  public var path: String {
    let parts = subject.split(separator: " ").map(String.init) + [law, variant]
    return parts.filter { !$0.isEmpty }.joined(separator: "/")
  }

  /// The seed of a trial.
  func seed(base: UInt64, trial: Int) -> UInt64 {
    XXH3.hash64("\(base)/\(path)/\(trial)")
  }
}
