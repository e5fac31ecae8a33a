internal import Catalogue
internal import Foundation
internal import Parts
public import Reporting
internal import Torch

extension FixtureStore {
  /// The problems with the fixtures of the selected parts, sorted by fixture; nothing is written.
  ///
  /// - Parameters:
  ///   - selection: the parts, by default all; orphans are looked for only among all.
  ///   - recompute: whether each oracle runs again and must give the stored output.
  /// - Throws: `SelectionError`, or the error of a part that cannot declare its cases.
  public func verify(_ selection: Selection? = nil, recompute: Bool = false) throws
    -> [FixtureProblem]
  {
    let chosen = try subjects(selection)
    var problems: [FixtureProblem] = []
    for subject in chosen {
      let inspection = try FixtureInspection(subject)
      problems += inspection.problems
      problems += inspection.folder.waitingNames.map { name in
        FixtureProblem(
          .leftover, inspection.id(name),
          "it waits for review; to see it: \(kit.command) fixtures diff")
      }
      if Self.isWhole(selection) { problems += orphans(inspection) }
      for sound in inspection.sound {
        if let problem = try inspection.recheck(sound, recompute: recompute) {
          problems.append(problem)
        }
      }
      problems += try unread(inspection)
    }
    if Self.isWhole(selection) { problems += try strangers() }
    problems += tooLarge()
    return problems.sorted { ($0.fixture, $0.kind.rawValue) < ($1.fixture, $1.kind.rawValue) }
  }

  private func orphans(_ inspection: FixtureInspection) -> [FixtureProblem] {
    var problems = inspection.undeclared.map { entry in
      FixtureProblem(
        .orphan, inspection.id(entry.name),
        "no option of the part declares it; to propose its removal: \(kit.command) fixtures new")
    }
    let known = Set(inspection.entries.map { "\($0.name).safetensors" })
    for name in inspection.folder.fileNames
    where name != FixtureManifest.fileName && !name.hasSuffix(".new") && !known.contains(name) {
      problems.append(
        FixtureProblem(.orphan, inspection.id(name), "the manifest has no case for this file"))
    }
    return problems
  }

  /// Runs the law on fixtures, and lists those that it did not compare.
  private func unread(_ inspection: FixtureInspection) throws -> [FixtureProblem] {
    let subject = inspection.subject
    for cell in kit.cells
    where cell.law == .golden && cell.kind == subject.entry.kind && cell.part == subject.entry.name
    {
      _ = try kit.judge(cell)
    }
    return inspection.sound.map { inspection.id($0.entry.name) }
      .filter { !subject.site.reads.contains($0) }
      .map { FixtureProblem(.unread, $0, "no law compared it with the part") }
  }

  /// Folders that belong to no part.
  private func strangers() throws -> [FixtureProblem] {
    let known = Set(kit.registry.entries.map { FixtureFolder.name($0.kind, $0.name) })
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !known.contains($0) && !$0.hasPrefix(".") }.map { name in
      let kind = Kind.allCases.first { name.hasPrefix("\($0.rawValue)-") }
      let part = kind.map { String(name.dropFirst($0.rawValue.count + 1)) } ?? name
      return FixtureProblem(
        .orphan,
        FixtureID(kind: kind ?? .attention, part: part.removingPercentEncoding ?? part, name: ""),
        "\(folder.lastPathComponent)/\(name) belongs to no part; delete it")
    }
  }

  /// The problem of more bytes in all than a package may have.
  private func tooLarge() -> [FixtureProblem] {
    let total = Self.size(of: folder)
    guard total > FixtureFolder.totalLimit else { return [] }
    return [
      FixtureProblem(
        .oversized, FixtureID(kind: .attention, part: "*", name: ""),
        "all fixtures together have \(total) bytes, more than the limit of \(FixtureFolder.totalLimit)"
      )
    ]
  }

  static func size(of folder: URL) -> Int {
    let keys: [URLResourceKey] = [.fileSizeKey, .isRegularFileKey]
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: keys)
    return (files?.compactMap { $0 as? URL } ?? []).reduce(0) { sum, file in
      sum + ((try? file.resourceValues(forKeys: Set(keys)).fileSize) ?? 0)
    }
  }
}
