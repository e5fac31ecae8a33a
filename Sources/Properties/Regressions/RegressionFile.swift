import Foundation
import Synchronization

/// The stored failures of a law about a subject: `regressions/<kind>-<part>/<law>.json`.
struct RegressionFile {
  let path: String

  /// Checks of one law in several variants run beside each other and share a file.
  private static let lock = Mutex<Void>(())

  init(folder: String, cell: CellID) {
    path = "\(folder)/\(cell.regressionFile)"
  }

  /// The stored failures, in order; none if there is no file.
  func read() throws(RegressionFileError) -> [Regression] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      return try JSONDecoder().decode([Regression].self, from: data)
    } catch {
      throw RegressionFileError(path: path, why: "is no list of stored failures: \(error)")
    }
  }

  /// Stores a failure in the place of the one it was made from, or behind the others.
  func store(_ new: Regression, replacing old: Regression? = nil) throws(RegressionFileError) {
    let result = Self.lock.withLock { _ -> Result<Void, RegressionFileError> in
      do throws(RegressionFileError) {
        var entries = try read()
        entries.removeAll { $0 == old || $0.choices == new.choices && $0.dtype == new.dtype }
        try write(entries + [new])
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  private func write(_ entries: [Regression]) throws(RegressionFileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let url = URL(fileURLWithPath: path)
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try (try encoder.encode(entries) + Data("\n".utf8)).write(to: url, options: .atomic)
    } catch {
      throw RegressionFileError(path: path, why: "cannot be written: \(error)")
    }
  }

}

extension CellID {
  /// The file of stored failures in their folder, such as `attention-nystrom/segment-exact.json`.
  public var regressionFile: String { "\(Self.fileName(subject))/\(Self.fileName(law)).json" }

  /// A name that is one plain component of a path: no separators, and never `..`.
  private static func fileName(_ text: String) -> String {
    let allowed = text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "-" }
    return allowed.isEmpty ? "-" : String(allowed)
  }
}
