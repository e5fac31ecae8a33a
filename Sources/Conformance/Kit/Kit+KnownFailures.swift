internal import Catalogue
internal import Foundation
internal import JSON
public import Properties
public import Reporting
internal import Torch

extension Kit {
  /// The file of known failures of the package.
  public static let knownFailuresFile = "known-failures.json"

  /// The failures that are known; none if there is no file.
  ///
  /// - Throws: `KnownFailuresError` with everything that is wrong in the file.
  public func knownFailures() throws -> KnownFailures {
    let file = root.appendingPathComponent(Self.knownFailuresFile)
    guard FileManager.default.fileExists(atPath: file.path) else { return .none }
    let cells = cells
    return try KnownFailures.load(
      from: file, cells: cells, notApplicable: reasons(of: cells, listedIn: file))
  }

  /// Why listed cells do not apply. Others are not asked: that would build every part there is.
  private func reasons(of cells: [Cell], listedIn file: URL) -> [String: String] {
    guard let data = try? Data(contentsOf: file), let list = try? JSON(parsing: data).array else {
      return [:]
    }
    let paths = list.compactMap { entry -> String? in
      guard let part = entry["part"]?.string, let law = entry["law"]?.string,
        let dtype = entry["dtype"]?.string
      else { return nil }
      return "\(part)/\(law) \(dtype)"
    }
    var reasons: [String: String] = [:]
    for cell in cells where paths.contains(cell.path) {
      if let reason = try? reasonNotToApply(cell) { reasons[cell.path] = reason }
    }
    return reasons
  }

  /// Judges one cell: one that is known to fail by its counterexample alone, without a search.
  ///
  /// - Throws: `KitError` for a cell that is not one of the kit's.
  public func judge(
    _ cell: Cell, profile: Profile = .current, known: KnownFailures
  ) throws -> CellResult {
    guard let entry = known.entry(for: cell), profile.replay == nil else {
      return try judge(cell, profile: profile)
    }
    var replaying = profile
    replaying.replay = ReplayRequest(cell: cell.path, blob: entry.counterexample)
    let result = try judge(cell, profile: replaying)
    guard let outcome = ReplayOutcome(result) else { return result }
    var failure = result.failure ?? Reporting.Failure(message: "")
    failure.message = entry.message(for: outcome)
    return CellResult(
      cell, entry.judge(outcome), trials: result.trials, budget: result.budget,
      comparisons: result.comparisons, worst: result.worst, coverage: result.coverage,
      seconds: result.seconds, failure: failure, otherFailures: result.otherFailures)
  }
}

extension ReplayOutcome {
  /// What a judgement of a stored counterexample says of it; nil where the law could not be run.
  init?(_ result: CellResult) {
    switch result.verdict {
    case .passed: self = .passes
    case .failed(.stale): self = .undecodable
    // A replay that compares nothing did not meet what it was stored for.
    case .failed(.vacuous): self = .passes
    case .failed(.falsified), .failed(.flaky): self = .fails(origin: result.failure?.origin ?? "")
    default: return nil
    }
  }
}
