import Testing

@testable import Codegen

@Suite struct `faults as data` {
  static let source = """
    struct Scale {
      var factor = 2.0
      let words: [String: Int] = [
        "one": 1,
        "two": 2,
      ]

      init(_ factor: Double) {
        self.factor = factor
      }

      var half: Double { factor / 2 }

      func apply(_ x: Double) -> Double { x * factor }

      func clipped(_ x: Double, limit: () -> Double = { 1 }) -> Double {
        func inner(_ y: Double) -> Double {
          y * factor
        }
        let product = inner(x)
        return product > limit() ? limit() : product
      }

      func name(_ x: Int) -> String {
        switch x {
        case 1: "one"
        default: "many"
        }
      }
    }

    """

  private func entries(_ hunks: String, name: String = "wrongLine") throws -> [FaultEntry] {
    try FaultEntry.parse(
      "fault \(name)\nwrong: It is wrong.\nrejected by: A01\n\(hunks)", path: "Faults/a-b.faults")
  }

  private func fold(_ hunks: String) throws -> String {
    try FoldedFile(Self.source, path: "S.swift", entries: entries(hunks)).text
  }

  private func problem(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "none"
    } catch { return "\(error)" }
  }

  @Test func `an entry is read with all its keys`() throws {
    let text = """
      # A comment.
      fault first
      wrong: The sum is lost.
      rejected by: A01 U02
      imitates: https://example.org/1
      @@ S.swift
       before

      -right
      +wrong

      # expected survivor: because
      control second
      wrong: Nothing is.
      @@ S.swift
      +added
       line
      @@ T.swift
      -a
      +b
      """
    let entries = try FaultEntry.parse(text, path: "Faults/a-b.faults")
    #expect(entries.map(\.name) == ["first", "second"])
    #expect(entries.map(\.isControl) == [false, true])
    #expect(entries[0].laws == ["A01", "U02"])
    #expect(entries[0].imitates == "https://example.org/1")
    #expect(entries[0].hunks[0].right == ["before", "", "right"])
    #expect(entries[0].hunks[0].wrong == ["before", "", "wrong"])
    #expect(entries[1].hunks.map(\.path) == ["S.swift", "T.swift"])
    #expect(entries[1].line == 13)
  }

  @Test(arguments: [
    ("@@ S.swift\n-a\n+b", "Faults/x.faults:1:1: error: expected `fault NAME`"),
    ("fault a b\nwrong: w\nrejected by: A\n@@ S\n-a\n+b", ":1:1: error: expected a name"),
    ("fault a\nwrong: w\nrejected by: A", "a hunk (`@@ FILE` and lines) is missing"),
    ("fault a\nrejected by: A\n@@ S\n-a\n+b", "`wrong:` is missing"),
    ("fault a\nwrong: w\n@@ S\n-a\n+b", "expected either `rejected by: LAWS` or `survives: WHY`"),
    ("control a\nwrong: w\nrejected by: A\n@@ S\n-a\n+b", "every law must accept a control"),
    (
      "fault a\nwrong: w\nrejected by: A\nsurvives: s\n@@ S\n-a\n+b",
      "expected either `rejected by: LAWS` or `survives: WHY`"
    ),
    ("fault a\nwrnog: w\nrejected by: A\n@@ S\n-a\n+b", "no key `wrnog` (did you mean \"wrong\"?)"),
    ("fault a\nwrong: w\nwrong: v\nrejected by: A\n@@ S\n-a\n+b", ":3:1: error: `wrong` is given"),
    ("fault a\nwrong: w\nrejected by: A\n@@ S\n-a\n+a", "the hunk changes nothing"),
    ("fault a\nwrong: w\nrejected by: A\n@@ S\n+a", "a hunk needs at least one line of S"),
    ("fault a\nwrong: w\nrejected by: A\n@@ S\n-a\nb", ":6:1: error: expected a line that starts"),
  ]) func `problems in a file are reported with their line`(text: String, message: String) {
    let found = problem { _ = try FaultEntry.parse(text, path: "Faults/x.faults") }
    #expect(found.contains(message), "\(found)")
  }

  @Test func `a name may be used once among all files`() throws {
    let twice = try entries("@@ S.swift\n-a\n+b") + entries("@@ S.swift\n-a\n+c")
    let found = FaultEntry.repetitions(among: twice).map(\.description)
    #expect(found.count == 1)
    #expect(
      found.first?.contains("the name `wrongLine` is already used at Faults/a-b.faults:1") == true)
  }

  @Test func `hunks that are missing, repeated, overlapping or outside bodies are errors`() throws {
    #expect(
      problem { _ = try fold("@@ S.swift\n     self.factor = factor\n-  }\n+  ]") }
        .contains("Faults/a-b.faults:4:1: error: fault `wrongLine`: the change must be inside"))
    #expect(
      problem { _ = try fold("@@ S.swift\n     self.factor = factor\n-    nothing\n+    x") }
        .contains("expected `nothing` at S.swift:10, got `}`"))
    #expect(
      problem { _ = try fold("@@ S.swift\n-    nothing\n+    x") }
        .contains("S.swift has no line `nothing`"))
    #expect(
      problem { _ = try fold("@@ S.swift\n-    }\n+    x") }.contains("occur 2 times in S.swift"))
    #expect(
      problem { _ = try fold("@@ S.swift\n-struct Scale {\n+struct Other {") }
        .contains("must be inside one function"))
    #expect(
      problem {
        _ = try fold(
          "@@ S.swift\n-    let product = inner(x)\n+    let product = x\n"
            + "@@ S.swift\n-    let product = inner(x)\n+    let product = -x")
      }.contains("this hunk overlaps the one at line 4"))
  }

  @Test func `a single expression returns in every branch`() throws {
    let text = try fold(
      "@@ S.swift\n-  var half: Double { factor / 2 }\n+  var half: Double { factor / 3 }")
    #expect(
      text.contains("if ZooFault.isOn(0) { return factor / 3 \n} else { return factor / 2 \n}"))
  }

  @Test func `a switch expression returns unless statements come before it`() throws {
    let text = try fold(
      "@@ S.swift\n   func name(_ x: Int) -> String {\n+    let x = x + 1\n     switch x {")
    #expect(text.contains("let x = x + 1\n    switch x {"))
    #expect(text.contains("} else {\n    return switch x {"))
  }

  @Test func `the innermost body is written twice, or the outer one if both change`() throws {
    let inner = "@@ S.swift\n-      y * factor\n+      y\n"
    let outer = "@@ S.swift\n-    let product = inner(x)\n+    let product = -inner(x)\n"
    let one = try fold(inner)
    #expect(one.components(of: "let product = inner(x)") == 1)
    let both = try fold(inner + outer)
    #expect(both.components(of: "func inner") == 2)
    #expect(both.components(of: "let product = -inner(x)") == 1)
    let apart = try FoldedFile(
      Self.source, path: "S.swift",
      entries: entries(inner, name: "a") + entries(outer, name: "b")
    ).text
    // The wrong outer body contains the right inner one.
    #expect(apart.components(of: "func inner") == 2)
    #expect(apart.components(of: "ZooFault.isOn(") == 2)
  }

  @Test func `an initial value becomes an expression with both values`() throws {
    let text = try fold("@@ S.swift\n-    \"two\": 2,\n+    \"two\": 3,")
    #expect(text.contains("= ZooFault.isOn(0) ? ( ["))
    #expect(text.components(of: "\"one\": 1,") == 2)
    let factor = try fold("@@ S.swift\n-  var factor = 2.0\n+  var factor = 3.0")
    #expect(factor.contains("var factor = ZooFault.isOn(0) ? ( 3.0) : ( 2.0)\n"))
  }

  @Test func `each wrong line maps to its entry`() throws {
    let file = try FoldedFile(
      Self.source, path: "S.swift",
      entries: entries("@@ S.swift\n-    self.factor = factor\n+    self.factor = oops"))
    let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
    let place = try #require(lines.firstIndex { $0.contains("oops") })
    #expect(file.entry(atLine: place + 1)?.name == "wrongLine")
    #expect(lines.indices.filter { file.entry(atLine: $0 + 1) == nil }.count > 20)
  }

  @Test func `reach counts lines of code and bodies`() throws {
    let file = try FoldedFile(
      Self.source, path: "S.swift",
      entries: entries("@@ S.swift\n-    self.factor = factor\n+    self.factor = 1"))
    #expect(file.reach.changed == 1)
    #expect(file.reach.faulty == 1)
    #expect(file.reach.bodies == 6)
    #expect(file.reach.lines == 25)
  }
}

extension String {
  /// How often a text occurs in this one.
  fileprivate func components(of text: String) -> Int {
    split(separator: text, omittingEmptySubsequences: false).count - 1
  }
}
