import Foundation

/// The arguments, or the name of a file with them if they may exceed the system's limit.
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
  /// The path without percent encoding.
  var localPath: String { path(percentEncoded: false) }
}
