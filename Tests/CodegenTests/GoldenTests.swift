import Catalogue
import Codegen
import Foundation
import Testing

@Suite struct `generated files` {
  private let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "Golden")

  private func sample(module: String = "Parts") throws -> Inventory {
    let bytes = try Array(Data(contentsOf: folder.appending(path: "Sample.swift")))
    return Inventory([SourceFile(path: "Annotated.swift", module: module, bytes: bytes)])
  }

  @Test func `the registry equals the recorded one`() throws {
    let text = try registryFile(module: "Parts", annotations: sample().annotations)
    let recorded = folder.appending(path: "PartsRegistry.swift")
    // The recorded file is compiled and linted, but generated code is not formatted.
    let marked = "// swift-format-ignore-file\n" + text
    #expect(try marked == String(contentsOf: recorded, encoding: .utf8))
  }

  @Test func `the recorded registry lists the parts at their annotations`() {
    let entries = PartsRegistry.entries
    #expect(entries.map(\.kind) == ["attention", "attention", "positionEmbedding"])
    #expect(entries.map(\.name) == ["Alpha", "zeta-2.b", "Alpha"])
    #expect(
      entries.map(\.summary) == [
        "", "An attention with \"quotes\", a \\ and more.", "Tells tokens where they are.",
      ])
    #expect(entries.map(\.line) == [43, 30, 37])
    #expect(entries.allSatisfy { $0.fileID.hasSuffix("/Annotated.swift") })
  }

  @Test func `other modules import the parts`() throws {
    let text = try registryFile(module: "Mine", annotations: sample(module: "Mine").annotations)
    #expect(text.contains("\n\npublic import Parts\n\n/// The parts"))
    #expect(text.contains("public enum MineRegistry {"))
  }

  @Test func `a registry may be empty`() {
    let text = """
      // Do not edit: the next build overwrites this file.
      // Generated from 0 annotations by partsgen \(generatorVersion).
      // Inputs: d07045ec14ece0dd.

      /// The parts that this module registers.
      public enum PartsRegistry {
        /// The parts, sorted by kind and name.
        public static let entries: [PartEntry] = []
      }

      """
    #expect(registryFile(module: "Parts", annotations: []) == text)
  }

  @Test func `paths and texts cannot break out of their literals`() {
    let source = """
      struct Config {}
      // @register(attention, "a", Config)
      /// A "\\(b)"\u{7}
      class Part {}
      """
    let file = SourceFile(path: "a \"b\"\\c.swift", module: "M", text: source)
    let text = registryFile(module: "M", annotations: Inventory([file]).annotations)
    #expect(text.contains(#"file: "a \"b\"\\c.swift", line: 2)"#))
    #expect(text.contains(#"summary: "A \"\\(b)\"\u{07}")"#))
  }

  @Test func `the suites equal the recorded ones`() throws {
    let source = """
      struct Config {}
      // @register(feedforward, "MLP", Config)
      class B {}
      // @register(attention, "nystrom", Config)
      class A {}
      // @register(position_embedding, "sine", Config)
      class C {}
      """
    let inventory = Inventory([SourceFile(path: "/x/A.swift", module: "M", text: source)])
    let laws = [
      LawID("A01", "causality", kinds: [.attention, .multihead], .causality, tags: [.leak]),
      LawID("U03", "shape", kinds: [.attention, .feedforward, .multihead], .contract, tags: []),
      LawID("A02", "field", kinds: [.attention], .causality, tags: [.leak]),
      LawID("S01", "sharp", kinds: [.attention], .sharp, tags: []),
    ]
    #expect(suitesFile(annotations: inventory.annotations, laws: laws) == recordedSuites)
  }

  @Test func `suites change only when parts are added or removed`() {
    let part = "// @register(attention, \"a\", Config)\n"
    let before = scanBelowConfig(part + "class A {}")
    let after = scanBelowConfig("\n/// Moved.\nstruct Options {}\n" + part + "struct B {}")
    #expect(
      suitesFile(annotations: before.annotations) == suitesFile(annotations: after.annotations))
    #expect(suitesFile(annotations: before.annotations) != suitesFile(annotations: []))
  }

  @Test func `suites of no parts still require a selection`() {
    let text = suitesFile(annotations: [])
    #expect(text.contains("  parts: [\n  ])\n\n@Suite struct `the kit` {"))
  }
}
