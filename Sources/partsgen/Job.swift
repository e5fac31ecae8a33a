import Codegen
import Support

/// Wrong sources, or a file that does not match them, described as the compiler would.
struct Failure: Error, CustomStringConvertible {
  let description: String
}

extension FileError {
  /// The error as the compiler would describe it.
  var line: String { "\(path):1:1: error: \(reason)" }
}

/// A file to generate, and its sources.
struct Job {
  enum Product {
    case registry
    case suites
  }

  struct Source: Hashable {
    let module: String
    let path: String
  }

  let product: Product
  let output: String
  let modules: [String]
  let sources: [Source]

  /// Writes the file only if that changes it, since a new date would recompile its dependents.
  func write() throws {
    let bytes = Array(try text().utf8)
    if fileExists(output), try readFile(output) == bytes { return }
    try writeFile(output, [bytes[...]])
  }

  /// Fails if the file differs from what would be written, showing the lines that differ.
  func check() throws {
    let expected = try text()
    let actual = String(decoding: try readFile(output), as: UTF8.self)
    if expected == actual { return }
    throw Failure(
      description: "\(output): error: this file does not match its sources; generate it again\n"
        + difference(from: actual, to: expected))
  }

  /// The text that the file should have.
  private func text() throws -> String {
    var problems: [String] = []
    var files: [SourceFile] = []
    for source in Set(sources).sorted(by: { ($0.module, $0.path) < ($1.module, $1.path) }) {
      do throws(FileError) {
        let bytes = try readFile(source.path)
        files.append(SourceFile(path: source.path, module: source.module, bytes: bytes))
      } catch {
        problems.append(error.line)
      }
    }
    let inventory = Inventory(files)
    problems += inventory.diagnostics.map(\.description)
    if !problems.isEmpty { throw Failure(description: problems.joined(separator: "\n")) }
    return switch product {
    case .registry: registryFile(module: modules[0], annotations: inventory.annotations)
    case .suites: suitesFile(annotations: inventory.annotations)
    }
  }
}

/// The lines that differ between two texts, without those that both ends share.
func difference(from old: String, to new: String) -> String {
  let old = old.split(separator: "\n", omittingEmptySubsequences: false)
  let new = new.split(separator: "\n", omittingEmptySubsequences: false)
  let start = zip(old, new).prefix { $0 == $1 }.count
  let shared = zip(old.dropFirst(start).reversed(), new.dropFirst(start).reversed())
    .prefix { $0 == $1 }.count
  let removed = old[start..<(old.count - shared)]
  let added = new[start..<(new.count - shared)]
  let head = "@@ -\(start + 1),\(removed.count) +\(start + 1),\(added.count) @@"
  return ([head] + clipped(removed, "-") + clipped(added, "+")).joined(separator: "\n")
}

private func clipped(_ lines: ArraySlice<Substring>, _ mark: String) -> [String] {
  let shown = lines.prefix(20).map { mark + $0 }
  return lines.count > 20 ? shown + ["\(mark) ... \(lines.count - 20) more lines"] : shown
}
