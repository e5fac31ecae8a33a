internal import Catalogue
internal import Codegen
internal import Conformance
internal import Foundation
internal import Parts

/// Refuses to judge with a program that was built before parts were added or removed.
func requireCurrentBuild(_ kit: Kit) throws(CommandFailure) {
  let sources = kit.root.appendingPathComponent("Sources")
  let annotations = Inventory(swiftFiles(in: sources)).annotations
  let inSources = Dictionary(
    annotations.map { ("\($0.kind.rawValue) \($0.name)", "\($0.path):\($0.line)") },
    uniquingKeysWith: { first, _ in first })
  let built = Set(kit.registry.entries.map(\.title))
  for (title, place) in inSources.sorted(by: { $0.key < $1.key }) where !built.contains(title) {
    throw CommandFailure(
      "\(title) is registered at \(kit.shortened(place)), but this program does not know it: "
        + "build it again, and add the registry of that module to its kit")
  }
  for entry in kit.registry.entries
  where entry.kind != .multihead && entry.filePath.hasPrefix(sources.path + "/")
    && inSources[entry.title] == nil
  {
    throw CommandFailure(
      "\(entry.title) is no longer registered at \(kit.shortened(entry.filePath)): "
        + "build this program again")
  }
}

/// The Swift files of every module below a folder.
func swiftFiles(in sources: URL) -> [SourceFile] {
  guard let paths = FileManager.default.enumerator(atPath: sources.path) else { return [] }
  return paths.compactMap { item in
    guard let path = item as? String, path.hasSuffix(".swift"),
      let data = FileManager.default.contents(atPath: sources.path + "/" + path)
    else { return nil }
    return SourceFile(
      path: sources.path + "/" + path, module: String(path.prefix { $0 != "/" }),
      bytes: Array(data))
  }
}
