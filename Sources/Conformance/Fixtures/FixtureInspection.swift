internal import Catalogue
internal import Foundation
internal import Parts
internal import Torch

/// The fixtures of one part, compared with what the part declares.
struct FixtureInspection {
  /// A stored case that is intact and up to date with today's sources.
  struct Sound {
    let entry: FixtureEntry
    let file: SafetensorsFile
    /// The declaration, for a case of class oracle.
    let declared: DeclaredFixture?
  }

  let subject: Subject
  let folder: FixtureFolder
  /// The cases that the part declares.
  let declared: [DeclaredFixture]
  /// The cases of the manifest; empty if it cannot be read.
  private(set) var entries: [FixtureEntry] = []
  /// The cases that can be compared with a part.
  private(set) var sound: [Sound] = []
  /// Missing, corrupt, unreadable and stale cases.
  private(set) var problems: [FixtureProblem] = []
  /// Entries that no option asks for any more.
  private(set) var undeclared: [FixtureEntry] = []

  /// The names of the files in the folder.
  private let files: Set<String>

  /// Reads the folder of a part.
  ///
  /// - Throws: what keeps the part from declaring its cases.
  init(_ subject: Subject) throws {
    self.subject = subject
    folder = FixtureFolder(subject.entry.kind, subject.entry.name, in: subject.site.fixtures)
    declared = try FixturePlan.cases(of: subject)
    files = Set(folder.fileNames)
    do {
      try folder.requireReadable()
      entries = try folder.manifest()?.cases ?? []
    } catch let error as FixtureRefusal {
      problems.append(FixtureProblem(.unreadable, id(""), error.description))
      return
    } catch {
      addCorrupt("", FixtureManifest.fileName, "\(error)")
      return
    }
    let known = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for fixture in declared { try inspect(fixture, known[fixture.id.name]) }
    let names = Set(declared.map(\.id.name))
    for entry in entries {
      switch entry.origin {
      case .reference: try inspect(reference: entry)
      case .oracle: if !names.contains(entry.name) { undeclared.append(entry) }
      }
    }
  }

  func id(_ name: String) -> FixtureID {
    FixtureID(kind: subject.entry.kind, part: subject.entry.name, name: name)
  }

  private mutating func inspect(_ fixture: DeclaredFixture, _ entry: FixtureEntry?) throws {
    guard let entry, isPresent(fixture.id.name) else {
      problems.append(FixtureProblem(.missing, fixture.id, "it is declared, but not stored"))
      return
    }
    guard let file = read(entry) else { return }
    guard entry.origin == .oracle, entry.deviates == nil else {
      addCorrupt(entry.name, "\(entry.name).safetensors", "it is not a case of the oracle")
      return
    }
    guard entry.recipe == fixture.recipe else {
      let fields = FixtureChange.changedFields(from: entry.recipe, to: fixture.recipe)
      problems.append(
        FixtureProblem(
          .stale, fixture.id,
          "today's sources determine it differently: \(fields.joined(separator: ", "))"))
      return
    }
    sound.append(Sound(entry: entry, file: file, declared: fixture))
  }

  private mutating func inspect(reference entry: FixtureEntry) throws {
    guard isPresent(entry.name) else {
      problems.append(
        FixtureProblem(.missing, id(entry.name), "it was recorded elsewhere; import it again"))
      return
    }
    guard let file = read(entry) else { return }
    let claim = try RecordedCase(file, file: "\(id(entry.name))").declaration(in: subject.registry)
    guard claim == entry.deviates else {
      problems.append(
        FixtureProblem(
          .stale, id(entry.name),
          "the part \(Self.words(claim)), but in the manifest it \(Self.words(entry.deviates))"))
      return
    }
    sound.append(Sound(entry: entry, file: file, declared: nil))
  }

  private static func words(_ deviation: String?) -> String {
    deviation.map { "deviates, \"\($0)\"" } ?? "matches"
  }

  /// Makes a stored case again and compares.
  ///
  /// - Parameter recompute: whether to compare the output with that of the oracle, too.
  /// - Returns: how it differs from the stored case, or nil.
  func recheck(_ sound: Sound, recompute: Bool) throws -> FixtureProblem? {
    guard let declared = sound.declared else { return nil }
    let made = try declared.make(subject)
    var stored = sound.file.tensors
    let output = stored.removeValue(forKey: "output")
    if stored != made.given {
      let names = Set(stored.keys).union(made.given.keys).sorted()
        .filter { stored[$0] != made.given[$0] }
      return FixtureProblem(
        .drift, declared.id, "its recipes make other tensors: \(names.joined(separator: ", "))")
    }
    guard let output else {
      return FixtureProblem(.corrupt, declared.id, "it has no tensor `output`")
    }
    guard recompute else { return nil }
    let comparison = try compare(
      Tensor(output), Tensor(made.output), declared.exactArithmetic ? .bits : .recomputed)
    guard !comparison.isEqual else { return nil }
    return FixtureProblem(
      .wrong, declared.id,
      "its output is not that of the oracle \(declared.definition.oracle): \(comparison)")
  }

  private func isPresent(_ name: String) -> Bool {
    files.contains(folder.file(name).lastPathComponent)
  }

  private mutating func read(_ entry: FixtureEntry) -> SafetensorsFile? {
    if let reason = FixtureFolder.obstacle(folder.file(entry.name).path) {
      problems.append(FixtureProblem(.unreadable, id(entry.name), "it cannot be read: \(reason)"))
      return nil
    }
    do { return try folder.read(entry) } catch {
      addCorrupt(entry.name, "\(entry.name).safetensors", "\(error)")
      return nil
    }
  }

  /// Notes a corrupt file: it is to be restored, since making it again would hide what happened to it.
  private mutating func addCorrupt(_ name: String, _ file: String, _ reason: String) {
    let isPointer = reason.hasSuffix(SafetensorsError.gitLFSPointer)
    let advice = isPointer ? "" : "; restore it with `git checkout -- \(folder.path(file))`"
    problems.append(FixtureProblem(.corrupt, id(name), reason + advice))
  }

  /// Whether something is wrong, and fixtures are out of date or damaged, but none is missing.
  var isOutOfDate: Bool { !problems.isEmpty && problems.allSatisfy { $0.kind != .missing } }

  /// What is wrong and what to do about it, in one line; nil if nothing is.
  var advice: String? {
    guard let first = problems.first(where: { $0.kind != .missing }) ?? problems.first else {
      return nil
    }
    let names = problems.map { $0.fixture.name.isEmpty ? "the folder" : $0.fixture.name }
    let kinds = Set(problems.map(\.kind.rawValue)).sorted().joined(separator: " or ")
    var text =
      "\(problems.count) of \(max(declared.count, entries.count)) fixtures in "
      + "Fixtures/\(id("")) are \(kinds): \(names.prefix(4).joined(separator: ", "))"
    if names.count > 4 { text += ", …" }
    if first.kind != .missing { text += " (\(first.message))" }
    guard problems.contains(where: { $0.kind == .missing || $0.kind == .stale }) else {
      return text
    }
    let expression = "kind:\(subject.entry.kind.rawValue) and part:\(subject.entry.name)"
    return text
      + "; make them with `\(subject.site.command) fixtures new -k '\(expression)'`, review the "
      + "diff, then `\(subject.site.command) fixtures accept -k '\(expression)'`"
  }
}

extension RecordedCase {
  /// The reason for which the part declares other values than the recorded ones; nil if it does not.
  func declaration(in registry: Registry) throws -> String? {
    let built = try registry.build(kind, part, config, generator: Generator(seed: 0)).part
    if case .deviates(let reason) = built.reference(for: inputs) { return reason }
    return nil
  }
}
