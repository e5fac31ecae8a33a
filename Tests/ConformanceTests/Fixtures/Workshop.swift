import Catalogue
import Conformance
import Foundation
import JSON
import Oracles
import Parts
import Reporting
import Synchronization
import Testing
import Torch

/// A package in a temporary folder, with an attention and its definition.
final class Workshop {
  let root: URL
  /// What the definition multiplies its output by; the part does not.
  let factor = Factor()

  init() throws {
    root = FileManager.default.temporaryDirectory
      .appendingPathComponent("fixtures-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    try write("Package.swift", "// a package")
    try write("Definition.swift", "// the first version of the definition")
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  /// The current kit: sources are read again.
  func kit(_ entries: [PartEntry] = [Workshop.plain]) -> Kit {
    let factor = factor
    let definition = Oracle(name: "plain", file: "Definition.swift") { call in
      var output = try Oracle.scaledDotProduct.evaluate(call)
      output.values = output.values.map { $0 * factor.value }
      return output
    }
    return Kit(anchor: root.appendingPathComponent("main.swift").path) {
      try $0.parts.add(entries)
      try $0.oracles.add([definition])
      $0.fixtures = self.fixtures
    }
  }

  func store(_ entries: [PartEntry] = [Workshop.plain]) -> FixtureStore {
    FixtureStore(kit(entries))
  }

  /// A workshop whose fixtures are made and accepted.
  static func stocked() throws -> Workshop {
    let workshop = try Workshop()
    _ = try workshop.store().new(plainOnly)
    _ = try workshop.store().accept(plainOnly, environment: [:])
    return workshop
  }

  var fixtures: URL { root.appendingPathComponent("Fixtures") }
  var folder: URL { fixtures.appendingPathComponent("attention-plain") }
  func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: root.appendingPathComponent(name))
  }

  /// The files of the part, with their contents.
  func contents() throws -> [String: Data] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: file($0))) })
  }

  /// Rewrites a stored case and its manifest, so that every hash fits.
  func forge(_ name: String, _ change: (inout SafetensorsFile) throws -> Void) throws {
    let path = file("\(name).safetensors").path
    var tensors = try SafetensorsFile(contentsOf: path)
    try change(&tensors)
    try tensors.write(to: path)
    let manifest = file("manifest.json")
    var text = try String(contentsOf: manifest, encoding: .utf8)
    let json = try JSON(parsing: text)
    let cases = try #require(json["cases"]?.array)
    let entry = try #require(cases.first { $0["case"]?.string == name })
    let old = try #require(entry["contentHash"]?.string)
    text = text.replacingOccurrences(of: old, with: try FixtureHash.content(tensors.tensors))
    try Data(text.utf8).write(to: manifest)
  }

  static let plain = PartEntry.attention(
    "plain", PlainAttention.self, PlainConfig.self, summary: "An attention for tests.")
  static let plainOnly = selection("part:plain and kind:attention")
  static func selection(_ text: String) -> Selection {
    do { return try Selection(text) } catch { preconditionFailure("\(error)") }
  }

  final class Factor: Sendable {
    private let mutex = Mutex(1.0)
    var value: Double {
      get { mutex.withLock { $0 } }
      set { mutex.withLock { $0 = newValue } }
    }
  }
}

struct PlainConfig: PartConfig {
  var causal = false
  static let sample = Self()
}

/// Scaled dot product under another name, with another package's definition.
final class PlainAttention: Module, Attention {
  let config: PlainConfig
  private let inner: ScaledDotProductAttention

  init(_ config: PlainConfig, generator: Generator) throws {
    self.config = config
    var options = ScaledDotProductConfig.sample
    options.causal = config.causal
    inner = try ScaledDotProductAttention(options, generator: generator)
    super.init(["inner": inner])
  }

  static func claims(for config: PlainConfig) -> Claims {
    var options = ScaledDotProductConfig.sample
    options.causal = config.causal
    var claims = ScaledDotProductAttention.claims(for: options)
    claims.masks.remove(.keyPadding)
    claims.definition?.oracle = "plain"
    return claims
  }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    try inner(query, key, value, masks: masks)
  }
}

/// A part that computes in half precision only, which no law on fixtures judges.
final class HalfAttention: Module, Attention {
  let config: PlainConfig
  init(_ config: PlainConfig, generator: Generator) throws {
    self.config = config
    super.init()
  }
  static func claims(for config: PlainConfig) -> Claims {
    var claims = PlainAttention.claims(for: config)
    claims.dtypes = [.bfloat16]
    return claims
  }
  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  { query }
}

/// A part without a definition.
final class UnprovenAttention: Module, Attention {
  let config: PlainConfig
  init(_ config: PlainConfig, generator: Generator) throws {
    self.config = config
    super.init()
  }
  static func claims(for config: PlainConfig) -> Claims { Claims() }
  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  { query }
}
