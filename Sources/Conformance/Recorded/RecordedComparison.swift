internal import JSON
public import Parts
internal import Reporting
internal import Torch

/// How a part's own values stand to recorded ones.
public struct RecordedComparison: Sendable {
  /// What became of a case.
  public enum Verdict: Sendable, Equatable {
    /// All values agree within T7.
    case matches
    /// They differ, as the part declares.
    case deviates(reason: String)
    /// They differ, and the part declares nothing.
    case differs
    /// They agree, although the part declares that they do not.
    case matchesAgainstDeclaration(reason: String)
  }

  /// What became of the case.
  public let verdict: Verdict
  /// The tensor that is furthest off, relative to what is allowed, and how.
  public let worst: (tensor: String, comparison: Comparison)
  /// The number of elements compared.
  public let count: Int
  /// The recorded parameters that the part has no use for.
  public let dropped: [String]

  /// Whether nothing needs a person's attention.
  public var isGood: Bool {
    switch verdict {
    case .matches, .deviates: true
    case .differs, .matchesAgainstDeclaration: false
    }
  }
}

/// A declared deviation is one of at least this share of the largest recorded value.
private let leastDeviation = 1e-3

extension RecordedCase {
  /// Runs the part and compares with what was recorded.
  ///
  /// - Throws: what keeps the case from being run, or `KitError` when nothing was recorded.
  public func compare(in registry: Registry) throws -> RecordedComparison {
    guard results["output"] != nil else {
      throw KitError("\(file): there is no recorded `output` to compare with")
    }
    let run = try run(in: registry)
    let isSingular = run.part.claims.definition.map { Self.isSingular($0.options) } ?? false
    var all: [(tensor: String, comparison: Comparison)] = []
    var isFarOff = false
    for (name, expected) in results.sorted(by: { $0.key < $1.key }) {
      // What has no effect here has the derivative 0.
      let isDropped = run.dropped.contains { name == "grad.param.\($0)" }
      guard let actual = isDropped ? try expected * 0 : run.results[name] else {
        throw KitError(
          "\(file): `\(name)` was recorded, but the part has no such tensor"
            + " (it has \(run.results.keys.sorted().joined(separator: ", ")))")
      }
      let tolerance: Tolerance =
        isSingular && name != "output" ? .recordedSingular : .recorded
      let comparison = try Conformance.compare(actual, expected, tolerance)
      all.append((name, comparison))
      let largest = try expected.abs().maximum().item()
      if !comparison.isEqual {
        // Not finite on one side only counts as far off.
        isFarOff = isFarOff || !(comparison.absolute <= leastDeviation * largest)
      }
    }
    let worst = all.max { $0.comparison.worst < $1.comparison.worst } ?? all[0]
    let isEqual = all.allSatisfy(\.comparison.isEqual)
    let verdict: RecordedComparison.Verdict =
      switch run.part.reference(for: inputs) {
      case .matches: isEqual ? .matches : .differs
      case .deviates(let reason):
        isFarOff ? .deviates(reason: reason) : .matchesAgainstDeclaration(reason: reason)
      }
    return RecordedComparison(
      verdict: verdict, worst: worst, count: all.reduce(0) { $0 + $1.comparison.count },
      dropped: run.dropped)
  }

  /// Whether a pseudo-inverse by singular values is in the definition, however deep.
  private static func isSingular(_ options: JSON) -> Bool {
    guard let object = options.object else { return false }
    if object["use_razavi_pinverse"]?.bool == false { return true }
    return object.contains { isSingular($0.value) }
  }
}
