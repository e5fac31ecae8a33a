internal import Catalogue

/// Parts × laws of one kind; each mark is the worst over the dtypes.
struct ReportMatrix {
  /// The marks of a matrix, from best to worst.
  enum Mark: Int, Comparable {
    case notApplicable, passed, known, notRun, missing, failed

    init(_ verdict: Verdict) {
      switch verdict {
      case .passed: self = .passed
      case .failed: self = .failed
      case .known: self = .known
      case .notApplicable: self = .notApplicable
      case .notRun: self = .notRun
      case .missing: self = .missing
      }
    }

    var symbol: String {
      switch self {
      case .passed: "✓"
      case .failed: "✗"
      case .known: "k"
      case .notApplicable: "·"
      case .notRun: "-"
      case .missing: "!"
      }
    }

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    static let legend =
      "✓ passed, ✗ failed, k known failure, · not applicable, - not run, "
      + "! missing; the worst of several dtypes"
  }

  struct Law: Hashable {
    let code: String
    let name: String
  }

  struct Row {
    let part: String
    /// A mark for each law of the matrix; `nil` if the part has no such cell.
    let marks: [Mark?]
  }

  let kind: Kind
  let laws: [Law]
  let rows: [Row]

  /// A matrix for each kind of part, with parts and laws in the report's order.
  static func all(of report: Report) -> [ReportMatrix] {
    var kinds: [Kind] = []
    var cells: [Kind: [CellResult]] = [:]
    for cell in report.cells {
      if cells[cell.kind] == nil { kinds.append(cell.kind) }
      cells[cell.kind, default: []].append(cell)
    }
    return kinds.map { ReportMatrix(kind: $0, cells: cells[$0] ?? []) }
  }

  private init(kind: Kind, cells: [CellResult]) {
    var laws: [Law] = []
    var parts: [String] = []
    var marks: [String: [Law: Mark]] = [:]
    var known: Set<Law> = []
    for cell in cells {
      let law = Law(code: cell.code, name: cell.law)
      if known.insert(law).inserted { laws.append(law) }
      if marks[cell.part] == nil { parts.append(cell.part) }
      let mark = Mark(cell.verdict)
      marks[cell.part, default: [:]][law] = max(mark, marks[cell.part]?[law] ?? mark)
    }
    self.kind = kind
    self.laws = laws
    rows = parts.map { part in Row(part: part, marks: laws.map { marks[part]?[$0] }) }
  }
}

/// A count with its noun: `1 day`, `2 days`.
func counted(_ number: Int, _ noun: String) -> String {
  "\(number) \(noun)\(number == 1 ? "" : "s")"
}
