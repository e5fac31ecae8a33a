public import Catalogue
public import Foundation
internal import Oracles
public import Parts
public import Properties
public import Reporting
internal import Torch

/// The parts to judge, and the laws and definitions to judge them by.
///
/// A test target declares one, and a program that offers the `zoo` command is started with it:
///
/// ```swift
/// let kit = Kit { try $0.parts.add(MyPartsRegistry.entries) }
/// ```
///
/// It starts from the zoo's own. A clash of names does not throw here: it makes every judgement
/// fail with the reason.
public struct Kit: Sendable {
  /// The contents of a kit while it is being put together.
  public struct Builder {
    /// The parts.
    public struct PartList {
      var registry = Registry.zoo
      /// Adds parts of a generated registry.
      ///
      /// - Throws: `PartError` when a name is taken.
      public mutating func add(_ entries: [PartEntry]) throws {
        registry = try registry.adding(entries)
      }
    }

    /// The parts; add your own here.
    public var parts = PartList()
    /// The laws; add your own here.
    public var laws = LawBook.zoo
    /// The definitions; add your own here.
    public var oracles = OracleBook.zoo
    /// Where the fixtures of all parts lie; when absent, in `Fixtures` of each part's package.
    public var fixtures: URL?
    /// The naive forms; add your own here.
    public var naives = NaiveBook.zoo
  }

  /// The parts.
  public let registry: Registry
  /// The laws.
  public let laws: LawBook
  /// The definitions.
  public let oracles: OracleBook
  /// The folder of the package: fixtures, regressions and known failures lie in it.
  public let root: URL
  /// The folder of the package's own fixtures.
  public let fixtures: URL
  /// Which fixtures were compared with their parts in this process.
  public let fixtureReads = FixtureReads()
  /// What went wrong while the kit was put together.
  public let problem: KitError?
  let subjects: [Kind: [String: Subject]]

  /// Puts a kit together.
  ///
  /// - `anchor`: a file of the package; the folder above it with a Package.swift is its root.
  public init(
    anchor: String = #filePath, _ configure: (inout Builder) throws -> Void = { _ in }
  ) {
    Self.prepare
    var builder = Builder()
    var problem: KitError?
    do { try configure(&builder) } catch { problem = KitError("the kit: \(error)") }
    registry = builder.parts.registry
    laws = builder.laws
    oracles = builder.oracles
    self.problem = problem
    let current = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    root =
      Self.root(above: anchor) ?? Self.root(above: current.appendingPathComponent("any").path)
      ?? current
    fixtures = builder.fixtures ?? root.appendingPathComponent("Fixtures")
    var subjects: [Kind: [String: Subject]] = [:]
    for entry in registry.entries {
      subjects[entry.kind, default: [:]][entry.name] = Subject(
        entry, registry: registry, laws: builder.laws, oracles: oracles, naives: builder.naives,
        site: FixtureSite(
          filePath: entry.filePath, kit: root, fixtures: builder.fixtures, reads: fixtureReads))
    }
    self.subjects = subjects
  }

  /// Laws run side by side, each with one thread of libtorch, and blocks are kept for reuse.
  private static let prepare: Void = {
    Runtime.threads = 1
    Runtime.keepLargeBlocks()
  }()

  /// The nearest folder above a file that holds a package.
  public static func root(above anchor: String) -> URL? {
    var folder = URL(fileURLWithPath: anchor).deletingLastPathComponent()
    while folder.path != "/" {
      let manifest = folder.appendingPathComponent("Package.swift").path
      if FileManager.default.fileExists(atPath: manifest) { return folder }
      folder = folder.deletingLastPathComponent()
    }
    return nil
  }

  /// Runs the package's own command from its folder, such as `swift run zoo`.
  var command: String { Self.command(in: root) }

  /// The target that starts the command calls it in its main.swift, and is named like its folder.
  static func command(in root: URL) -> String {
    let sources = root.appendingPathComponent("Sources")
    let targets = (try? FileManager.default.contentsOfDirectory(atPath: sources.path)) ?? []
    let tool = targets.sorted().first { target in
      let main = sources.appendingPathComponent("\(target)/main.swift")
      return (try? String(contentsOf: main, encoding: .utf8))?.contains("Zoo.main(") ?? false
    }
    return "swift run \(tool ?? "zoo")"
  }

  /// The part of a kind and name under judgement.
  ///
  /// - Throws: `PartError` with the nearest name.
  public func subject(_ kind: Kind, _ name: String) throws -> Subject {
    if let subject = subjects[kind]?[name] { return subject }
    _ = try registry.entry(kind, name)
    throw KitError("the part \(kind.rawValue) \(name) is registered but not judged")
  }

  /// Every cell: each part with each law of its kind in each of the law's types.
  public var cells: [Cell] {
    registry.entries.flatMap { entry in
      laws.laws.filter { $0.id.kinds.contains(entry.kind) }.flatMap { law in
        law.dtypes.map {
          Cell(kind: entry.kind, part: entry.name, law: law.id, dtype: $0.rawValue)
        }
      }
    }
  }
}

/// Something about a kit, a fixture or a run that makes judging impossible.
public struct KitError: SetUpError, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, in one line.
  public let description: String

  /// Makes an error.
  public init(_ description: String) { self.description = description }
}

/// Something about a part that makes comparing it impossible, which is a mistake of the part.
struct PartMistake: Error, CustomStringConvertible {
  /// What is wrong, in one line.
  let description: String

  init(_ description: String) { self.description = description }
}
