internal import Foundation
internal import JSON
internal import Support

/// The lines that a run appends beside its report: which cells began, and how they ended.
///
/// A line is written by one call and never changed, so a process that dies damages at most the last
/// one. The first line names the run, so that a journal left behind by another is not believed.
struct ReportJournal {
  private let handle: FileHandle
  private let file: URL

  /// One line of the journal.
  enum Entry {
    case began(String)
    case ended(CellResult)

    var path: String {
      switch self {
      case .began(let path): path
      case .ended(let result): result.path
      }
    }
  }

  /// The journal that stands beside a report.
  static func file(of report: URL) -> URL {
    report.appendingPathExtension("journal")
  }

  init(creating file: URL, token: String) throws(ReportError) {
    do {
      let head: JSON = ["run": .string(token)]
      try writeFile(file.path, "\(head)\n")
      handle = try FileHandle(forWritingTo: file)
      try handle.seekToEnd()
    } catch let error as FileError {
      throw .file(file.path, error.reason)
    } catch {
      throw .file(file.path, error.localizedDescription)
    }
    self.file = file
  }

  func append(began path: String) throws(ReportError) {
    try append(["began": .string(path)])
  }

  func append(_ result: CellResult) throws(ReportError) {
    try append(["cell": result.json])
  }

  private func append(_ line: JSON) throws(ReportError) {
    do {
      try handle.write(contentsOf: Data("\(line)\n".utf8))
    } catch {
      throw .file(file.path, error.localizedDescription)
    }
  }

  /// Deletes the file; one that cannot be deleted is harmless, since no report names its run.
  func remove() {
    try? handle.close()
    try? FileManager.default.removeItem(at: file)
  }

  /// The entries of a journal; none if there is no journal or it belongs to another run.
  ///
  /// - Throws: ``ReportError`` if a whole line cannot be read. An unfinished last line is no error:
  ///   the process died there.
  static func read(_ file: URL, token: String) throws(ReportError) -> [Entry] {
    guard let data = try? Data(contentsOf: file) else { return [] }
    var lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    lines.removeLast()  // What stands behind the last newline: nothing, or half a line.
    var entries: [Entry] = []
    for (index, line) in lines.enumerated() {
      let place = "\(file.lastPathComponent) line \(index + 1)"
      let (run, began, cell): (String?, String?, CellResult?)
      do {
        let members = JSONPlace(try JSON(parsing: line), at: place)
        run = try members.optional("run")?.string
        began = try members.optional("began")?.string
        cell = try members.optional("cell").map { try CellResult(JSONPlace($0.value, at: place)) }
      } catch let error as ReportError {
        throw error
      } catch {
        throw .malformed("\(place): \(error)")
      }
      if index == 0 {
        guard run == token else { return [] }
      } else if let began {
        entries.append(.began(began))
      } else if let cell {
        entries.append(.ended(cell))
      } else {
        throw .malformed("\(place) says neither what began nor what ended")
      }
    }
    return entries
  }
}
