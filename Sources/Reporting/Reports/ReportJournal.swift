internal import Foundation
internal import JSON
internal import Support

/// The file next to a report to which a run appends which cells began and how they ended.
///
/// Each line is written by one call and never changed, so a process that dies damages at most the
/// last one. The first line names the run, so a journal left behind by another run is ignored.
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

  /// The journal of a report.
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

  /// Deletes the file; failing to is harmless, since no report names its run any more.
  func remove() {
    try? handle.close()
    try? FileManager.default.removeItem(at: file)
  }

  /// The entries of a journal; empty if there is no journal or it belongs to another run.
  ///
  /// - Throws: ``ReportError`` if a complete line cannot be read. An incomplete last line is not an
  ///   error: the process died there.
  static func read(_ file: URL, token: String) throws(ReportError) -> [Entry] {
    guard let data = try? Data(contentsOf: file) else { return [] }
    var lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    lines.removeLast()  // What follows the last newline: nothing, or an incomplete line.
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
        throw .malformed("\(place) has neither began nor cell")
      }
    }
    return entries
  }
}
