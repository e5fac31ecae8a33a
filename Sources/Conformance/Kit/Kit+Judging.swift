internal import Catalogue
internal import Foundation
internal import Parts
public import Properties
public import Reporting
internal import Torch

extension Kit {
  /// Judges one cell.
  ///
  /// - Throws: `KitError` for a cell that is not one of the kit's.
  public func judge(_ cell: Cell, profile: Profile = .current) throws -> CellResult {
    if let problem { throw problem }
    try requireCell(of: profile.replay)
    let (law, dtype) = try question(of: cell)
    let subject = try subject(cell.kind, cell.part)
    if let message = subject.missingDefinition(for: law, dtype) {
      return CellResult(
        cell, .failed(.unhealthy), failure: Reporting.Failure(message: message))
    }
    if let reason = subject.inapplicable(law, dtype) {
      return CellResult(cell, .notApplicable(reason: reason))
    }
    let identity = CellID(
      cell.suite, law.id.name, variant: dtype.rawValue, code: law.id.code)
    do {
      return CellResult(cell, law, try law.judgement(subject, dtype, identity, profile))
    } catch {
      return CellResult(
        cell, .failed(.crash), failure: Reporting.Failure(message: "\(type(of: error)): \(error)"))
    }
  }

  /// Refuses a request for an unknown cell. A request that does not begin with the kind of a part is
  /// meant for another check.
  private func requireCell(of request: ReplayRequest?) throws {
    guard let request, let word = request.cell.split(separator: " ").first,
      Kind(rawValue: String(word)) != nil
    else { return }
    do {
      let cell = try Cell(path: request.cell, laws: laws.laws.map(\.id))
      _ = try registry.entry(cell.kind, cell.part)
      guard cells.contains(cell) else {
        throw KitError("the law \(cell.law.name) is not judged in \(cell.dtype)")
      }
    } catch {
      throw KitError("ZOO_REPLAY names a cell that does not exist: \(error)")
    }
  }

  /// Whether a law applies to a part, judged from its claims alone.
  public func applies(_ cell: Cell) -> Bool {
    do { return try reasonNotToApply(cell) == nil } catch { return false }
  }

  /// Why a law does not apply to a part, judged from its claims alone; nil if it does.
  ///
  /// - Throws: `KitError` for a cell that is not one of the kit's.
  public func reasonNotToApply(_ cell: Cell) throws -> String? {
    let (law, dtype) = try question(of: cell)
    let subject = try subject(cell.kind, cell.part)
    return subject.missingDefinition(for: law, dtype) == nil
      ? subject.inapplicable(law, dtype) : nil
  }

  private func question(of cell: Cell) throws(KitError) -> (Law, DType) {
    guard let law = laws.laws.first(where: { $0.id == cell.law }),
      let dtype = DType(rawValue: cell.dtype)
    else { throw KitError("there is no law for the cell \(cell)") }
    return (law, dtype)
  }
}

extension CellResult {
  /// What a law found, for a report.
  init(_ cell: Cell, _ law: Law, _ report: CellReport) {
    var report = report
    let verdict: Reporting.Verdict =
      switch report.verdict {
      case .passed: .passed
      case .failed(.falsified) where law.id == .claimHonesty: .failed(.dishonest)
      case .failed(let kind): .failed(Reporting.FailureKind(kind))
      }
    let claims =
      law.needs.compactMap(\.capability?.line) + law.judges.map { "claims.\($0)" }
    if !claims.isEmpty {
      let note = "the part claims this: \(claims.joined(separator: ", "))"
      report.failure?.notes.append(note)
      if report.failure == nil { report.reason = report.reason.map { "\($0)\n\(note)" } }
    }
    self.init(
      cell, verdict, trials: report.trials, budget: report.budget,
      comparisons: report.comparisons, worst: report.worst, coverage: report.coverage,
      seconds: report.seconds,
      failure: report.failure.map { Reporting.Failure($0, reason: report.reason) }
        ?? report.reason.map { Reporting.Failure(message: $0) },
      otherFailures: report.otherFailures.map { Reporting.Failure($0) })
  }
}

extension Reporting.Failure {
  /// What the engine found, for a report.
  ///
  /// - Parameter reason: why the check failed, where that is more than the assertion says.
  init(_ found: Properties.Failure, reason: String? = nil) {
    self.init(
      origin: found.origin.description, printed: found.printed, choices: found.choices,
      reproduce: found.reproduce,
      message: ([reason ?? found.message] + found.notes).joined(separator: "\n"),
      shrink: found.shrink.map { .init(evaluations: $0.evaluations, from: $0.from, to: $0.to) },
      explain: found.explanation.isEmpty ? nil : found.explanation.joined(separator: "\n"))
  }
}

extension Reporting.FailureKind {
  /// The same word in a report.
  init(_ kind: Properties.FailureKind) {
    self =
      switch kind {
      case .falsified: .falsified
      case .flaky: .flaky
      case .vacuous: .vacuous
      case .undercovered: .undercovered
      case .unhealthy: .unhealthy
      case .stale: .stale
      }
  }
}
