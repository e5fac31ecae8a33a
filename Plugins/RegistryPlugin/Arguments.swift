import Foundation

/// The arguments, or the name of a file that holds them if they may be too long for the system.
func shortened(_ arguments: [String], in folder: URL) throws -> [String] {
  if arguments.reduce(0, { $0 + $1.utf8.count + 1 }) < 100_000 { return arguments }
  let list = folder.appending(path: "sources.txt")
  let text = arguments.joined(separator: "\n")
  if (try? String(contentsOf: list, encoding: .utf8)) != text {
    try text.write(to: list, atomically: true, encoding: .utf8)
  }
  return ["@" + list.localPath]
}

extension URL {
  /// The path as the file system spells it.
  var localPath: String { path(percentEncoded: false) }
}
