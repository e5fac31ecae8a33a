import Codegen
import Testing

@Suite struct `properties of the scanner` {
  @Test func `finds exactly the parts in a file`() {
    var found = 0
    for seed in 0..<3_000 as Range<UInt64> {
      let source = SampleSource(seed: seed)
      let inventory = scan(source.text)
      found += source.parts.count
      if inventory.parts.sorted() != source.parts || !inventory.diagnostics.isEmpty {
        Issue.record(
          """
          seed \(seed): expected \(source.parts), got \(inventory.parts), \(inventory.problems) in
          \(source.text)
          """)
        return
      }
    }
    #expect(found > 5_000)
  }

  @Test func `damaged source gives the same locations each time, all inside it`() {
    var random = SplitMix64(seed: 1)
    let noise = ["\"", "\"\"\"", "#", "/", "*/", "/*", "\\(", ")", "{", "}", "\n", "\r", "@", "`"]
    var problems = 0
    for seed in 0..<2_000 as Range<UInt64> {
      var bytes = Array(SampleSource(seed: seed).text.utf8)
      for _ in 0..<random.int(1...4) {
        let start = random.int(0...bytes.count)
        let end = min(bytes.count, start + random.int(0...3))
        bytes.replaceSubrange(start..<end, with: Array(random.element(noise).utf8))
      }
      let file = SourceFile(path: "A.swift", module: "Sample", bytes: bytes)
      let inventory = Inventory([file], platform: "Linux")
      let places =
        inventory.annotations.map { ($0.line, $0.column) }
        + inventory.diagnostics.map { ($0.line, $0.column) }
      problems += inventory.diagnostics.count
      let widths = String(decoding: bytes, as: UTF8.self)
        .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(\.utf8.count)
      for (line, column) in places {
        #expect(line >= 1 && line <= widths.count && column >= 1, "seed \(seed)")
        #expect(column <= widths[min(line, widths.count) - 1] + 1, "seed \(seed)")
      }
      let again = Inventory([file], platform: "Linux")
      #expect(again.annotations == inventory.annotations)
      #expect(again.diagnostics == inventory.diagnostics)
    }
    #expect(problems > 100)
  }

  /// Repetitions that slow down a scanner that looks too far ahead or back.
  static let hostile = [
    "/*", "#\"", "\"", "\"\"\"\n", "#\"\"\"\\#(", "##\"\"\"\\##(#\"\"\"\\#(", "\"\\(", "#", "/ ",
    " /\\/",
    "#/\n", "#/ ", "(/\\/", "(", "{", "}", "#if A\n", "#if (", "#else\n", "struct A{",
    "extension A.", "`",
    "// @register(attention, \"a\", C)\n@a(", "// @register(attention, \"a\", C)\n", "@", "//@",
    "// @register(attention, \"a\", C)\nstruct A{", "\"\"\"\\(\n", "\"\"\"\\(\"\n", "a /b",
    "struct/**/",
    "// @register(attention, \"a\", Nope)\nstruct A {}\n", "#if !", "/// a. B\n", "@a.", "@a<",
    "\\",
    "typealias Aaaaaaaa = Int\n// @register(attention, \"a\", Bbbbbbbb)\n",
    "#if A\n// @register(a)\n",
    "\u{FEFF}", "\r", "\0", "é", "// @registe", "class ", "actor\n", "case .a: \"\n",
  ]

  @Test(.timeLimit(.minutes(2)), arguments: hostile)
  func `takes time in proportion to the length of hostile input`(piece: String) {
    let length = 1_000_000
    let text = "//@\n" + String(repeating: piece, count: length / piece.utf8.count)
    let clock = ContinuousClock()
    let duration = clock.measure { _ = scan(text) }
    // It usually takes about 0.1 s; a quadratic step would take minutes.
    #expect(duration < .seconds(10), "\(duration)")
  }
}
