internal import Catalogue
internal import Codegen
internal import Conformance
internal import Foundation
internal import JSON
internal import Parts
internal import Reporting
internal import Torch

/// What a run over faults found.
struct FaultReport {
  /// What a law did over all faults.
  struct LawRow {
    let code: String
    let name: String
    let witness: String?
    /// The faults that it rejects.
    var kills: [String] = []
    /// Those that no other law rejects.
    var killsAlone: [String] = []
  }

  let outcomes: [FaultOutcome]
  let laws: [LawRow]
  /// What makes the run fail, a sentence each.
  let problems: [String]
  /// What its author should know.
  let notes: [String]
  let seed: UInt64
  let repeats: Int
  /// The number of faults that are known to survive.
  private let survivors: Int

  /// Draws the conclusions.
  ///
  /// - Parameters:
  ///   - all: every fault there is, seeded or not.
  ///   - selected: the cells that were chosen.
  init(
    kit: Kit, outcomes: [FaultOutcome], all: [FaultRow], selected: [Cell], seed: UInt64,
    repeats: Int
  ) {
    self.outcomes = outcomes
    self.seed = seed
    self.repeats = repeats
    survivors = all.count { $0.entry.survives != nil }
    let codes = Set(selected.map(\.law.code))
    let seeded = outcomes.filter { !$0.row.isControl }
    // The faults that witness the zoo's laws are in the zoo, not in a package that uses it.
    let isZoo = Registry.zoo.entries.contains { $0.filePath.hasPrefix(kit.root.path + "/") }
    let foreign = isZoo ? [] : LawBook.zoo.laws.map(\.id.code)
    let rows = kit.laws.laws.filter { codes.contains($0.id.code) }.map { law in
      let kills = seeded.filter { $0.killers.contains { $0.code == law.id.code } }
      return LawRow(
        code: law.id.code, name: law.id.name, witness: law.witness, kills: kills.map(\.row.name),
        killsAlone: kills.filter { $0.killers.count == 1 }.map(\.row.name))
    }
    laws = rows.filter { !$0.kills.isEmpty || !foreign.contains($0.code) }
    var problems = outcomes.compactMap(Self.problem)
    var notes: [String] = []
    problems += laws.compactMap {
      Self.problem(of: $0, outcomes, all, isOwn: !foreign.contains($0.code))
    }
    for outcome in seeded {
      let asked = Dictionary(outcome.laws.map { ($0.code, $0) }, uniquingKeysWith: { a, _ in a })
      let missed = outcome.row.killers.filter { asked[$0].map { !$0.isKiller } ?? false }
      if !missed.isEmpty {
        notes.append(
          "\(missed.joined(separator: ", ")) let \(outcome.row.name) live, against its list")
      }
    }
    self.problems = problems
    self.notes = notes
  }

  private static func problem(of outcome: FaultOutcome) -> String? {
    let (row, entry) = (outcome.row, outcome.row.entry)
    if outcome.isAsExpected { return nil }
    let place = "\(entry.path):\(entry.line): `\(row.name)`"
    switch outcome.fate {
    case .alive: return "\(place) survives in \(row.part): \(row.wrong)"
    case .unreached: return "\(place): no law of \(row.part) runs its lines"
    case .timedOut:
      let laws = outcome.laws.filter { $0.timeouts > 0 }.map(\.code).joined(separator: ", ")
      return "\(place): no law rejects it, and \(laws) gave no verdict in time"
    case .rejected:
      let laws = outcome.killers.map(\.code).joined(separator: ", ")
      return row.isControl
        ? "\(place) is equivalent, but rejected by \(laws): too tight"
        : "\(place) no longer survives: \(laws) rejects it, so write `rejected by:` instead"
    }
  }

  private static func problem(
    of law: LawRow, _ outcomes: [FaultOutcome], _ all: [FaultRow], isOwn: Bool
  ) -> String? {
    let title = "\(law.code) \(law.name)"
    guard let witness = law.witness else { return "\(title) is unproven: it declares no witness" }
    guard let row = all.first(where: { $0.name == witness }) else {
      return isOwn ? "\(title) declares the witness \(witness), which is not a fault" : nil
    }
    guard let outcome = outcomes.first(where: { $0.row == row }) else { return nil }
    guard let asked = outcome.laws.first(where: { $0.code == law.code }) else {
      return "\(title) declares the witness \(witness), but does not apply to \(row.part)"
    }
    return asked.isKiller ? nil : "\(title) does not reject its witness \(witness)"
  }

  private var summary: String {
    let seeded = outcomes.filter { !$0.row.isControl && $0.row.entry.survives == nil }
    let controls = outcomes.filter(\.row.isControl)
    return "\(seeded.count(where: \.isAsExpected)) of \(seeded.count) faults rejected, "
      + "\(controls.count(where: \.isAsExpected)) of \(controls.count) equivalent mutants alive"
      + (survivors > 0 ? ", \(survivors) known to survive" : "")
  }

  private var faultTable: Table {
    var table = Table(["fault", "part", "fate", "by", "first trial", "rate", "trials needed"])
    table.rows = outcomes.map { outcome in
      let best = outcome.killers.first
      let fate = outcome.fate.rawValue
      return [
        outcome.row.name, outcome.row.part, outcome.isAsExpected ? fate : fate.uppercased(),
        outcome.killers.map(\.code).joined(separator: " "), best?.first.map(String.init) ?? "",
        best?.rate.map { String(format: "%.2f", $0) } ?? "", best?.needed.map(String.init) ?? "",
      ]
    }
    return table
  }

  private var lawTable: Table {
    var table = Table(["code", "law", "rejects", "alone", "witness"])
    table.rows = laws.map { law in
      [
        law.code, law.name, "\(law.kills.count)", "\(law.killsAlone.count)",
        law.witness ?? "none: unproven",
      ]
    }
    return table
  }

  /// Faults by laws: the rate at which a law rejects, a point where it lets live.
  private var matrixTable: Table {
    let codes = laws.map(\.code).filter { code in
      outcomes.contains { $0.laws.contains { $0.code == code } }
    }
    var table = Table(["fault"] + codes)
    table.rows = outcomes.map { outcome in
      [outcome.row.name]
        + codes.map { code in
          guard let law = outcome.laws.first(where: { $0.code == code }) else { return "" }
          return law.rate.map { String(format: "%.2f", $0) } ?? "·"
        }
    }
    return table
  }

  /// The report for a terminal.
  func text(withMatrix: Bool) -> String {
    var blocks = [faultTable.text, lawTable.text]
    if withMatrix {
      blocks.append(
        "share of trials that fail; · lets live, nothing: not asked\n\n" + matrixTable.text)
    }
    if !notes.isEmpty { blocks.append(notes.map { "note: \($0)" }.joined(separator: "\n")) }
    if !problems.isEmpty { blocks.append(problems.map { "✗ \($0)" }.joined(separator: "\n")) }
    return (blocks + [summary]).joined(separator: "\n\n")
  }

  /// The report as a page.
  func markdown(withMatrix: Bool) -> String {
    var blocks = ["# Faults", summary + ".", faultTable.markdown, "## Laws", lawTable.markdown]
    if withMatrix {
      blocks += [
        "## Matrix", "The share of trials that fail; · lets live, nothing: not asked.",
        matrixTable.markdown,
      ]
    }
    for (title, lines) in [("Problems", problems), ("Notes", notes)] where !lines.isEmpty {
      blocks += ["## \(title)", lines.map { "- \($0)" }.joined(separator: "\n")]
    }
    return blocks.joined(separator: "\n\n")
  }

  /// The report for another program.
  var json: JSON {
    let seeded = outcomes.filter { !$0.row.isControl }
    func strings(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }
    return [
      "format": 1, "profile": "faults", "seed": .string("\(seed)"), "repeats": .integer(repeats),
      "faults": .array(outcomes.map(\.json)),
      "laws": .array(
        laws.map { law in
          [
            "code": .string(law.code), "law": .string(law.name),
            "witness": law.witness.map { .string($0) } ?? .null, "kills": strings(law.kills),
            "killsAlone": strings(law.killsAlone),
          ]
        }),
      "survivors": strings(
        seeded.filter { $0.fate != .rejected }.map(\.row.name)),
      "problems": strings(problems), "notes": strings(notes),
    ]
  }
}

extension FaultOutcome {
  fileprivate var json: JSON {
    [
      "name": .string(row.name), "part": .string(row.part), "wrong": .string(row.wrong),
      "control": .bool(row.isControl), "killed": .bool(!killers.isEmpty),
      "fate": .string(fate.rawValue), "seconds": .number(seconds),
      "place": .string("\(row.entry.path):\(row.entry.line)"),
      "asExpected": .bool(isAsExpected),
      "best": killers.first.map { .string($0.code) } ?? .null,
      "laws": .array(
        laws.map { law in
          [
            "code": .string(law.code), "killed": .bool(law.isKiller),
            "firstTrial": law.first.map { .integer($0) } ?? .null,
            "rate": law.rate.map { .number($0) } ?? .null,
            "needed": law.needed.map { .integer($0) } ?? .null,
            "timeouts": .integer(law.timeouts),
            "kinds": .array(law.kinds.map(\.rawValue).sorted().map { .string($0) }),
          ]
        }),
    ]
  }
}
