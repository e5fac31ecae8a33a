public import Catalogue
public import Conformance
internal import Foundation
internal import Parts
internal import Properties
internal import PropertiesTesting
public import Reporting
public import Testing

extension Kit {
  /// The cells of a part and a family of laws that apply and that `ZOO_K` selects.
  public func cells(_ kind: Kind, _ name: String, _ family: Family) -> [JudgedCell] {
    cells.filter { cell in
      cell.kind == kind && cell.part == name && cell.law.family == family && isSelected(cell)
        && applies(cell)
    }.map(JudgedCell.init)
  }

  /// Judges a cell and records its failure, if there is one, at the part's annotation.
  ///
  /// Stored failures of the package run first, and known ones are replayed, as `zoo check` does.
  public func judge(_ judged: JudgedCell) throws {
    var profile = Profile.current
    profile.regressions = regressions.path
    announceSeed(of: profile)
    let result = try judge(
      judged.cell, profile: profile, known: KnownFailuresOfRun.known(to: self))
    guard result.verdict.isFailure else { return }
    let entry = try registry.entry(judged.cell.kind, judged.cell.part)
    Issue.record(
      Comment(rawValue: result.text),
      sourceLocation: SourceLocation(
        fileID: entry.fileID, filePath: entry.filePath, line: entry.line, column: 1))
  }

  /// Fails when `ZOO_K` is wrong or selects nothing.
  public func requireSelection(_ manifest: PartManifest) throws {
    if let problem { throw problem }
    _ = try Self.selection?.get()
    let judged = Set(manifest.parts.map { "\($0.kind.rawValue) \($0.name)" })
    let chosen = try selected().filter { judged.contains($0.suite) }
    #expect(chosen.contains(where: applies), "ZOO_K selects no cell that a suite here judges")
  }

  /// Fails when a registered part has no suite, a suite no part, or a stored failure or fixture no cell.
  public func requireManifest(_ manifest: PartManifest) throws {
    if let problem { throw problem }
    let orphans = orphans()
    #expect(orphans.isEmpty, "stored failures and fixtures that nothing runs")
    let judged = Set(manifest.parts.map { "\($0.kind.rawValue) \($0.name)" })
    let registered = Set(registry.entries.map(\.title))
    #expect(judged.subtracting(registered).isEmpty, "suites of parts that are not registered")
    // Parts of packages below have their suites there.
    let own = Set(registry.entries.filter { isOwn($0.filePath) }.map(\.title))
    #expect(own.subtracting(judged).isEmpty, "registered parts without a suite: build again")
  }

  private func isOwn(_ path: String) -> Bool { path.hasPrefix(root.path + "/Sources/") }

  /// The expression of `ZOO_K`, if there is one.
  private static let selection: Result<Selection, SelectionError>? = {
    guard let text = ProcessInfo.processInfo.environment["ZOO_K"], !text.isEmpty else { return nil }
    return Result { () throws(SelectionError) in try Selection(text) }
  }()

  private func selected() throws -> [Cell] {
    guard let selection = try Self.selection?.get() else { return cells }
    return try select(selection)
  }

  private func isSelected(_ cell: Cell) -> Bool {
    // A cell that `ZOO_REPLAY` names runs alone; judging any reports a name that does not exist.
    if let name = Profile.current.replay?.cell, name != cell.path,
      (try? Cell(path: name, laws: laws.laws.map(\.id))).map(cells.contains) == true
    {
      return false
    }
    return Self.selection == nil || SelectedCells.all(of: self).contains(cell)
  }

  /// Arguments of tests are evaluated before any test runs. A wrong expression ends the process here:
  /// as a test it would fail only after every hand-written one has run.
  fileprivate var selectedSet: Set<Cell> {
    do {
      return Set(try selected())
    } catch {
      let text = "\(error)"
      FileHandle.standardError.write(
        Data("error: ZOO_K selects nothing to judge:\n\(text)\n".utf8))
      let status = (error as? SelectionError)?.exitStatus ?? .commandFailed
      exit(status.rawValue)
    }
  }
}

/// The cells that `ZOO_K` selects, evaluated once for the kit of the process.
private enum SelectedCells {
  private static let lock = NSLock()
  nonisolated(unsafe) private static var cache: [String: Set<Cell>] = [:]

  static func all(of kit: Kit) -> Set<Cell> {
    lock.withLock {
      if let known = cache[kit.root.path] { return known }
      let found = kit.selectedSet
      cache[kit.root.path] = found
      return found
    }
  }
}

/// The known failures of a kit, read once in a process.
private enum KnownFailuresOfRun {
  private static let lock = NSLock()
  nonisolated(unsafe) private static var cache: [String: Result<KnownFailures, any Error>] = [:]

  static func known(to kit: Kit) throws -> KnownFailures {
    try lock.withLock {
      if let known = cache[kit.root.path] { return known }
      let found = Result { try kit.knownFailures() }
      cache[kit.root.path] = found
      return found
    }.get()
  }
}

/// The argument of a generated test; failures name its law and type.
public struct JudgedCell: Sendable, Hashable, CustomTestStringConvertible, CustomStringConvertible {
  /// The cell.
  public let cell: Cell

  /// Takes a cell as an argument.
  public init(_ cell: Cell) { self.cell = cell }

  /// The law and the type, such as `causality f64`.
  public var description: String { "\(cell.law.name) \(cell.dtype)" }

  /// The law and the type.
  public var testDescription: String { description }
}
