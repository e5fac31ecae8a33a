internal import Support
internal import Synchronization

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
    guard fileExists(path) else { return [] }
    do {
      return try Regression.list(parsing: readFile(path))
    } catch let error as FileError {
      throw RegressionFileError(path: path, why: error.reason)
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
    do {
      try writeFile(path, Regression.text(entries), makingFolders: true)
    } catch {
      throw RegressionFileError(
        path: path, why: (error as? FileError)?.reason ?? "cannot be written: \(error)")
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
