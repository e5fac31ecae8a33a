internal import Foundation

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
      let head = JSONText.object([("run", .string(token))]).line + "\n"
      try Data(head.utf8).write(to: file, options: .atomic)
      handle = try FileHandle(forWritingTo: file)
      try handle.seekToEnd()
    } catch {
      throw .file(file.path, error.localizedDescription)
    }
    self.file = file
  }

  func append(began path: String) throws(ReportError) {
    try append(.object([("began", .string(path))]))
  }

  func append(_ result: CellResult) throws(ReportError) {
    try append(.object([("cell", result.jsonText)]))
  }

  private func append(_ line: JSONText) throws(ReportError) {
    do {
      try handle.write(contentsOf: Data((line.line + "\n").utf8))
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
      let members: JournalLine
      do throws(ReportError) {
        members = try decodeReport(Data(line))
      } catch {
        throw .malformed("\(place): \(error)")
      }
      if index == 0 {
        guard members.run == token else { return [] }
      } else if let path = members.began {
        entries.append(.began(path))
      } else if let cell = members.cell {
        entries.append(.ended(try cell.result(at: place)))
      } else {
        throw .malformed("\(place) says neither what began nor what ended")
      }
    }
    return entries
  }
}

private struct JournalLine: Decodable {
  let run: String?
  let began: String?
  let cell: CellFile?
}
