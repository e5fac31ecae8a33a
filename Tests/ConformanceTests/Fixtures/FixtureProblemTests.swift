import Catalogue
import Conformance
import Foundation
import JSON
import Parts
import Properties
import Reporting
import Testing
import Torch

@Suite struct `fixtures that are not what they should be` {
  private func kinds(_ workshop: Workshop, recompute: Bool = false) throws -> [String] {
    try workshop.store().verify(Workshop.plainOnly, recompute: recompute)
      .map { "\($0.kind) \($0.fixture.name)" }
  }

  @Test func `do not exist once fixtures are made and accepted`() throws {
    let workshop = try Workshop.stocked()
    #expect(try kinds(workshop, recompute: true) == [])
    let files = try workshop.contents()
    #expect(files.count == 1 + 6, "\(files.keys.sorted())")
    #expect(files["default.safetensors"] != nil && files["causal-true.safetensors"] != nil)
    #expect(files["one-token.safetensors"] != nil)
  }

  @Test func `are missing before fixtures are made`() throws {
    let workshop = try Workshop()
    let found = try kinds(workshop)
    #expect(found.count == 6 && found.allSatisfy { $0.hasPrefix("missing") })
    #expect(try workshop.contents().isEmpty, "verify must not write")
  }

  @Test func `are missing when a file was deleted`() throws {
    let workshop = try Workshop.stocked()
    try FileManager.default.removeItem(at: workshop.file("default.safetensors"))
    #expect(try kinds(workshop) == ["missing default"])
  }

  @Test func `are corrupt when a byte of the tensors was changed`() throws {
    let workshop = try Workshop.stocked()
    let file = workshop.file("default.safetensors")
    var data = try Data(contentsOf: file)
    data[data.count - 3] ^= 1
    try data.write(to: file)
    #expect(try kinds(workshop) == ["corrupt default"])
  }

  @Test func `are corrupt when the header names another configuration`() throws {
    let workshop = try Workshop.stocked()
    let path = workshop.file("default.safetensors").path
    var file = try SafetensorsFile(contentsOf: path)
    file.metadata["config"] = #"{"causal":true}"#
    try file.write(to: path)
    #expect(try kinds(workshop) == ["corrupt default"])
  }

  @Test(arguments: [
    ("\"recipe\": \"normal(", "\"recipe\": \"uniform("),
    ("\"class\": \"oracle\"", "\"class\": \"reference\""),
    ("\"bytes\": ", "\"bytes\": 1"), ("\"format\": 1", "\"format\": 2"),
    ("\"deviates\": null", "\"deviates\": \"it is fine\""), ("\"f64\": \"T2\"", "\"f64\": \"T7\""),
    ("\"part\": \"plain\"", "\"part\": \"local\""),
  ])
  func `are corrupt when the manifest was edited`(_ old: String, _ new: String) throws {
    let workshop = try Workshop.stocked()
    let file = workshop.file("manifest.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    let place = try #require(text.range(of: old), "\(old) is not in the manifest")
    try Data(text.replacingCharacters(in: place, with: new).utf8).write(to: file)
    let found = try workshop.store().verify(Workshop.plainOnly)
    #expect(!found.isEmpty && found.allSatisfy { $0.kind == .corrupt }, "\(found)")
  }

  @Test(arguments: [
    "", "{", "null", "[]", String(repeating: "[", count: 100_000), "{\"format\": 1}",
    "{\"format\": 1, \"kind\": \"attention\", \"part\": \"plain\", \"cases\": [{}]}", "\u{0}\u{1}",
  ])
  func `are corrupt when the manifest is something else`(_ text: String) throws {
    let workshop = try Workshop.stocked()
    try Data(text.utf8).write(to: workshop.file("manifest.json"))
    #expect(try kinds(workshop) == ["corrupt "])
  }

  @Test func `are corrupt when a case is listed twice or has the name of a path`() throws {
    for (old, new) in [("\"causal-true\"", "\"default\""), ("\"default\"", "\"../../default\"")] {
      let workshop = try Workshop.stocked()
      let file = workshop.file("manifest.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: file)
      #expect(try kinds(workshop) == ["corrupt "])
    }
  }

  @Test func `are corrupt when a file is cut short, empty, a folder or huge`() throws {
    let workshop = try Workshop.stocked()
    let file = workshop.file("default.safetensors")
    let data = try Data(contentsOf: file)
    let big = try Tensor.zeros([20_000], .float64).safetensorsEntry()
    for replacement in [data.dropLast(8), Data(), Data(repeating: 0xFF, count: 64)] {
      try replacement.write(to: file)
      #expect(try kinds(workshop) == ["corrupt default"])
    }
    try SafetensorsFile(tensors: ["output": big]).write(to: file.path)
    #expect(try kinds(workshop) == ["corrupt default"])
    try FileManager.default.removeItem(at: file)
    try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    #expect(try kinds(workshop) == ["corrupt default"])
  }

  @Test func `are stale when the definition's source has changed`() throws {
    let workshop = try Workshop.stocked()
    try workshop.write("Definition.swift", "// the second version of the definition")
    let found = try workshop.store().verify(Workshop.plainOnly)
    #expect(found.count == 6 && found.allSatisfy { $0.kind == .stale })
    #expect(found[0].message.contains("oracle.sourceHash: "))
    #expect(found[0].exitStatus == .stale)
  }

  @Test func `are the same when a checkout changes line ends`() throws {
    let workshop = try Workshop()
    try workshop.write("Definition.swift", "// one\n// two\n")
    _ = try workshop.store().new(Workshop.plainOnly)
    _ = try workshop.store().accept(Workshop.plainOnly, environment: [:])
    try workshop.write("Definition.swift", "// one\r\n// two\r\n")
    let manifest = try String(contentsOf: workshop.file("manifest.json"), encoding: .utf8)
    try Data(manifest.replacingOccurrences(of: "\n", with: "\r\n").utf8)
      .write(to: workshop.file("manifest.json"))
    #expect(try kinds(workshop) == [])
  }

  @Test func `are to be restored when they are corrupt`() throws {
    let workshop = try Workshop.stocked()
    try Data("x".utf8).write(to: workshop.file("default.safetensors"))
    var found = try workshop.store().verify(Workshop.plainOnly)
    let advice = "restore it with `git checkout -- Fixtures/attention-plain/"
    #expect(found.map(\.kind) == [.corrupt])
    #expect(found[0].message.hasSuffix("\(advice)default.safetensors`"), "\(found[0])")
    let law = try workshop.kit().judge(
      Cell(kind: .attention, part: "plain", law: .golden, dtype: "f64"))
    let message = law.failure?.message ?? ""
    #expect(message.contains(advice) && !message.contains("make golden"), "\(message)")
    try Data("x".utf8).write(to: workshop.file("manifest.json"))
    found = try workshop.store().verify(Workshop.plainOnly)
    #expect(found.map(\.message).allSatisfy { $0.hasSuffix("\(advice)manifest.json`") }, "\(found)")
  }

  @Test(arguments: ["default.safetensors", "manifest.json"])
  func `are to be fetched when they are Git LFS pointers`(_ name: String) throws {
    let workshop = try Workshop.stocked()
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    try Data(pointer.utf8).write(to: workshop.file(name))
    let found = try workshop.store().verify(Workshop.plainOnly)
    #expect(found.map(\.kind) == [.corrupt])
    #expect(found[0].message.hasSuffix("fetch the file with `git lfs pull`"), "\(found)")
  }

  @Test func `are not missing when their folder or file cannot be read`() throws {
    let files = FileManager.default
    let workshop = try Workshop.stocked()
    let file = workshop.file("default.safetensors")
    try files.removeItem(at: file)
    // A link to itself, which not even root can read.
    try files.createSymbolicLink(at: file, withDestinationURL: file)
    var found = try workshop.store().verify(Workshop.plainOnly)
    #expect(found.map(\.kind) == [.unreadable], "\(found)")
    #expect(found[0].message.contains("Too many levels of symbolic links"), "\(found)")
    let manifest = workshop.file("manifest.json")
    try files.removeItem(at: manifest)
    try files.createSymbolicLink(at: manifest, withDestinationURL: manifest)
    #expect(try workshop.store().verify(Workshop.plainOnly).map(\.kind) == [.unreadable])
    try files.removeItem(at: workshop.folder)
    try Data("x".utf8).write(to: workshop.folder)
    found = try workshop.store().verify(Workshop.plainOnly)
    #expect(found.map(\.kind) == [.unreadable], "\(found)")
    #expect(
      found[0].message.hasSuffix("attention-plain cannot be read: Not a directory"), "\(found)")
    for attempt in [
      { _ = try workshop.store().new(Workshop.plainOnly) },
      { _ = try workshop.store().diff(Workshop.plainOnly) },
    ] {
      let refusal = #expect(throws: FixtureRefusal.self) { try attempt() }
      #expect(refusal?.description.contains("cannot be read: Not a directory") == true)
    }
  }

  @Test func `are unknowable when the definition's source is gone`() throws {
    let workshop = try Workshop.stocked()
    try FileManager.default.removeItem(at: workshop.root.appendingPathComponent("Definition.swift"))
    #expect(throws: KitError.self) { try workshop.store().verify(Workshop.plainOnly) }
  }

  @Test func `have drifted when their inputs are not those of the recipe`() throws {
    let workshop = try Workshop.stocked()
    try workshop.forge("default") { file in
      let q = try Tensor(file.tensor("input.q"))
      file.tensors["input.q"] = try (q + 1).safetensorsEntry()
    }
    // Only the hash of the manifest reveals it.
    #expect(try kinds(workshop) == ["corrupt "])
    try mendManifest(workshop)
    #expect(try kinds(workshop) == ["drift default"])
  }

  @Test func `are wrong when the output is not the definition's`() throws {
    let workshop = try Workshop.stocked()
    try workshop.forge("default") { file in
      let output = try Tensor(file.tensor("output"))
      file.tensors["output"] = try (output * (1 + 1e-12)).safetensorsEntry()
    }
    try mendManifest(workshop)
    #expect(try kinds(workshop) == [])
    #expect(try kinds(workshop, recompute: true) == ["wrong default"])
  }

  /// Gives an edited manifest the right hash.
  private func mendManifest(_ workshop: Workshop) throws {
    let file = workshop.file("manifest.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    let json = try JSON(parsing: text)
    let lines = try #require(json["cases"]?.array).map { entry in
      ["case", "recipeHash", "contentHash"].map { entry[$0]?.string ?? "" }.joined(separator: "\t")
        + "\n"
    }
    let old = try #require(json["manifestHash"]?.string)
    let new = XXH3.hash128(lines.sorted().joined()).description
    try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: file)
  }

  @Test func `are orphans without an entry, without a case and without a part`() throws {
    let workshop = try Workshop.stocked()
    let files = FileManager.default
    try files.copyItem(
      at: workshop.file("default.safetensors"), to: workshop.file("stray.safetensors"))
    try files.copyItem(
      at: workshop.folder, to: workshop.fixtures.appendingPathComponent("attention-gone"))
    #expect(try kinds(workshop) == [], "orphans are looked for only among everything")
    let found = try workshop.store().verify().filter { $0.kind == .orphan }
    #expect(
      found.map { "\($0.fixture)" } == ["attention-gone", "attention-plain/stray.safetensors"])
  }

  @Test func `are leftovers while a new version waits`() throws {
    let workshop = try Workshop.stocked()
    try workshop.write("Definition.swift", "// the second version of the definition")
    _ = try workshop.store().new(Workshop.plainOnly)
    let found = try workshop.store().verify(Workshop.plainOnly)
    #expect(Set(found.map(\.kind)) == [.stale, .leftover])
    #expect(found.count == 12)
  }

  @Test func `are unread when no law compares them`() throws {
    let workshop = try Workshop()
    let half = PartEntry.attention(
      "plain", HalfAttention.self, PlainConfig.self, summary: "Half precision only.")
    _ = try workshop.store([half]).new(Workshop.plainOnly)
    _ = try workshop.store([half]).accept(Workshop.plainOnly, environment: [:])
    let found = try workshop.store([half]).verify(Workshop.plainOnly)
    #expect(found.count == 6 && found.allSatisfy { $0.kind == .unread })
  }

  @Test func `are oversized beyond the limit of a package`() throws {
    let workshop = try Workshop.stocked()
    let stray = workshop.file("stray.new")
    try Data(count: 12 * 1024 * 1024).write(to: stray)
    let found = try workshop.store().verify(Workshop.plainOnly)
    #expect(found.contains { $0.kind == .oversized })
  }

  @Test func `are listed as unproven for a part without a definition`() throws {
    let workshop = try Workshop()
    let entry = PartEntry.attention(
      "plain", UnprovenAttention.self, PlainConfig.self, summary: "Unproven.")
    let store = workshop.store([entry])
    #expect(try store.unproven(Workshop.plainOnly) == ["attention plain"])
    #expect(try store.verify(Workshop.plainOnly).isEmpty)
    #expect(try store.new(Workshop.plainOnly).isEmpty)
  }

  @Test func `are orphans of the kit when the part withdraws its definition`() throws {
    let workshop = try Workshop.stocked()
    #expect(workshop.kit().orphans().isEmpty)
    let entry = PartEntry.attention(
      "plain", UnprovenAttention.self, PlainConfig.self, summary: "Unproven.")
    let orphans = workshop.kit([entry]).orphans()
    #expect(orphans.count == 1)
    #expect(orphans.first?.hasPrefix("Fixtures/attention-plain holds values") == true)
  }
}
