public import Foundation
internal import Parts
public import Reporting
internal import Torch

extension FixtureStore {
  /// Accepts reviewed versions: `<case>.new` replaces the case.
  ///
  /// - Parameters:
  ///   - selection: the parts; it must be given, `*` selects all.
  ///   - environment: the environment of the process; `CI` in it forbids accepting.
  /// - Returns: what was accepted.
  /// - Throws: `FixtureRefusal` without a selection, in CI, if nothing waits, or for a waiting version
  ///   that is not what today's sources make; nothing is changed in these cases.
  public func accept(
    _ selection: Selection?,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> [FixtureChange] {
    guard let selection else {
      throw FixtureRefusal(
        .usage, "accept needs -k for what was reviewed; -k '*' selects everything")
    }
    if let value = environment["CI"], !value.isEmpty {
      throw FixtureRefusal(
        .commandFailed, "fixtures are accepted by a person after a review, and not if CI is set")
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
        "no fixture selected by \(selection) waits for review; to make missing or stale ones: "
          + "\(kit.command) fixtures new -k '\(selection)'")
    }
    let changes = try diff(selection)
    for (folder, waiting) in plans { try promote(waiting, folder) }
    return changes
  }

  /// The waiting version, if it is what today's sources make.
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
    guard let proposal else { throw refuse("the case is not missing or out of date") }
    guard waiting.entry?.recipe == proposal.entry?.recipe else {
      throw refuse("it was made from another recipe")
    }
    guard waiting.tensors == proposal.tensors else {
      throw refuse("its values are not those of the oracle")
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
    // First the files, then the manifest that describes them, last what waited: an interrupted run is
    // noticed, and the same command completes it.
    try folder.write(
      FixtureManifest(kind: folder.kind, part: folder.part, cases: Array(cases.values)))
    for (name, fixture) in waiting {
      if fixture.entry == nil { try? files.removeItem(at: folder.file(name)) }
      try files.removeItem(at: folder.waiting(name))
    }
  }
}
