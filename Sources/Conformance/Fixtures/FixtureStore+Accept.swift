public import Foundation
internal import Parts
public import Reporting
internal import Torch

extension FixtureStore {
  /// Promotes what was reviewed: `<case>.new` takes the place of the case.
  ///
  /// - Parameters:
  ///   - selection: which parts; it must be given, `*` is all.
  ///   - environment: the variables of the process, of which `CI` forbids this.
  /// - Returns: what was promoted.
  /// - Throws: `FixtureRefusal` without a selection, in CI, when nothing waits, or for a waiting
  ///   version that is not what today's sources make; nothing was changed then.
  public func accept(
    _ selection: Selection?,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> [FixtureChange] {
    guard let selection else {
      throw FixtureRefusal(
        .usage, "accept needs -k to say what was reviewed; -k '*' is everything")
    }
    if let value = environment["CI"], !value.isEmpty {
      throw FixtureRefusal(
        .commandFailed, "fixtures are accepted by a person after a review, never where CI is set")
    }
    let subjects = try ownSubjects(selection)
    var plans: [(FixtureFolder, [(String, WaitingFixture)])] = []
    for subject in subjects {
      let inspection = try FixtureInspection(subject)
      let names = inspection.folder.waitingNames
      guard !names.isEmpty else { continue }
      let proposals = try inspection.proposals()
      let waiting = try names.map { name in
        (name, try reviewed(name, inspection, proposals[name]))
      }
      plans.append((inspection.folder, waiting))
    }
    guard !plans.isEmpty else {
      throw FixtureRefusal(
        .nothingSelected,
        "no fixture that \(selection) selects waits for review; to make those that are missing or "
          + "stale: \(kit.command) fixtures new -k '\(selection)'")
    }
    let changes = try diff(selection)
    for (folder, waiting) in plans { try promote(waiting, folder) }
    return changes
  }

  /// What waits, if it is what today's sources make.
  private func reviewed(
    _ name: String, _ inspection: FixtureInspection, _ proposal: WaitingFixture?
  ) throws -> WaitingFixture {
    func refuse(_ reason: String) -> FixtureRefusal {
      FixtureRefusal(
        .stale,
        "\(inspection.id(name)).new: \(reason); to make it again: \(kit.command) fixtures new")
    }
    let waiting: WaitingFixture
    do { waiting = try WaitingFixture(name, in: inspection.folder) } catch {
      throw refuse("\(error)")
    }
    if let entry = waiting.entry, entry.origin == .reference {
      let recorded = SafetensorsFile(
        tensors: waiting.tensors, metadata: inspection.folder.metadata(entry))
      let claim = try RecordedCase(recorded, file: name)
        .declaration(in: inspection.subject.registry)
      guard claim == entry.deviates else { throw refuse("the part declares something else today") }
      return waiting
    }
    guard let proposal else { throw refuse("nothing is missing or out of date there") }
    guard waiting.entry?.recipe == proposal.entry?.recipe else {
      throw refuse("it was made by another recipe")
    }
    guard waiting.tensors == proposal.tensors else {
      throw refuse("its values are not those of the definition")
    }
    return waiting
  }

  private func promote(_ waiting: [(String, WaitingFixture)], _ folder: FixtureFolder) throws {
    let stored = (try? folder.manifest())?.cases ?? []
    var cases = Dictionary(stored.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let files = FileManager.default
    for (name, fixture) in waiting {
      cases[name] = fixture.entry
      guard let entry = fixture.entry else { continue }
      let file = SafetensorsFile(tensors: fixture.tensors, metadata: folder.metadata(entry))
      try file.write(to: folder.file(name).path)
    }
    // The manifest after the files it describes, what waited last: an interrupted run is seen, and
    // the same command ends it.
    try folder.write(
      FixtureManifest(kind: folder.kind, part: folder.part, cases: Array(cases.values)))
    for (name, fixture) in waiting {
      if fixture.entry == nil { try? files.removeItem(at: folder.file(name)) }
      try files.removeItem(at: folder.waiting(name))
    }
  }
}
