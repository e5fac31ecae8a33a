internal import Foundation
internal import JSON
internal import Parts
public import Reporting
internal import Torch

/// A version of a case that waits for review, or a proposal to remove the case.
struct WaitingFixture {
  /// The future entry of the manifest; nil to remove the case.
  let entry: FixtureEntry?
  /// The tensors.
  let tensors: [String: SafetensorsEntry]

  private static let key = "entry"

  /// Writes it under a name that is not the name of a fixture.
  func write(_ name: String, in folder: FixtureFolder) throws {
    try folder.create()
    let text = try entry?.json.text(.canonical) ?? "null"
    let file = SafetensorsFile(tensors: tensors, metadata: [Self.key: text])
    try file.write(to: folder.waiting(name).path)
  }

  /// Reads it.
  ///
  /// - Throws: `KitError` if it is not what was written.
  init(_ name: String, in folder: FixtureFolder) throws {
    do {
      let path = folder.waiting(name).path
      let file = try SafetensorsFile(contentsOf: path, limit: FixtureFolder.caseLimit)
      guard let text = file.metadata[Self.key] else { throw KitError("its header has no entry") }
      let json = try JSON(parsing: text)
      entry = json.isNull ? nil : try FixtureEntry(json: json)
      tensors = file.tensors
      guard let entry else { return }
      guard entry.name == name else {
        throw KitError("it is the version of another case, \(entry.name)")
      }
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
  /// The proposed versions by case: what today's sources make of missing, corrupt, stale, drifted and
  /// wrong cases, and the removal of those that are no longer declared.
  ///
  /// - Throws: `FixtureRefusal` if something stored cannot be read.
  func proposals() throws -> [String: WaitingFixture] {
    if let problem = problems.first(where: { $0.kind == .unreadable }) {
      throw FixtureRefusal(.commandFailed, problem.description)
    }
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
    // The values of a recorded case stay; only what the part declares about it changes.
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
  /// Writes `<case>.new` beside each case that is missing or out of date, from the oracle, and
  /// removes such files that are no longer needed.
  ///
  /// - Returns: what waits for review now; a command fails with status 3 if anything does.
  /// - Throws: `SelectionError`, `FixtureRefusal` for a case that is too large or a folder that cannot
  ///   be read, or the error of an oracle.
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

  /// Recorded cases that wait, which no oracle can make again.
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
      "\(id): its tensors have \(bytes) bytes, more than the limit of \(FixtureFolder.caseLimit)")
  }

  /// How the versions that wait for review differ from the stored ones; nothing is written.
  ///
  /// - Throws: `SelectionError`, `FixtureRefusal` for a folder that cannot be read, or `KitError` for
  ///   such a file.
  public func diff(_ selection: Selection? = nil) throws -> [FixtureChange] {
    try ownSubjects(selection).flatMap { subject in
      let folder = FixtureFolder(subject.entry.kind, subject.entry.name, in: subject.site.fixtures)
      try folder.requireReadable()
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
    // A corrupt file has no values to compare with.
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
