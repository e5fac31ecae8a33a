internal import Conformance
internal import Foundation

/// What a command works with: whose parts, where it writes, and which program it is.
struct Session: Sendable {
  /// The session of the command that runs.
  @TaskLocal static var current = Session(kit: Kit(), console: .standard, executable: nil)

  /// The parts, laws and definitions.
  let kit: Kit
  /// Where results, errors and progress go.
  let console: Console
  /// The program that can be started again to judge cells; nil where this process must do it.
  let executable: URL?

  /// The name by which this program was called.
  var toolName: String { executable?.lastPathComponent ?? "zoo" }

  /// The kit, unless it could not be put together.
  static func usableKit() throws -> Kit {
    if let problem = current.kit.problem { throw problem }
    return current.kit
  }

  /// The file of this process' program.
  static var ownExecutable: URL? {
    let link = "/proc/self/exe"
    if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link) {
      return URL(fileURLWithPath: path)
    }
    return Bundle.main.executableURL
  }
}

extension Kit {
  /// A file by a name that a user gave, relative to the current folder, or else a file of the
  /// package.
  func file(_ given: String?, default name: String) -> URL {
    given.map { URL(fileURLWithPath: $0) } ?? root.appendingPathComponent(name)
  }

  /// A path as a reader wants it: within the package if it lies there.
  func shortened(_ path: String) -> String {
    for folder in [root.path, FileManager.default.currentDirectoryPath]
    where path.hasPrefix(folder + "/") {
      return String(path.dropFirst(folder.count + 1))
    }
    return path
  }
}
