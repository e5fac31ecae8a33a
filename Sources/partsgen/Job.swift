import Codegen

/// One file to generate, and what from.
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

  /// Writes the file if that changes it: a file that is only touched recompiles what depends on it.
  func write() throws {
    let bytes = Array(try text().utf8)
    if fileExists(output), try readFile(output) == bytes { return }
    try replaceFile(output, with: bytes)
  }

  /// Fails if the file is not what would be written, showing the lines that differ.
  func check() throws {
    let expected = try text()
    let actual = String(decoding: try readFile(output), as: UTF8.self)
    if expected == actual { return }
    throw Failure(
      message: "\(output): error: this file is not what its sources say; generate it again\n"
        + difference(from: actual, to: expected))
  }

  /// What the file should hold.
  private func text() throws -> String {
    var problems: [String] = []
    var files: [SourceFile] = []
    for source in Set(sources).sorted(by: { ($0.module, $0.path) < ($1.module, $1.path) }) {
      do {
        let bytes = try readFile(source.path)
        files.append(SourceFile(path: source.path, module: source.module, bytes: bytes))
      } catch {
        problems.append("\(error)")
      }
    }
    let inventory = Inventory(files)
    problems += inventory.diagnostics.map(\.description)
    if !problems.isEmpty { throw Failure(message: problems.joined(separator: "\n")) }
    return switch product {
    case .registry: registryFile(module: modules[0], annotations: inventory.annotations)
    case .suites: suitesFile(annotations: inventory.annotations)
    }
  }
}
