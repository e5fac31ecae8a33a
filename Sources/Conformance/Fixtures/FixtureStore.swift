internal import Catalogue
internal import Foundation
internal import Parts
public import Reporting
internal import Torch

/// The golden fixtures of a kit's parts: verifies them, and makes, compares and accepts new ones.
///
/// Only ``new(_:)``, ``accept(_:environment:)`` and ``importRecorded(from:)`` write, and only in the
/// package of the kit.
public struct FixtureStore: Sendable {
  let kit: Kit
  let report: Report?

  /// Opens the fixtures of a kit's parts.
  ///
  /// - `report`: the last report, from which ``diff(_:)`` repeats the verdicts of each part.
  public init(_ kit: Kit, report: Report? = nil) {
    self.kit = kit
    self.report = report
  }

  /// The folder of the kit's own fixtures.
  var folder: URL { kit.fixtures }

  /// The parts that an expression selects and that have fixtures.
  ///
  /// - Throws: `SelectionError`.
  func subjects(_ selection: Selection?) throws -> [Subject] {
    if let problem = kit.problem { throw problem }
    let entries = kit.registry.entries.filter { LawID.golden.kinds.contains($0.kind) }
    let chosen =
      try selection?.select(from: entries) { entry in
        let law = LawID.golden
        return SelectionSubject(
          kind: entry.kind, part: entry.name, law: law.name, code: law.code, tags: law.tags,
          family: law.family, claims: kit.claimWords(entry))
      } ?? entries
    return try chosen.map { try kit.subject($0.kind, $0.name) }
  }

  /// The selected parts whose fixtures are in the kit's own package.
  ///
  /// - Throws: `SelectionError`, or `FixtureRefusal` if all of them belong to other packages.
  func ownSubjects(_ selection: Selection?) throws -> [Subject] {
    let all = try subjects(selection)
    let own = all.filter { $0.site.fixtures.path == folder.path }
    guard let first = all.first, own.isEmpty else { return own }
    throw FixtureRefusal(
      .nothingSelected,
      "the fixtures of \(first.title) belong to another package: \(first.site.fixtures.path)")
  }

  /// Whether an expression selects everything, so that orphans can be found.
  static func isWhole(_ selection: Selection?) -> Bool {
    guard let selection else { return true }
    return selection.expression.trimmingCharacters(in: .whitespaces) == "*"
  }

  /// The parts without an oracle, whose results are unproven.
  public func unproven(_ selection: Selection? = nil) throws -> [String] {
    try subjects(selection).filter { try FixturePlan.cases(of: $0).isEmpty }.map(\.title)
  }

  /// The hash of each part's manifest by the name of its folder, for a report.
  public func hashes(_ selection: Selection? = nil) throws -> [String: String] {
    try subjects(selection).reduce(into: [:]) { found, subject in
      let folder = FixtureFolder(
        subject.entry.kind, subject.entry.name, in: subject.site.fixtures)
      if let manifest = try? folder.manifest() {
        found[folder.url.lastPathComponent] = manifest.hash
      }
    }
  }
}
