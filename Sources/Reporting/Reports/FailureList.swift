internal import Catalogue

/// One failure in a report: of a cell, or of several cells of a part with the same message or
/// probably the same cause.
struct FailureItem {
  /// What went wrong, in a word.
  let kind: String
  /// The cells, one or many.
  var cells: [CellResult]
  let failure: Failure
  /// Cells that were falsified as well, probably for the same cause.
  var rest: [CellResult] = []

  /// The cell, or the part with a count of cells.
  var title: String {
    guard cells.count > 1 else { return "\(cells[0].path) (\(cells[0].code))" }
    return "\(cells[0].suite): \(cells.count) cells"
  }

  /// The cells that probably fail for the same cause, in one line; `nil` if there are none.
  var restLine: String? {
    guard !rest.isEmpty else { return nil }
    var groups: [(suite: String, laws: [(code: String, dtypes: [String])])] = []
    for cell in rest {
      if groups.last?.suite != cell.suite { groups.append((cell.suite, [])) }
      let last = groups.count - 1
      if groups[last].laws.last?.code != cell.code { groups[last].laws.append((cell.code, [])) }
      groups[last].laws[groups[last].laws.count - 1].dtypes.append(cell.dtype)
    }
    let lists = groups.map { suite, laws in
      let codes = laws.map { "\($0.code) \($0.dtypes.joined(separator: " "))" }
      let list = codes.joined(separator: ", ")
      return suite == cells[0].suite ? list : "\(suite): \(list)"
    }
    return "and \(counted(rest.count, "more cell")), perhaps for the same cause: "
      + lists.joined(separator: "; ")
  }

  /// How the counterexample was shrunk; `nil` if unknown.
  var shrinkLine: String? {
    failure.shrink.map {
      "shrunk from \(counted($0.from, "choice")) to \($0.to) in \(counted($0.evaluations, "run"))"
    }
  }

  /// All failed and missing cells of a report.
  ///
  /// A run that dies early leaves a thousand cells with one message; each part gets one item. A
  /// mistake in a part falsifies many laws, in all types, and again where the part is dispatched: the
  /// plainest counterexample is shown, and the other cells are listed.
  static func all(of report: Report) -> [FailureItem] {
    struct Alike: Hashable {
      let suite: String
      let kind: String
      let message: String
    }
    var items: [FailureItem] = []
    var places: [Alike: Int] = [:]
    var falsified: [String: [CellResult]] = [:]
    func hasCause(_ cell: CellResult) -> Bool {
      // What is wrong with fixtures is no mistake of the part.
      cell.verdict == .failed(.falsified) && cell.failure?.origin != "FIX/fixtures"
    }
    for cell in report.cells where hasCause(cell) {
      falsified[cell.part, default: []].append(cell)
    }
    for cell in report.cells {
      let kind: String
      let failure: Failure
      switch cell.verdict {
      case .failed(let reason):
        kind = reason.rawValue
        failure = cell.failure ?? Failure(message: "")
      case .missing:
        kind = "missing"
        failure = Failure(message: "expected, but not in the report")
      default: continue
      }
      guard failure == Failure(message: failure.message) else {
        var cell = cell
        var rest: [CellResult] = []
        var shown = failure
        if hasCause(cell) {
          guard let group = falsified.removeValue(forKey: cell.part) else { continue }
          cell = group.min { $0.plainness < $1.plainness } ?? cell
          shown = cell.failure ?? failure
          rest = group.filter { $0.path != cell.path }
        }
        items.append(FailureItem(kind: kind, cells: [cell], failure: shown, rest: rest))
        items += cell.otherFailures.map { other in
          FailureItem(kind: "\(kind), another mistake", cells: [cell], failure: other)
        }
        continue
      }
      let alike = Alike(suite: cell.suite, kind: kind, message: failure.message)
      if let place = places[alike] {
        items[place] = FailureItem(
          kind: kind, cells: items[place].cells + [cell], failure: failure)
      } else {
        places[alike] = items.count
        items.append(FailureItem(kind: kind, cells: [cell], failure: failure))
      }
    }
    return items
  }
}

extension CellResult {
  /// Smaller for a failure that is easier to understand: of the part itself, on an input that can be
  /// read, in the widest type, of few choices.
  fileprivate var plainness: (Int, Int, Int, Int) {
    let types = ["f64", "f32", "bf16", "f16"]
    return (
      kind == .multihead ? 1 : 0, code == LawID.golden.code ? 1 : 0,
      types.firstIndex(of: dtype) ?? types.count, failure?.shrink?.to ?? .max
    )
  }
}

/// A known failure in a report.
struct KnownItem {
  let cell: CellResult
  let note: KnownNote

  /// When it expires: `expires 2027-01-31, in 57 days`.
  func term(today: CalendarDay) -> String {
    let left = today.days(until: note.expires)
    return switch left {
    case 0: "expires \(note.expires), today"
    case 1...: "expires \(note.expires), in \(counted(left, "day"))"
    default: "expired \(note.expires), \(counted(-left, "day")) ago"
    }
  }

  static func all(of report: Report) -> [KnownItem] {
    report.cells.compactMap { cell in
      if case .known(let note) = cell.verdict { KnownItem(cell: cell, note: note) } else { nil }
    }
  }
}

extension Report {
  /// The circumstances of the run, in one line.
  var heading: String {
    var text =
      "profile \(run.profile), seed \(run.seed), \(run.device), swift \(run.swift), "
      + "torch \(run.torch), registry \(run.registryHash)"
    if let selection = run.selection { text += ", selection \(selection)" }
    return text
  }

  /// The totals in one line.
  var totalsLine: String {
    guard totals.expected > 0 else { return "no cells were expected: nothing was checked" }
    return "\(totals.ran) of \(counted(totals.expected, "cell")) ran: \(totals.passed) passed, "
      + "\(totals.failed) failed, \(counted(totals.known, "known failure")); "
      + "\(totals.notApplicable) not applicable"
      + (totals.notRun > 0 ? ", \(totals.notRun) not run" : "") + ", \(totals.missing) missing"
  }

  /// A warning if the run did not end; `nil` if it did.
  var unfinishedLine: String? {
    unfinished == nil
      ? nil : "this run did not end: a cell without a result is not run, or crashed if it had begun"
  }
}
