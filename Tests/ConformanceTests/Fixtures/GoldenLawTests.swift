import Catalogue
import Conformance
import Foundation
import JSON
import Parts
import Properties
import Reporting
import Testing
import Torch

@Suite struct `the law on fixtures` {
  private func judge(
    _ kit: Kit, _ part: String = "plain", _ dtype: String = "f64", kind: Catalogue.Kind = .attention
  ) throws -> CellResult {
    try kit.judge(
      Cell(kind: kind, part: part, law: .golden, dtype: dtype), profile: Profile(.ci))
  }

  @Test(arguments: ["f64", "f32"])
  func `holds for a part that computes its definition, and reads every case`(_ dtype: String) throws
  {
    let workshop = try Workshop.stocked()
    let kit = workshop.kit()
    let result = try judge(kit, dtype: dtype)
    #expect(result.verdict == .passed, "\(result.failure?.message ?? "")")
    #expect(result.comparisons > 6 * 6)
    #expect(kit.fixtureReads.count == 6)
    #expect(try workshop.store().verify(Workshop.plainOnly).isEmpty)
  }

  private func judge(_ kit: Kit, dtype: String) throws -> CellResult {
    try judge(kit, "plain", dtype)
  }

  @Test func `fails on a missing fixture each time, in one line that says how to make it`() throws {
    let workshop = try Workshop()
    let kit = workshop.kit()
    for _ in 0..<2 {
      let result = try judge(kit)
      #expect(result.verdict == .failed(.falsified))
      let message = result.failure?.message ?? ""
      #expect(message.hasPrefix("6 of 6 fixtures in Fixtures/attention-plain are missing: "))
      #expect(message.contains("fixtures new -k 'kind:attention and part:plain'`"))
      #expect(message.contains("`swift run zoo fixtures accept -k 'kind:attention and part:plain'"))
      #expect(!message.contains("\n"))
    }
    #expect(try workshop.contents().isEmpty, "a law must not write")
  }

  @Test func `names the command of the package`() throws {
    let workshop = try Workshop()
    let target = workshop.root.appendingPathComponent("Sources/mine")
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    try workshop.write("Sources/mine/main.swift", "await Zoo.main(Kit())")
    let message = try judge(workshop.kit()).failure?.message ?? ""
    #expect(message.contains("`swift run mine fixtures new -k "), "\(message)")
  }

  @Test func `is stale when the definition has changed`() throws {
    let workshop = try Workshop.stocked()
    try workshop.write("Definition.swift", "// the second version of the definition")
    let result = try judge(workshop.kit())
    #expect(result.verdict == .failed(.stale))
    #expect(result.verdict.exitStatus == .stale)
  }

  @Test func `does not compare with a corrupt fixture`() throws {
    let workshop = try Workshop.stocked()
    try workshop.forge("default") { file in
      file.tensors["output"] = try Tensor.zeros([6, 5, 6], .float64).safetensorsEntry()
    }
    let kit = workshop.kit()
    #expect(try judge(kit).verdict == .failed(.stale))
    #expect(kit.fixtureReads.count == 0)
  }

  @Test func `rejects a part that computes something else`() throws {
    let workshop = try Workshop()
    workshop.factor.value = 1 + 1e-7
    _ = try workshop.store().new(Workshop.plainOnly)
    _ = try workshop.store().accept(Workshop.plainOnly, environment: [:])
    let result = try judge(workshop.kit())
    #expect(result.verdict == .failed(.falsified))
    #expect(result.failure?.message.contains("bound of T2") == true)
  }

  @Test func `judges a copy of a part under another name like the part`() throws {
    let workshop = try Workshop()
    let copy = PartEntry.attention(
      "copy", NystromAttention.self, NystromSelfAttentionConfig.self, summary: "A copy.")
    let chosen = Workshop.selection("part:copy")
    #expect(try judge(workshop.kit([copy]), "copy").verdict == .failed(.falsified))
    let made = try workshop.store([copy]).new(chosen)
    let own = try JSON(
      parsing: Array(
        Data(
          contentsOf: Kit().fixtures.appendingPathComponent("attention-nystrom/manifest.json"))))
    let defined = try #require(own["cases"]?.array).filter { $0["class"]?.string == "oracle" }
    #expect(made.filter { $0.fixture.kind == .attention }.count == defined.count)
    _ = try workshop.store([copy]).accept(chosen, environment: [:])
    for kind in [Catalogue.Kind.attention, .multihead] {
      for dtype in ["f64", "f32"] {
        let result = try judge(workshop.kit([copy]), "copy", dtype, kind: kind)
        #expect(result.verdict == .passed, "\(result.failure?.message ?? "")")
      }
    }
    #expect(try workshop.store([copy]).verify(chosen, recompute: true).isEmpty)
  }

  @Test func `judges a dispatch around another package's attention`() throws {
    let workshop = try Workshop()
    let chosen = Workshop.selection("part:plain")
    _ = try workshop.store().new(chosen)
    _ = try workshop.store().accept(chosen, environment: [:])
    let result = try judge(workshop.kit(), kind: .multihead)
    #expect(result.verdict == .passed, "\(result.failure?.message ?? "")")
  }

  @Test func `holds for every part of the zoo, with fixtures that are sound`() throws {
    let store = FixtureStore(Kit())
    #expect(try store.verify(recompute: true).map(\.description) == [])
    #expect(try store.unproven().isEmpty)
  }
}
