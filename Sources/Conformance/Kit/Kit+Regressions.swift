internal import Catalogue
public import Foundation
internal import Parts
internal import Properties
internal import Reporting
internal import Support

extension Kit {
  /// What lies in the package and nothing would ever run, a line each: stored failures, and fixtures
  /// of a definition that their part no longer claims.
  public func orphans() -> [String] { orphanedRegressions() + orphanedFixtures() }

  private func orphanedFixtures() -> [String] {
    subjects.values.flatMap(\.values).compactMap { subject in
      let entry = subject.entry
      guard subject.site.fixtures.path == fixtures.path,
        let claims = try? entry.claims(for: entry.sample), claims.definition == nil
      else { return nil }
      let folder = FixtureFolder(entry.kind, entry.name, in: fixtures)
      guard let manifest = try? folder.manifest(),
        manifest.cases.contains(where: { $0.origin == .oracle })
      else { return nil }
      return "\(fixtures.lastPathComponent)/\(folder.url.lastPathComponent) holds values of a "
        + "definition, but \(entry.title) claims none and is unproven; claim the definition again, "
        + "or run '\(command) fixtures new' to propose their removal"
    }.sorted()
  }

  /// The folder of stored failures.
  public var regressions: URL { root.appendingPathComponent("regressions") }

  /// What is wrong with stored failures that no cell would ever run, a line each: files of no part
  /// and law, and entries of a type in which the law is not judged.
  func orphanedRegressions() -> [String] {
    var dtypes: [String: Set<String>] = [:]
    for cell in cells {
      dtypes[CellID(cell.suite, cell.law.name).regressionFile, default: []].insert(cell.dtype)
    }
    let files = FileManager.default.enumerator(atPath: regressions.path)?.compactMap {
      $0 as? String
    }
    var lines: [String] = []
    for file in (files ?? []).sorted() where file.hasSuffix(".json") {
      guard let known = dtypes[file] else {
        lines.append("regressions/\(file) belongs to no known part and law")
        continue
      }
      // Each cell of a file that cannot be read reports it.
      let entries = try? Regression.list(
        parsing: readFile(regressions.appendingPathComponent(file).path))
      for dtype in Set((entries ?? []).map(\.dtype)).subtracting(known).sorted() {
        lines.append(
          "regressions/\(file) has an entry of '\(dtype)', in which the law is not judged")
      }
    }
    return lines
  }
}
