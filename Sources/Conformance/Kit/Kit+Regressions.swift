internal import Catalogue
public import Foundation
internal import Properties
internal import Reporting
internal import Support

extension Kit {
  /// The folder of stored failures.
  public var regressions: URL { root.appendingPathComponent("regressions") }

  /// What is wrong with stored failures that no cell would ever run, a line each: files of no part
  /// and law, and entries of a type in which the law is not judged.
  public func orphanedRegressions() -> [String] {
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
        lines.append("regressions/\(file) is of no part and law that there is")
        continue
      }
      // A file that cannot be read is told by each of its cells.
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
