import Catalogue
import Conformance
import Foundation
import Parts
import Reporting
import Testing
import Torch

@Suite struct `the import of recorded cases` {
  /// A folder with one recorded case of the part `plain`.
  private func recorded(_ workshop: Workshop, off: Double = 0, size: Int = 4) throws -> URL {
    let folder = workshop.root.appendingPathComponent("recorded")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let x = try Tensor((0..<size * 2).map { Double($0) / 8 }, shape: [1, size, 2], dtype: .float32)
    let part = try ScaledDotProductAttention(.sample, generator: Generator(seed: 0))
    part.eval()
    let output = try part(x, x, x) + off
    let entry = try x.safetensorsEntry()
    try SafetensorsFile(
      tensors: [
        "input.q": entry, "input.k": entry, "input.v": entry,
        "output": output.detached().safetensorsEntry(),
      ],
      metadata: ["kind": "attention", "part": "plain", "config": "{}", "source": "a test"]
    ).write(to: folder.appendingPathComponent("case.safetensors").path)
    return folder
  }

  private func golden(_ workshop: Workshop) throws -> CellResult {
    try workshop.kit().judge(
      Cell(kind: .attention, part: "plain", law: .golden, dtype: "f32"))
  }

  @Test func `proposes a case, and the law compares with it once it is accepted`() throws {
    let workshop = try Workshop.stocked()
    let found = try workshop.store().importRecorded(from: recorded(workshop))
    #expect(found.waiting.map(\.name) == ["recorded-case"] && found.leftOut.isEmpty)
    #expect(try workshop.store().new(Workshop.plainOnly).count == 1, "new leaves it alone")
    _ = try workshop.store().accept(Workshop.plainOnly, environment: [:])
    #expect(try golden(workshop).verdict == .passed)
    #expect(try workshop.store().verify(Workshop.plainOnly).isEmpty)
    let again = try workshop.store().importRecorded(from: recorded(workshop))
    #expect(again.waiting.isEmpty, "it is stored already")
  }

  @Test func `leaves NaN out unless the case declares it, and keeps the declaration`() throws {
    let workshop = try Workshop.stocked()
    let folder = try recorded(workshop, off: .nan)
    var found = try workshop.store().importRecorded(from: folder)
    #expect(found.waiting.isEmpty)
    #expect(
      found.leftOut.first?.reason.contains("has a NaN at element 0, which is not declared") == true)
    let path = folder.appendingPathComponent("case.safetensors").path
    var file = try SafetensorsFile(contentsOf: path)
    file.metadata["nonFinite"] = "true"
    try file.write(to: path)
    found = try workshop.store().importRecorded(from: folder)
    _ = try workshop.store().accept(Workshop.plainOnly, environment: [:])
    let stored = try SafetensorsFile(contentsOf: workshop.file("recorded-case.safetensors").path)
    #expect(stored.metadata["nonFinite"] == "true")
    #expect(
      try golden(workshop).failure?.message.contains("NaN is not in the recorded places") == true)
  }

  @Test func `makes the law fail for values that the part does not have`() throws {
    let workshop = try Workshop.stocked()
    _ = try workshop.store().importRecorded(from: recorded(workshop, off: 1e-3))
    _ = try workshop.store().accept(Workshop.plainOnly, environment: [:])
    let result = try golden(workshop)
    #expect(result.verdict == .failed(.falsified))
    #expect(result.failure?.message.contains("recorded-case: differs") == true)
  }

  @Test func `refuses a case that is too large`() throws {
    let workshop = try Workshop.stocked()
    let folder = try recorded(workshop, size: 3000)
    #expect(throws: FixtureRefusal.self) { try workshop.store().importRecorded(from: folder) }
  }

  @Test func `refuses a folder without cases, and leaves out parts that are not there`() throws {
    let workshop = try Workshop.stocked()
    #expect(throws: FixtureRefusal.self) {
      try workshop.store().importRecorded(from: workshop.root)
    }
    let notFolder = workshop.root.appendingPathComponent("Package.swift")
    let refusal = #expect(throws: FixtureRefusal.self) {
      try workshop.store().importRecorded(from: notFolder)
    }
    #expect(refusal?.description.hasSuffix("cannot be read: Not a directory") == true)
    let folder = try recorded(workshop)
    let path = folder.appendingPathComponent("case.safetensors").path
    var file = try SafetensorsFile(contentsOf: path)
    file.metadata["part"] = "plaine"
    try file.write(to: path)
    let found = try workshop.store().importRecorded(from: folder)
    #expect(found.waiting.isEmpty && found.leftOut.count == 1)
    #expect(found.leftOut[0].reason.contains("plain"))
  }

  @Test func `keeps a declared deviation only while it deviates`() throws {
    let workshop = try Workshop.stocked()
    let deviating = PartEntry.attention(
      "plain", DeviatingAttention.self, PlainConfig.self, summary: "Says that it deviates.")
    for (off, verdict) in [(0.5, Reporting.Verdict.passed), (0, .failed(.falsified))] {
      let folder = try recorded(workshop, off: off)
      _ = try workshop.store([deviating]).importRecorded(from: folder)
      _ = try workshop.store([deviating]).accept(Workshop.plainOnly, environment: [:])
      let cell = Cell(kind: .attention, part: "plain", law: .golden, dtype: "f32")
      #expect(try workshop.kit([deviating]).judge(cell).verdict == verdict)
    }
    // A part that has changed its mind makes the stored declaration stale.
    let problems = try workshop.store().verify(Workshop.plainOnly)
    #expect(problems.map(\.kind) == [.stale] && problems[0].message.contains("it is another"))
    _ = try workshop.store().new(Workshop.plainOnly)
    _ = try workshop.store().accept(Workshop.plainOnly, environment: [:])
    #expect(try workshop.store().verify(Workshop.plainOnly).isEmpty)
  }
}

/// An attention that declares every recorded value to be another.
final class DeviatingAttention: Module, Attention {
  let config: PlainConfig
  private let inner: PlainAttention
  init(_ config: PlainConfig, generator: Generator) throws {
    self.config = config
    inner = try PlainAttention(config, generator: generator)
    super.init(["inner": inner])
  }
  static func claims(for config: PlainConfig) -> Claims { PlainAttention.claims(for: config) }
  func reference(for inputs: [String: Tensor]) -> ReferenceClaim {
    .deviates(reason: "it is another")
  }
  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  { try inner(query, key, value, masks: masks) }
}
