internal import Catalogue
internal import Foundation
internal import Parts
internal import Torch

/// What the fixtures of one part are today, compared with what the part declares.
struct FixtureInspection {
  /// A stored case that is what was written, and belongs to today's sources.
  struct Sound {
    let entry: FixtureEntry
    let file: SafetensorsFile
    /// The declaration of a case of class oracle.
    let declared: DeclaredFixture?
  }

  let subject: Subject
  let folder: FixtureFolder
  /// What the part declares.
  let declared: [DeclaredFixture]
  /// What the manifest holds; empty when it cannot be read.
  private(set) var entries: [FixtureEntry] = []
  /// The cases that may be compared with a part.
  private(set) var sound: [Sound] = []
  /// Missing, corrupt and stale cases, and entries without a case.
  private(set) var problems: [FixtureProblem] = []
  /// Entries that no option asks for any more.
  private(set) var undeclared: [FixtureEntry] = []

  /// Reads the folder of a part.
  ///
  /// - Throws: what keeps the part from declaring its cases.
  init(_ subject: Subject) throws {
    self.subject = subject
    folder = FixtureFolder(subject.entry.kind, subject.entry.name, in: subject.site.fixtures)
    declared = try FixturePlan.cases(of: subject)
    do { entries = try folder.manifest()?.cases ?? [] } catch {
      problems.append(FixtureProblem(.corrupt, id(""), "\(error)"))
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
      problems.append(FixtureProblem(.missing, fixture.id, "the case is declared, but not stored"))
      return
    }
    guard let file = read(entry) else { return }
    guard entry.origin == .oracle, entry.deviates == nil else {
      problems.append(
        FixtureProblem(.corrupt, fixture.id, "it is not of the definition, as it must be"))
      return
    }
    guard entry.recipe == fixture.recipe else {
      let fields = FixtureChange.changedFields(from: entry.recipe, to: fixture.recipe)
      problems.append(
        FixtureProblem(
          .stale, fixture.id, "today's sources say otherwise: \(fields.joined(separator: ", "))"))
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
          "the part \(Self.words(claim)), the manifest says that it \(Self.words(entry.deviates))"))
      return
    }
    sound.append(Sound(entry: entry, file: file, declared: nil))
  }

  private static func words(_ deviation: String?) -> String {
    deviation.map { "deviates, \"\($0)\"" } ?? "matches"
  }

  /// Makes a stored case again.
  ///
  /// - Parameter recompute: whether the output must be what the definition gives, too.
  /// - Returns: how it differs from what is stored, or nil.
  func recheck(_ sound: Sound, recompute: Bool) throws -> FixtureProblem? {
    guard let declared = sound.declared else { return nil }
    let made = try declared.make(subject)
    var stored = sound.file.tensors
    let output = stored.removeValue(forKey: "output")
    if stored != made.given {
      let names = Set(stored.keys).union(made.given.keys).sorted()
        .filter { stored[$0] != made.given[$0] }
      return FixtureProblem(
        .drift, declared.id, "the recipes make other tensors: \(names.joined(separator: ", "))")
    }
    guard let output else {
      return FixtureProblem(.corrupt, declared.id, "there is no tensor `output`")
    }
    guard recompute else { return nil }
    let comparison = try compare(
      Tensor(output), Tensor(made.output), declared.exactArithmetic ? .bits : .recomputed)
    guard !comparison.isEqual else { return nil }
    return FixtureProblem(
      .wrong, declared.id, "it is not what \(declared.definition.oracle) gives: \(comparison)")
  }

  private func isPresent(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.file(name).path)
  }

  private mutating func read(_ entry: FixtureEntry) -> SafetensorsFile? {
    do { return try folder.read(entry) } catch {
      problems.append(FixtureProblem(.corrupt, id(entry.name), "\(error)"))
      return nil
    }
  }
}

extension RecordedCase {
  /// Why the part says that it computes other values than the recorded ones; nil if it does not.
  func declaration(in registry: Registry) throws -> String? {
    let built = try registry.build(kind, part, config, generator: Generator(seed: 0)).part
    if case .deviates(let reason) = built.reference(for: inputs) { return reason }
    return nil
  }
}
