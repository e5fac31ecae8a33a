internal import ArgumentParser
internal import Foundation
internal import Support

/// Where a command writes a result: a file, or standard output, which is also called `-`.
struct Destination: Sendable {
  /// The file; nil for standard output.
  let path: String?

  /// Checks a place before any work is done for it.
  ///
  /// - Parameters:
  ///   - given: what the user gave for the option; nil for standard output.
  ///   - inputs: the files that the command reads.
  ///   - makesFolders: whether folders that the file needs are made.
  /// - Throws: `CommandFailure` when nothing can be written there, or an input would be lost.
  init(
    _ given: String?, option: String, inputs: [String] = [], makesFolders: Bool = false
  ) throws(CommandFailure) {
    path = given == "-" ? nil : given
    guard let path else { return }
    guard !path.isEmpty else { throw CommandFailure("\(option) is empty, expected a file or -") }
    guard let status = fileStatus(path) else {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      if !makesFolders, fileStatus(folder) == nil {
        throw CommandFailure("\(path) cannot be written: there is no folder \(folder)")
      }
      return
    }
    if status.kind == S_IFDIR { throw CommandFailure("\(path) is a folder, expected a file") }
    for input in inputs where status.kind == S_IFREG && fileStatus(input) == status {
      throw CommandFailure("\(option) is \(path), which the command reads: choose another file")
    }
    guard access(path, W_OK) == 0 else {
      throw CommandFailure("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  /// Whether it is a file that can be replaced, or none yet; not a device, a pipe or standard output.
  var isRegular: Bool {
    guard let path else { return false }
    return fileStatus(path).map { $0.kind == S_IFREG } ?? true
  }

  /// Writes the whole result.
  func write(_ bytes: [UInt8], _ console: Console) throws {
    guard let path else { return console.output(Data(bytes)) }
    try writeFile(path, [bytes[...]])
  }

  /// Writes the whole result, a text.
  func write(_ text: String, _ console: Console) throws {
    if path == nil { console.print(text) } else { try write(Array(text.utf8), console) }
  }
}

/// Which file a path means, and what it is.
private struct FileStatus: Equatable {
  let device: dev_t
  let number: ino_t
  let kind: mode_t
}

private func fileStatus(_ path: String) -> FileStatus? {
  var status = stat()
  guard stat(path, &status) == 0 else { return nil }
  return FileStatus(
    device: status.st_dev, number: status.st_ino, kind: status.st_mode & S_IFMT)
}
