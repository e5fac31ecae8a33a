public import Catalogue
internal import Foundation
internal import Synchronization

/// The place of one part's fixtures, in the package to which the part belongs.
final class FixtureSite: Sendable {
  /// The folder of all fixtures of the package.
  let fixtures: URL
  /// The packages in which sources of oracles are looked up, in this order.
  let packages: [URL]
  /// The command that makes the fixtures.
  var command: String { packages.last.map(Kit.command) ?? "swift run zoo" }
  /// The fixtures that were read in this process.
  let reads: FixtureReads
  /// The cases that the part declares; laws need them once for each type.
  let declared = Mutex<[DeclaredFixture]?>(nil)

  init(fixtures: URL, packages: [URL], reads: FixtureReads) {
    self.fixtures = fixtures
    self.packages = packages
    self.reads = reads
  }

  /// The site of a part in the package around its file.
  convenience init(filePath: String, kit: URL? = nil, fixtures: URL? = nil, reads: FixtureReads) {
    let own = Kit.root(above: filePath) ?? kit
    let folder = own ?? URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    self.init(
      fixtures: fixtures ?? folder.appendingPathComponent("Fixtures"),
      packages: [own, kit].compactMap { $0 }, reads: reads)
  }
}

/// The fixtures that were compared with a part so far.
public final class FixtureReads: Sendable {
  private let cases = Mutex<Set<FixtureID>>([])

  /// None were compared.
  public init() {}

  /// Notes that a fixture was compared.
  func note(_ fixture: FixtureID) { cases.withLock { _ = $0.insert(fixture) } }

  /// Whether a fixture was compared.
  public func contains(_ fixture: FixtureID) -> Bool { cases.withLock { $0.contains(fixture) } }

  /// The number of fixtures that were compared.
  public var count: Int { cases.withLock { $0.count } }
}

/// The name of one fixture.
public struct FixtureID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// What the part is.
  public let kind: Kind
  /// The registered name of the part.
  public let part: String
  /// The name of the case; empty for the part's manifest.
  public let name: String

  /// Names a fixture.
  public init(kind: Kind, part: String, name: String) {
    self.kind = kind
    self.part = part
    self.name = name
  }

  /// The folder and the case, such as `attention-nystrom/default`.
  public var description: String {
    FixtureFolder.name(kind, part) + (name.isEmpty ? "" : "/\(name)")
  }

  /// Fixtures sort by kind, part and case.
  public static func < (a: Self, b: Self) -> Bool {
    (a.kind, a.part, a.name) < (b.kind, b.part, b.name)
  }
}
