internal import Catalogue
internal import Codegen
internal import Conformance
internal import Foundation
internal import Parts
internal import Reporting
internal import Support

/// A fault of the package, and the part whose laws must reject it.
struct FaultRow: Hashable, Sendable {
  /// The part it sits in, by kind and registered name.
  let part: String
  /// What it changes.
  let entry: FaultEntry

  /// The name that turns it on.
  var name: String { entry.name }
  /// What is wrong, in a sentence.
  var wrong: String { entry.wrong }
  /// The codes of the laws that must reject it, the expected best first.
  var killers: [String] { entry.laws }
  /// Whether it is an equivalent mutant, which every law must accept.
  var isControl: Bool { entry.isControl }
}

/// The faults of a package: the files `Faults/<kind>-<part>.faults`.
struct FaultBook {
  /// The folder of the package.
  let root: URL
  /// The faults, by file and place.
  let rows: [FaultRow]
  /// The source files that they change, with all of them folded in.
  let folded: [String: FoldedFile]

  /// The folder of a package that holds its faults.
  static let folder = "Faults"

  /// Reads the faults of a kit's package and folds them into its sources.
  ///
  /// - Throws: `CommandFailure` with a line for each entry that is wrong.
  init(_ kit: Kit) throws {
    root = kit.root
    let folder = root.appendingPathComponent(Self.folder)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let files = names.filter { $0.hasSuffix(".faults") }.sorted()
    guard !files.isEmpty else {
      throw CommandFailure(
        .nothingSelected, "\(folder.path) holds no faults, which are files KIND-PART.faults")
    }
    var problems: [Diagnostic] = []
    var rows: [FaultRow] = []
    for name in files {
      let path = "\(Self.folder)/\(name)"
      do {
        let file = folder.appendingPathComponent(name)
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
          throw Diagnostic(path: path, line: 1, column: 1, "this cannot be read as UTF-8 text")
        }
        // Editors may write CRLF, or a mark of the byte order.
        let entries = try FaultEntry.parse(
          text.replacing("\r\n", with: "\n").trimmingPrefix("\u{FEFF}").description, path: path)
        let part = try Self.part(of: name, path, kit)
        problems += entries.flatMap { Self.unknownLaws(of: $0, kit) }
        rows += entries.map { FaultRow(part: part, entry: $0) }
      } catch let error as Diagnostics {
        problems += error.list
      } catch let error as Diagnostic {
        problems.append(error)
      }
    }
    let repetitions = FaultEntry.repetitions(among: rows.map(\.entry))
    problems += repetitions
    self.rows = rows
    // Each name becomes one switch.
    let folding = Self.fold(repetitions.isEmpty ? rows.map(\.entry) : [], root)
    folded = folding.files
    problems += folding.problems
    if !problems.isEmpty {
      throw CommandFailure(.commandFailed, lines: problems.sorted().map { "\($0)" })
    }
  }

  /// The part that a file of faults is about, by the file's name.
  private static func part(of name: String, _ path: String, _ kit: Kit) throws -> String {
    let words = name.dropLast(".faults".count).split(separator: "-", maxSplits: 1).map(String.init)
    let titles = kit.registry.entries.map(\.title)
    let title = words.joined(separator: " ")
    if titles.contains(title) { return title }
    throw Diagnostic(
      path: path, line: 1, column: 1,
      "there is no part `\(title)`" + didYouMean(title, among: titles))
  }

  private static func unknownLaws(of entry: FaultEntry, _ kit: Kit) -> [Diagnostic] {
    let codes = kit.laws.laws.map(\.id.code)
    return entry.laws.filter { !codes.contains($0) }.map { code in
      Diagnostic(
        path: entry.path, line: entry.line, column: 1,
        "`\(entry.name)`: there is no law `\(code)`" + didYouMean(code, among: codes))
    }
  }

  private static func fold(_ entries: [FaultEntry], _ root: URL) -> (
    files: [String: FoldedFile], problems: [Diagnostic]
  ) {
    var files: [String: FoldedFile] = [:]
    var problems: [Diagnostic] = []
    let byFile = Dictionary(
      grouping: entries.flatMap { entry in entry.hunks.map { (path: $0.path, entry: entry) } },
      by: \.path)
    for (path, uses) in byFile {
      do {
        let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        files[path] = try FoldedFile(text, path: path, entries: uses.map(\.entry))
      } catch let error as Diagnostics {
        problems += error.list
      } catch {
        problems += uses.map {
          Diagnostic(
            path: $0.entry.path, line: $0.entry.line, column: 1,
            "`\($0.entry.name)`: \(path) cannot be read")
        }
      }
    }
    return (files, problems)
  }
}

/// A hint at the word that was probably meant; empty if none is close.
func didYouMean(_ word: String, among words: [String]) -> String {
  nearest(word, among: words).map { ", did you mean `\($0)`?" } ?? ""
}
