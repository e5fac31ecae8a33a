import Catalogue

/// The parts that a set of source files registers, and what is wrong with them.
public struct Inventory: Sendable {
  /// The parts, sorted by kind and name; complete only if there are no diagnostics.
  public private(set) var annotations: [Annotation] = []
  /// The problems, sorted by location; each error is followed by its notes.
  public private(set) var diagnostics: [Diagnostic] = []

  /// Scans files of one or several modules; their order does not matter.
  /// - Parameter platform: the name for which `os(…)` is true.
  public init(_ files: [SourceFile], platform: String = hostPlatform) {
    var modules: [String: Module] = [:]
    for file in files {
      if let offset = firstInvalidOffset(in: file.bytes) {
        diagnostics.append(Self.notText(file, at: offset))
      } else if NearMiss.mayOccur(in: file.bytes) {
        let scan = FileScan(file, platform: platform)
        annotations += scan.annotations
        diagnostics += scan.diagnostics
        modules[file.module, default: Module()].add(scan, of: file)
      } else {
        modules[file.module, default: Module()].others.append(file)
      }
    }
    for (name, module) in modules {
      diagnostics += module.unknownConfigs(name: name, platform: platform)
    }
    annotations.sort()
    let repeated = repetitions()
    diagnostics = (diagnostics.map { [$0] } + repeated).sorted { $0[0] < $1[0] }.flatMap(\.self)
  }

  private static func notText(_ file: SourceFile, at offset: Int) -> Diagnostic {
    let before = file.bytes[..<offset]
    let line = before.count { $0 == Byte.newline } + 1
    let lineStart = before.lastIndex(of: Byte.newline).map { $0 + 1 } ?? 0
    return Diagnostic(
      path: file.path, line: line, column: offset - lineStart + 1,
      "this file is not UTF-8: byte 0x\(hexadecimal(UInt64(file.bytes[offset]), digits: 2))")
  }

  /// An error at each repeated registration, with a note at the first one.
  private func repetitions() -> [[Diagnostic]] {
    var known: [String: Annotation] = [:]
    return annotations.compactMap { second in
      let part = "\(second.kind.rawValue) \"\(second.name)\""
      guard let first = known[part] else {
        known[part] = second
        return nil
      }
      return [
        Diagnostic(
          path: second.path, line: second.line, column: second.column,
          "\(part) is registered twice, here and at \(first.path):\(first.line)"),
        Diagnostic(
          .note, path: first.path, line: first.line, column: first.column,
          "\(part) is registered here"),
      ]
    }
  }
}

/// The files of one module, searched for configurations.
private struct Module {
  /// The files without annotations; read only if a name is not found in the others.
  var others: [SourceFile] = []
  private var types: Set<String> = []
  private var uses: [(use: FileScan.ConfigUse, file: SourceFile)] = []

  mutating func add(_ scan: FileScan, of file: SourceFile) {
    types.formUnion(scan.types)
    uses += scan.configUses.map { ($0, file) }
  }

  /// The configurations that no file declares.
  func unknownConfigs(name: String, platform: String) -> [Diagnostic] {
    var search = ConfigSearch(module: name, known: types)
    var missing = Set(uses.map(\.use.name.withoutBackticks)).filter { !search.isKnown($0) }
    // First only files that contain the word, then all of them for the hints.
    for isThorough in [false, true] {
      for file in others where !missing.isEmpty {
        if !isThorough, !search.mayDeclare(missing, in: file) { continue }
        search.known.formUnion(FileScan(file, platform: platform).types)
        missing = missing.filter { !search.isKnown($0) }
      }
    }
    let hints = search.hints(for: missing)
    return uses.compactMap { use, file in
      guard let hint = hints[use.name.withoutBackticks] else { return nil }
      return Diagnostic(
        path: file.path, line: use.line, column: use.column,
        "the module \(name) declares no type \"\(use.name)\"\(hint)")
    }
  }
}

/// Looks for configurations among the types that a module declares.
private struct ConfigSearch {
  let module: String
  var known: Set<String>

  func isKnown(_ name: String) -> Bool {
    known.contains(name)
      || name.hasPrefix(module + ".") && known.contains(String(name.dropFirst(module.count + 1)))
  }

  /// Whether a file contains the last component of one of the names and is worth reading.
  func mayDeclare(_ names: Set<String>, in file: SourceFile) -> Bool {
    file.bytes.withUnsafeBufferPointer { bytes in
      names.contains { name in
        let last = name.utf8.lastIndex(of: Byte.dot).map(name.utf8.index(after:))
        return firstOffset(of: Array(name.utf8[(last ?? name.startIndex)...]), in: bytes) != nil
      }
    }
  }

  /// A suggestion for each name; a nested type that ends with the name comes first.
  func hints(for names: Set<String>) -> [String: String] {
    var hints: [String: String] = [:]
    let candidates = known.sorted()
    for name in names {
      // Comparisons are expensive, and nobody reads that many errors.
      guard hints.count < 100 else {
        hints[name] = ""
        continue
      }
      let nested = candidates.first { $0.hasSuffix("." + name) }
      hints[name] = nested.map { " (did you mean \"\($0)\"?)" } ?? hint(name, among: candidates)
    }
    return hints
  }
}
