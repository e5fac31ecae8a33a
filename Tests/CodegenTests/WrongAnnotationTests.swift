import Codegen
import Testing

/// A wrong annotation in line 2 of a file, and its diagnostics.
struct WrongAnnotation: CustomTestStringConvertible, Sendable {
  let text: String
  let problems: [String]

  init(_ text: String, _ problems: String...) {
    self.text = text
    self.problems = problems
  }

  var testDescription: String { text }
}

private let form = "; an annotation is // @register(KIND, \"NAME\", CONFIG)"
private let nameRule =
  "; a name starts with a letter and consists of a-z, A-Z, 0-9, \"_\", \"-\" and \".\""
private let kinds =
  "; the kinds are attention, feedforward, position_embedding, normalization, residual, "
  + "reversible, patch_embedding, simplicial_embedding, attention_bias, model"
private func noType(_ found: String) -> String {
  "expected a class, struct, enum or actor directly below this annotation, got " + found
}

@Suite struct `wrong annotations` {
  @Test(arguments: [
    WrongAnnotation(
      "// @register", "2:13: expected \"(\" right after @register, got the end of the line\(form)"),
    WrongAnnotation(
      "// @register (attention, \"a\", Config)",
      "2:13: expected \"(\" right after @register, got whitespace\(form)"),
    WrongAnnotation(
      "// @registered(attention, \"a\", Config)",
      "2:13: expected \"(\" right after @register, got \"ed\"\(form)"),
    WrongAnnotation("// @register()", "2:14: expected a kind, got \")\"\(form)"),
    WrongAnnotation(
      "// @register(\"attention\", \"a\", Config)",
      "2:14: expected a kind without quotes, got \"\"\"\(form)"),
    WrongAnnotation(
      "// @register(attention \"a\", Config)",
      "2:24: expected \",\" after the kind, got \"\"\"\(form)"),
    WrongAnnotation(
      "// @register(attention, a, Config)",
      "2:25: expected a name in double quotes, got \"a\"\(form)"),
    WrongAnnotation(
      "// @register(attention, “a”, Config)",
      "2:25: expected a name in double quotes, got \"“a”\"\(form)"),
    WrongAnnotation(
      "// @register(attention,\u{A0}\"a\", Config)",
      "2:24: expected a name in double quotes, got U+00A0\(form)"),
    WrongAnnotation(
      "// @register(attention, \"a, Config)",
      "2:36: expected a double quote after the name, got the end of the line\(form)"),
    WrongAnnotation(
      "// @register(attention, \"a\")",
      "2:28: expected \",\" after the name, got \")\"\(form)"),
    WrongAnnotation(
      "// @register(attention, \"a\", )",
      "2:30: expected a configuration type, got \")\"\(form)"),
    WrongAnnotation(
      "// @register(attention, \"a\", 3D)",
      "2:30: expected a configuration type, got \"3D\"\(form)"),
    WrongAnnotation(
      "// @register(attention, \"a\", \"Config\")",
      "2:30: expected a configuration type without quotes, got \"\"\"\(form)"),
    WrongAnnotation(
      "// @register(attention, \"a\", Config.self)",
      "2:37: expected a configuration type without .self, got \"self\"\(form)"),
    WrongAnnotation(
      "// @register(attention, \"a\", Config<Int>)",
      "2:36: expected a configuration type without generic arguments, got \"<\"\(form)"),
    WrongAnnotation(
      "// @register(attention, \"a\", Config",
      "2:36: expected \")\" after the configuration, got the end of the line\(form)"),
    WrongAnnotation(
      "// @register(attention, \"a\", Config) now",
      "2:38: expected nothing after the annotation on its line, got \"now\"\(form)"),
    WrongAnnotation(
      "  // @register(attention, \"a\", Config, 3)",
      "2:38: expected \")\" after the configuration, got \",\"\(form)"),
  ])
  func `an annotation that does not parse is an error where parsing stops`(wrong: WrongAnnotation) {
    #expect(scanBelowConfig(wrong.text + "\nclass Part {}").problems == wrong.problems)
  }

  @Test(arguments: [
    WrongAnnotation(
      "// @register(attentoin, \"a\", Config)",
      "2:14: there is no kind \"attentoin\" (did you mean \"attention\"?)\(kinds)"),
    WrongAnnotation(
      "// @register(positionEmbedding, \"a\", Config)",
      "2:14: there is no kind \"positionEmbedding\" (did you mean \"position_embedding\"?)\(kinds)"),
    WrongAnnotation(
      "// @register(multihead, \"a\", Config)",
      "2:14: \"multihead\" cannot be annotated: every registered attention is also judged inside "
        + "the multi-head dispatch"),
    WrongAnnotation(
      "// @register(modle, \"a\", Config)",
      "2:14: there is no kind \"modle\" (did you mean \"model\"?)\(kinds)"),
    WrongAnnotation("// @register(attention, \"\", Config)", "2:25: the name is empty\(nameRule)"),
    WrongAnnotation(
      "// @register(attention, \"a b\", Config)",
      "2:25: the name \"a b\" contains a space\(nameRule)"),
    WrongAnnotation(
      "// @register(attention, \"a\\n\", Config)",
      "2:25: the name \"a\\n\" contains a backslash, and there are no escapes\(nameRule)"),
    WrongAnnotation(
      "// @register(attention, \"a/b\", Config)",
      "2:25: the name \"a/b\" contains \"/\"\(nameRule)"),
    WrongAnnotation(
      "// @register(attention, \"größe\", Config)",
      "2:25: the name \"größe\" contains \"ö\"\(nameRule)"),
    WrongAnnotation(
      "// @register(attention, \"..\", Config)",
      "2:25: the name \"..\" starts with \".\"\(nameRule)"),
    WrongAnnotation(
      "// @register(attention, \"2d\", Config)",
      "2:25: the name \"2d\" starts with \"2\"\(nameRule)"),
    WrongAnnotation(
      "// @register(attention, \"not\", Config)",
      "2:25: \"not\" is an operator of filter expressions and cannot be a name"),
    WrongAnnotation(
      "// @register(attention, \"a\(String(repeating: "b", count: 64))\", Config)",
      "2:25: the name is longer than 64 bytes\(nameRule)"),
    WrongAnnotation(
      "// @register(attention, \"a\", Confg)",
      "2:30: the module Sample declares no type \"Confg\" (did you mean \"Config\"?)"),
    WrongAnnotation(
      "// @register(atention, \"a b\", Confg)",
      "2:14: there is no kind \"atention\" (did you mean \"attention\"?)\(kinds)",
      "2:24: the name \"a b\" contains a space\(nameRule)",
      "2:31: the module Sample declares no type \"Confg\" (did you mean \"Config\"?)"),
  ])
  func `an annotation with wrong arguments is an error at each of them`(wrong: WrongAnnotation) {
    #expect(scanBelowConfig(wrong.text + "\nclass Part {}").problems == wrong.problems)
  }

  @Test(arguments: [
    WrongAnnotation("//@register(attention, \"a\", Config)", "//@register"),
    WrongAnnotation("//  @register(attention, \"a\", Config)", "//  @register"),
    WrongAnnotation("//\t@register(attention, \"a\", Config)", "//\t@register"),
    WrongAnnotation("// @Register(attention, \"a\", Config)", "// @Register"),
    WrongAnnotation("// @ register(attention, \"a\", Config)", "// @ register"),
    WrongAnnotation("// @regsiter(attention, \"a\", Config)", "// @regsiter"),
    WrongAnnotation("/// @register(attention, \"a\", Config)", "/// @register"),
    WrongAnnotation("// @REGISTER", "// @REGISTER"),
    WrongAnnotation("// register(attention, \"a\", Config)", "// register"),
    WrongAnnotation("// - @register( attention, \"a\", Config)", "// - @register"),
  ])
  func `a comment that was meant as an annotation is an error`(wrong: WrongAnnotation) {
    let hint = "an annotation starts with \"// @register\", got \"\(wrong.problems[0])\""
    #expect(scanBelowConfig(wrong.text + "\nclass Part {}").problems == ["2:1: \(hint)"])
  }

  @Test func `an invisible character is named`() {
    let problems = scanBelowConfig("//\u{A0}@register(attention, \"a\", Config)").problems
    #expect(problems.count == 1)
    #expect(problems.first?.hasSuffix("with U+00A0 in it") == true)
  }

  @Test(arguments: [
    WrongAnnotation("", noType("the end of the file")),
    WrongAnnotation("func f() {}", noType("\"func\"")),
    WrongAnnotation("extension Config {}", noType("\"extension\"")),
    WrongAnnotation("protocol P {}", noType("\"protocol\"")),
    WrongAnnotation("typealias A = Config", noType("\"typealias\"")),
    WrongAnnotation("import Foundation", noType("\"import\"")),
    WrongAnnotation("public final class func f() {}", noType("\"class\"")),
    WrongAnnotation("@MainActor let a = 1", noType("\"let\"")),
    WrongAnnotation("#if os(Linux)\nclass Part {}\n#endif", noType("\"#if\"")),
    WrongAnnotation("}", noType("\"}\"")),
    WrongAnnotation("\"struct A\"", noType("\"\"struct A\"\"")),
    WrongAnnotation(
      "\nclass Part {}",
      "there is a blank line between this annotation and \"Part\"; an annotation goes directly "
        + "above its type"),
    WrongAnnotation(
      "/// A part.\n  \npublic\nclass Part {}",
      "there is a blank line between this annotation and \"Part\"; an annotation goes directly "
        + "above its type"),
    WrongAnnotation(
      "@available(*, deprecated)\nfileprivate final class Part {}",
      "\"Part\" is fileprivate, so the generated registry cannot see it"),
    WrongAnnotation(
      "struct Part<Element> {}",
      "\"Part\" is generic, and a registry cannot choose its type parameters; register a type "
        + "without them"),
  ])
  func `an annotation without a type of its own is an error`(wrong: WrongAnnotation) {
    let text = "// @register(attention, \"a\", Config)\n" + wrong.text
    #expect(scanBelowConfig(text).problems == ["2:1: \(wrong.problems[0])"])
  }

  @Test func `two annotations above one type are an error at the first`() {
    let text = """
      // @register(attention, "a", Config)
      // @register(attention, "b", Config)
      class Part {}
      """
    let inventory = scanBelowConfig(text)
    #expect(inventory.problems == ["2:1: \(noType("another annotation; a type has only one"))"])
  }

  @Test func `an annotation after code is an error`() {
    let text = "let a = 1 // @register(attention, \"a\", Config)\nclass Part {}"
    #expect(
      scanBelowConfig(text).problems == [
        "2:11: an annotation goes on its own line, directly above its type"
      ])
  }

  @Test func `types that a registry cannot name are errors`() {
    let text = """
      func make() {
        // @register(attention, "a", Config)
        struct Local {}
      }
      struct Outer<Element> {
        // @register(attention, "b", Config)
        struct Inner {}
      }
      let list = actor
      map {
        // @register(attention, "c", Config)
        struct Local {}
      }
      """
    #expect(
      scanBelowConfig(text).problems == [
        "3:3: \"Local\" is declared inside a function, closure or other body, where the "
          + "generated registry cannot name it; declare it at file scope or in a type",
        "7:3: \"Inner\" is nested in the generic type \"Outer\", and a registry cannot choose its "
          + "type parameters; declare it outside",
        "12:3: \"Local\" is declared inside a function, closure or other body, where the "
          + "generated registry cannot name it; declare it at file scope or in a type",
      ])
  }

  @Test func `columns count bytes, tabs and the byte-order mark as the compiler does`() {
    let inventory = scan("\u{FEFF}//@register\n/* ü */\t// @register\n\r\t// @register")
    #expect(
      inventory.diagnostics.map { [$0.line, $0.column] } == [
        [1, 4], [2, 10], [2, 22], [4, 2], [4, 14],
      ])
  }

  @Test func `no damage to an annotation goes unnoticed`() {
    let annotation = Array("// @register(attention, \"abc\", Config)")
    for index in annotation.indices.dropFirst(2) {
      for replacement in ["", " ", "x", "\"", "(", "/"] {
        let damaged =
          String(annotation[..<index]) + replacement + String(annotation[(index + 1)...])
        let inventory = scanBelowConfig(damaged + "\nclass Part {}")
        let isNoticed = !inventory.diagnostics.isEmpty || inventory.annotations.count == 1
        #expect(isNoticed, "\(damaged)")
      }
    }
  }

  @Test(
    arguments: [
      ([0xFF], "ff"), ([0xEF], "ef"), ([0xEF, 0xBF], "ef"), ([0xC3], "c3"),
      ([0xED, 0xA0, 0x80], "ed"),
      ([0xF0, 0x9F, 0x98], "f0"), ([0x80], "80"),
    ] as [([UInt8], String)])
  func `a file that is not UTF-8 is an error at its first wrong byte`(wrong: [UInt8], first: String)
  {
    for end in ["\"\n", "", "\n"] {
      let bytes = Array("let a = 1\nlet b = \"\u{FFFD}".utf8) + wrong + Array(end.utf8)
      let inventory = Inventory([SourceFile(path: "B.swift", module: "Sample", bytes: bytes)])
      #expect(
        inventory.diagnostics.map(\.description) == [
          "B.swift:2:13: error: this file is not UTF-8: byte 0x\(first)"
        ])
    }
  }
}
