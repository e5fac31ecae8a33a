internal import Foundation
internal import JSON
internal import Parts
public import Reporting
internal import Torch

/// A version of a case that waits for review, or the wish to remove it.
struct WaitingFixture {
  /// What the manifest will say; nil to remove the case.
  let entry: FixtureEntry?
  /// The tensors.
  let tensors: [String: SafetensorsEntry]

  private static let key = "entry"

  /// Writes it under a name that no reader of fixtures takes for one.
  func write(_ name: String, in folder: FixtureFolder) throws {
    try folder.create()
    let text = try entry?.json.text(.canonical) ?? "null"
    let file = SafetensorsFile(tensors: tensors, metadata: [Self.key: text])
    try file.write(to: folder.waiting(name).path)
  }

  /// Reads it.
  ///
  /// - Throws: `KitError` when it is not what was written.
  init(_ name: String, in folder: FixtureFolder) throws {
    do {
      let path = folder.waiting(name).path
      let file = try SafetensorsFile(contentsOf: path, limit: FixtureFolder.caseLimit)
      guard let text = file.metadata[Self.key] else { throw KitError("its header has no entry") }
      let json = try JSON(parsing: text)
      entry = json.isNull ? nil : try FixtureEntry(json: json)
      tensors = file.tensors
      guard let entry else { return }
      guard entry.name == name else { throw KitError("it is that of \(entry.name)") }
      let hash = try FixtureHash.content(tensors, allowsNaN: entry.nonFinite)
      guard hash == entry.contentHash else {
        throw KitError("its tensors do not have its contentHash")
      }
    } catch let error as SafetensorsError {
      throw KitError("\(folder.url.lastPathComponent)/\(name).new: \(error.message)")
    } catch {
      throw KitError("\(folder.url.lastPathComponent)/\(name).new: \(error)")
    }
  }

  init(entry: FixtureEntry?, tensors: [String: SafetensorsEntry]) {
    self.entry = entry
    self.tensors = tensors
  }
}

extension FixtureInspection {
  /// What should take the place of what is stored, by case: the versions that today's sources make
  /// of missing, corrupt, stale, drifted and wrong cases, and the removal of those no longer declared.
  func proposals() throws -> [String: WaitingFixture] {
    var found: [String: WaitingFixture] = [:]
    for fixture in declared {
      let stored = sound.first { $0.entry.name == fixture.id.name }
      if let stored, try recheck(stored, recompute: true) == nil { continue }
      let made = try fixture.make(subject)
      let entry = try FixtureEntry(
        fixture.id.name, .oracle, recipe: fixture.recipe, tensors: made.tensors)
      found[fixture.id.name] = WaitingFixture(entry: entry, tensors: made.tensors)
    }
    for entry in undeclared { found[entry.name] = WaitingFixture(entry: nil, tensors: [:]) }
    // The values of a recorded case stay; only what the part says of it changes.
    for problem in problems where problem.kind == .stale {
      guard let entry = entries.first(where: { $0.name == problem.fixture.name }),
        entry.origin == .reference
      else { continue }
      let file = try folder.read(entry)
      let claim = try RecordedCase(file, file: entry.name).declaration(in: subject.registry)
      let renewed = try FixtureEntry(
        entry.name, .reference, recipe: entry.recipe, tensors: file.tensors, deviates: claim,
        nonFinite: entry.nonFinite)
      found[entry.name] = WaitingFixture(entry: renewed, tensors: file.tensors)
    }
    return found
  }
}

extension FixtureStore {
  /// Writes `<case>.new` beside each case that is missing or out of date, from the definition, and
  /// takes away such files that nothing needs any more.
  ///
  /// - Returns: what waits for review now; a command that gets any fails with status 3.
  /// - Throws: `SelectionError`, `FixtureRefusal` for a case that is too large, or what the
  ///   definition has to say.
  public func new(_ selection: Selection? = nil) throws -> [FixtureChange] {
    for subject in try ownSubjects(selection) {
      let inspection = try FixtureInspection(subject)
      let proposals = try inspection.proposals()
      for (name, proposal) in proposals {
        try Self.requireSize(proposal, inspection.id(name))
        try proposal.write(name, in: inspection.folder)
      }
      let imported = try importedNames(inspection.folder)
      for name in inspection.folder.waitingNames
      where proposals[name] == nil && !imported.contains(name) {
        try FileManager.default.removeItem(at: inspection.folder.waiting(name))
      }
    }
    return try diff(selection)
  }

  /// Recorded cases that wait: no definition makes them anew.
  private func importedNames(_ folder: FixtureFolder) throws -> Set<String> {
    Set(
      folder.waitingNames.filter {
        (try? WaitingFixture($0, in: folder))?.entry?.origin == .reference
      })
  }

  static func requireSize(_ fixture: WaitingFixture, _ id: FixtureID) throws {
    guard let bytes = fixture.entry?.bytes, bytes > FixtureFolder.caseLimit else { return }
    throw FixtureRefusal(
      .commandFailed,
      "\(id): its tensors take \(bytes) bytes, more than \(FixtureFolder.caseLimit) a case")
  }

  /// How what waits for review differs from what is stored; nothing is written.
  ///
  /// - Throws: `SelectionError`, or `KitError` for a waiting file that cannot be read.
  public func diff(_ selection: Selection? = nil) throws -> [FixtureChange] {
    try ownSubjects(selection).flatMap { subject in
      let folder = FixtureFolder(subject.entry.kind, subject.entry.name, in: subject.site.fixtures)
      let stored = (try? folder.manifest())?.cases ?? []
      return try folder.waitingNames.map { name in
        let old = stored.first { $0.name == name }
        return try change(subject, folder, name, old)
      }
    }
  }

  private func change(
    _ subject: Subject, _ folder: FixtureFolder, _ name: String, _ old: FixtureEntry?
  ) throws -> FixtureChange {
    let waiting = try WaitingFixture(name, in: folder)
    // A stored file that is corrupt has no values to compare with.
    let before = old.flatMap { try? folder.read($0) }?.tensors ?? [:]
    let names = Set(before.keys).union(waiting.tensors.keys).sorted()
    var fields: [String] = []
    if let old, let new = waiting.entry {
      fields = FixtureChange.changedFields(from: old.recipe, to: new.recipe)
      if old.deviates != new.deviates {
        fields.append("deviates: \(old.deviates ?? "null") → \(new.deviates ?? "null")")
      }
    }
    return FixtureChange(
      fixture: FixtureID(kind: subject.entry.kind, part: subject.entry.name, name: name),
      action: waiting.entry == nil ? .removed : old == nil ? .added : .changed,
      fields: fields,
      tensors: waiting.entry == nil || old == nil
        ? []
        : try names.compactMap { try TensorChange($0, from: before[$0], to: waiting.tensors[$0]) },
      laws: laws(subject))
  }

  private func laws(_ subject: Subject) -> (passed: [String], failed: [String])? {
    guard let report else { return nil }
    let own = report.cells.filter { $0.suite == subject.title }
    return (
      own.filter { $0.verdict == .passed }.map { "\($0.law) \($0.dtype)" },
      own.filter { $0.verdict.isFailure }.map { "\($0.law) \($0.dtype)" }
    )
  }
}
