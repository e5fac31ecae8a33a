internal import Catalogue
public import Foundation
internal import JSON
internal import Parts
internal import Reporting
internal import Torch

extension FixtureStore {
  /// Imports recorded cases of the kit's parts as `<case>.new`, to be reviewed and accepted.
  ///
  /// Each `.safetensors` file of the folder is one case, as ``RecordedCase`` reads it. Cases that are
  /// stored already are skipped.
  ///
  /// - Returns: what waits for review, and the files that were left out with the reason.
  /// - Throws: `FixtureRefusal` for a folder without cases or a case that is too large, or the error
  ///   of a file that cannot be read.
  public func importRecorded(from source: URL) throws -> (
    waiting: [FixtureID], leftOut: [(file: String, reason: String)]
  ) {
    if let problem = kit.problem { throw problem }
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: source.path)) ?? []).sorted()
      .filter { $0.hasSuffix(".safetensors") }
    guard !names.isEmpty else {
      let reason = FixtureFolder.obstacle(source.path + "/.").map { "cannot be read: \($0)" }
      throw FixtureRefusal(
        .commandFailed, "\(source.path) \(reason ?? "holds no .safetensors files")")
    }
    var waiting: [FixtureID] = []
    var leftOut: [(file: String, reason: String)] = []
    for name in names {
      let file = try SafetensorsFile(contentsOf: source.appendingPathComponent(name).path)
      do {
        let recorded = try RecordedCase(file, file: name)
        let subject = try kit.subject(recorded.kind, recorded.part)
        guard subject.site.fixtures.path == folder.path else {
          throw KitError("\(subject.title) belongs to another package")
        }
        let stem = "recorded-\(name.dropLast(".safetensors".count))"
        let id = FixtureID(kind: recorded.kind, part: recorded.part, name: stem)
        if try take(file, recorded, id, subject) { waiting.append(id) }
      } catch let error as PartError {
        leftOut.append((name, "\(error)"))
      } catch let error as KitError {
        leftOut.append((name, "\(error)"))
      }
    }
    return (waiting, leftOut)
  }

  /// Writes a recorded case for review; returns false if the same case is stored already.
  private func take(
    _ file: SafetensorsFile, _ recorded: RecordedCase, _ id: FixtureID, _ subject: Subject
  ) throws -> Bool {
    guard FixtureEntry.isName(id.name) else {
      throw KitError("its name cannot be the name of a case")
    }
    guard recorded.results["output"] != nil else { throw KitError("it has no `output`") }
    var recipe: JSONObject = [
      "format": .integer(DeclaredFixture.format), "kind": .string(id.kind.rawValue),
      "part": .string(id.part), "class": "reference", "config": recorded.config,
      "mode": "eval", "tolerance": ["f32": .string(Tolerance.recorded.code)],
    ]
    for key in FixtureFolder.recordedKeys {
      if let text = file.metadata[key] { recipe[key] = .string(text) }
    }
    let entry = try FixtureEntry(
      id.name, .reference, recipe: .object(recipe), tensors: file.tensors,
      deviates: recorded.declaration(in: subject.registry), nonFinite: recorded.nonFinite)
    let folder = FixtureFolder(id.kind, id.part, in: self.folder)
    let stored = try folder.manifest()?.cases.first { $0.name == id.name }
    if let stored, stored == entry, (try? folder.read(stored)) != nil { return false }
    let fixture = WaitingFixture(entry: entry, tensors: file.tensors)
    try Self.requireSize(fixture, id)
    try fixture.write(id.name, in: folder)
    return true
  }
}
