import Catalogue
import Conformance
import Foundation
import Parts
import Reporting
import Testing
import Torch

@Suite struct `the review of fixtures` {
  private func refusal(_ body: () throws -> Void) -> Reporting.ExitStatus? {
    do {
      try body()
      return nil
    } catch let error as FixtureRefusal {
      return error.exitStatus
    } catch {
      Issue.record("threw \(type(of: error)): \(error)")
      return nil
    }
  }

  @Test func `proposes what is missing and writes nothing in its place`() throws {
    let workshop = try Workshop()
    let changes = try workshop.store().new(Workshop.plainOnly)
    #expect(changes.count == 6 && changes.allSatisfy { $0.action == .added })
    #expect(changes.allSatisfy { !$0.isUnexplained })
    #expect(try workshop.contents().keys.allSatisfy { $0.hasSuffix(".new") })
    #expect(try workshop.store().new(Workshop.plainOnly).count == 6, "it still waits")
  }

  @Test func `has nothing to propose when all is well`() throws {
    let workshop = try Workshop.stocked()
    let before = try workshop.contents()
    #expect(try workshop.store().new(Workshop.plainOnly).isEmpty)
    #expect(try workshop.contents() == before)
  }

  @Test func `makes the same bytes twice`() throws {
    let (first, second) = (try Workshop.stocked(), try Workshop.stocked())
    #expect(try first.contents() == second.contents())
  }

  @Test func `is refused without a selection, in CI and with nothing to accept`() throws {
    let workshop = try Workshop()
    let store = workshop.store()
    #expect(
      refusal { _ = try store.accept(Workshop.plainOnly, environment: [:]) } == .nothingSelected)
    _ = try store.new(Workshop.plainOnly)
    let before = try workshop.contents()
    #expect(refusal { _ = try store.accept(nil, environment: [:]) } == .usage)
    for value in ["1", "true", "0"] {
      let status = refusal { _ = try store.accept(Workshop.plainOnly, environment: ["CI": value]) }
      #expect(status == .commandFailed)
    }
    #expect(try workshop.contents() == before)
    _ = try store.accept(Workshop.plainOnly, environment: ["CI": ""])
    #expect(try workshop.contents().keys.allSatisfy { !$0.hasSuffix(".new") })
  }

  @Test func `is refused for a version whose values were edited`() throws {
    let workshop = try Workshop()
    _ = try workshop.store().new(Workshop.plainOnly)
    let path = workshop.file("default.new").path
    var file = try SafetensorsFile(contentsOf: path)
    let output = try Tensor(file.tensor("output"))
    let edited = try (output + 1).safetensorsEntry()
    let old = try FixtureHash.content(file.tensors)
    file.tensors["output"] = edited
    try file.write(to: path)
    #expect(accepting(workshop) == .stale)
    // Also when its hash was mended: the definition has the last word.
    let new = try FixtureHash.content(file.tensors)
    file.metadata["entry"] = file.metadata["entry"]?.replacingOccurrences(of: old, with: new)
    try file.write(to: path)
    #expect(accepting(workshop) == .stale)
    #expect(!FileManager.default.fileExists(atPath: workshop.file("manifest.json").path))
  }

  private func accepting(_ workshop: Workshop) -> Reporting.ExitStatus? {
    refusal { _ = try workshop.store().accept(Workshop.plainOnly, environment: [:]) }
  }

  @Test func `is refused for a version of another recipe, until it is made again`() throws {
    let workshop = try Workshop()
    _ = try workshop.store().new(Workshop.plainOnly)
    try workshop.write("Definition.swift", "// the second version of the definition")
    #expect(accepting(workshop) == .stale)
    _ = try workshop.store().new(Workshop.plainOnly)
    #expect(accepting(workshop) == nil)
  }

  @Test func `is refused for a file that is no fixture`() throws {
    let workshop = try Workshop.stocked()
    for data in [
      Data(), Data("{}".utf8), try Data(contentsOf: workshop.file("default.safetensors")),
    ] {
      try data.write(to: workshop.file("default.new"))
      #expect(accepting(workshop) == .stale)
    }
  }

  @Test func `shows which field of the recipe has changed`() throws {
    let workshop = try Workshop.stocked()
    try workshop.write("Definition.swift", "// the second version of the definition")
    let changes = try workshop.store().new(Workshop.plainOnly)
    #expect(changes.count == 6)
    for change in changes {
      #expect(change.action == .changed && change.tensors.isEmpty && !change.isUnexplained)
      #expect(change.fields.count == 1 && change.fields[0].hasPrefix("oracle.sourceHash: "))
    }
  }

  @Test func `marks values that changed without a reason`() throws {
    let workshop = try Workshop.stocked()
    workshop.factor.value = 1 + 0x1p-40
    let changes = try workshop.store().new(Workshop.plainOnly)
    let change = try #require(changes.first { $0.fixture.name == "default" })
    #expect(change.isUnexplained && change.description.contains("unexplained"))
    let tensor = try #require(change.tensors.first)
    #expect(change.tensors.count == 1 && tensor.name == "output" && tensor.share > 0.9)
    #expect(abs(tensor.relative * 0x1p40 - 1) < 0.01)
    #expect(tensor.ulps >= 4096 && tensor.ulps <= 8192)
  }

  @Test func `removes a case that no option asks for any more`() throws {
    let workshop = try Workshop.stocked()
    // The same part with one option less.
    let smaller = PartEntry.attention(
      "plain", SmallerAttention.self, SmallerConfig.self, summary: "Without an option.")
    let changes = try workshop.store([smaller]).new(Workshop.plainOnly)
    #expect(changes.filter { $0.action == .removed }.map(\.fixture.name).contains("causal-true"))
    _ = try workshop.store([smaller]).accept(Workshop.plainOnly, environment: [:])
    #expect(!FileManager.default.fileExists(atPath: workshop.file("causal-true.safetensors").path))
    #expect(try workshop.store([smaller]).verify(Workshop.plainOnly).isEmpty)
  }

  @Test func `repeats the laws of the last report`() throws {
    let workshop = try Workshop()
    let cell = Cell(kind: .attention, part: "plain", law: .oracle, dtype: "f64")
    let report = try Report(
      run: RunDescription(
        profile: "ci", seed: 0, swift: "6.3", torch: "2.13", device: "cpu", registryHash: "0f"),
      expected: [cell],
      results: [CellResult(cell, .failed(.falsified), failure: Failure(message: "wrong"))])
    _ = try workshop.store().new(Workshop.plainOnly)
    let changes = try FixtureStore(workshop.kit(), report: report).diff(Workshop.plainOnly)
    #expect(changes[0].laws?.failed == ["oracle f64"])
    #expect(changes[0].description.contains("oracle f64"))
  }

  @Test func `takes away a version that is not needed any more`() throws {
    let workshop = try Workshop.stocked()
    workshop.factor.value = 2
    #expect(try workshop.store().new(Workshop.plainOnly).count == 6)
    workshop.factor.value = 1
    #expect(try workshop.store().new(Workshop.plainOnly).isEmpty)
    #expect(try workshop.contents().keys.allSatisfy { !$0.hasSuffix(".new") })
  }

  @Test func `never writes into another package`() throws {
    let workshop = try Workshop()
    let kit = Kit(anchor: workshop.root.appendingPathComponent("main.swift").path)
    let elsewhere = Workshop.selection("part:sine")
    #expect(refusal { _ = try FixtureStore(kit).new(elsewhere) } == .nothingSelected)
    #expect(try workshop.contents().isEmpty)
  }
}

struct SmallerConfig: PartConfig {
  static let sample = Self()
}

final class SmallerAttention: Module, Attention {
  let config: SmallerConfig
  private let inner: PlainAttention
  init(_ config: SmallerConfig, generator: Generator) throws {
    self.config = config
    inner = try PlainAttention(PlainConfig(), generator: generator)
    super.init(["inner": inner])
  }
  static func claims(for config: SmallerConfig) -> Claims {
    PlainAttention.claims(for: PlainConfig())
  }
  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  { try inner(query, key, value, masks: masks) }
}
