internal import Catalogue
internal import JSON
public import Parts
internal import Reporting
internal import Torch

/// How a part's values compare with recorded ones.
public struct RecordedComparison: Sendable {
  /// The outcome for a case.
  public enum Verdict: Sendable, Equatable {
    /// All values agree within T7.
    case matches
    /// They differ, as the part declares.
    case deviates(reason: String)
    /// They differ, and the part declares no deviation; or they cannot be compared.
    case differs
    /// They agree, although the part declares a deviation.
    case matchesAgainstDeclaration(reason: String)
  }

  /// The outcome for the case.
  public let verdict: Verdict
  /// The tensor that deviates most relative to its tolerance, and its comparison.
  public let worst: (tensor: String, comparison: Comparison)
  /// The number of elements compared.
  public let count: Int
  /// The recorded parameters that have no effect in the part.
  public let dropped: [String]

  /// Makes a comparison.
  package init(
    verdict: Verdict, worst: (tensor: String, comparison: Comparison), count: Int,
    dropped: [String]
  ) {
    self.verdict = verdict
    self.worst = worst
    self.count = count
    self.dropped = dropped
  }

  /// Whether nothing needs a person's attention.
  public var isGood: Bool {
    switch verdict {
    case .matches, .deviates: true
    case .differs, .matchesAgainstDeclaration: false
    }
  }
}

/// A declared deviation must be at least this large, relative to the largest recorded value.
private let leastDeviation = 1e-3

extension RecordedCase {
  /// Runs the part and compares its values with the recorded ones.
  ///
  /// - Throws: an error of the case or the part, or `KitError` if the case holds nothing to compare
  ///   with, gradients without a cotangent, or values that depend on draws that it does not hold.
  public func compare(in registry: Registry) throws -> RecordedComparison {
    guard results["output"] != nil else {
      throw KitError("\(file): there is no recorded `output` to compare with")
    }
    if cotangent == nil, let name = results.keys.filter({ $0.hasPrefix("grad.") }).min() {
      throw KitError(
        "\(file): `\(name)` was recorded, but there is no `cotangent`, the tensor by which the output "
          + "was multiplied before it was differentiated")
    }
    let run = try run(in: registry)
    let isSingular = run.part.claims.definition.map { Self.isSingular($0.options) } ?? false
    let isReversible = run.part.claims.definition?.options["reversible"]?.bool ?? false
    var all: [(tensor: String, comparison: Comparison)] = []
    var isFarOff = false
    for (name, expected) in try results(for: run.part).sorted(by: { $0.key < $1.key }) {
      let isDropped = run.dropped.contains { name == "grad.param.\($0)" }
      let zeros = isDropped ? try Tensor.zeros(expected.shape, expected.dtype) : nil
      guard let actual = zeros ?? run.results[name] else {
        throw KitError(
          "\(file): `\(name)` was recorded, but the part does not give it"
            + " (it gives \(run.results.keys.sorted().joined(separator: ", ")))")
      }
      let largest = try expected.doubles().filter(\.isFinite).map(Swift.abs).max() ?? 0
      let tolerance: Tolerance =
        switch name {
        case "output": .recorded
        case _ where isSingular: .recordedSingular
        case _ where kind == .model:
          .recordedSum(largest: largest, isReversible: isReversible)
        default: .recorded
        }
      let comparison = try compareRecorded(actual, expected, tolerance, nonFinite: nonFinite)
      all.append((name, comparison))
      if !comparison.isEqual, comparison.count > 0 {
        // A value that is not finite on one side only is far off.
        isFarOff = isFarOff || !(comparison.absolute <= leastDeviation * largest)
      }
    }
    let worst = all.max { $0.comparison.worst < $1.comparison.worst } ?? all[0]
    let isEqual = all.allSatisfy(\.comparison.isEqual)
    let isComparable = all.allSatisfy { $0.comparison.count > 0 }
    let verdict: RecordedComparison.Verdict =
      switch run.part.reference(for: inputs) {
      case _ where !isComparable: .differs
      case .matches: isEqual ? .matches : .differs
      case .deviates(let reason):
        isFarOff ? .deviates(reason: reason) : .matchesAgainstDeclaration(reason: reason)
      }
    if verdict == .differs, isComparable { try requireDraws(run, registry) }
    return RecordedComparison(
      verdict: verdict, worst: worst, count: all.reduce(0) { $0 + $1.comparison.count },
      dropped: run.dropped)
  }

  /// Throws if the output depends on random draws that the case does not hold.
  private func requireDraws(_ run: RecordedRun, _ registry: Registry) throws {
    guard run.part.drawn.keys.contains(where: { state[$0] == nil }),
      let output = run.results["output"],
      let other = try self.run(in: registry, seed: 1).results["output"],
      try !Conformance.compare(output, other, .bits).isEqual
    else { return }
    throw missingDraws(of: run.part)
  }

  /// Whether a pseudo-inverse by singular values is in the oracle, however deep.
  private static func isSingular(_ options: JSON) -> Bool {
    guard let object = options.object else { return false }
    if object["use_razavi_pinverse"]?.bool == false { return true }
    return object.contains { isSingular($0.value) }
  }
}
