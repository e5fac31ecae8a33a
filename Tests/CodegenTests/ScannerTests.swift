import Codegen
import Testing

@Suite struct `annotations and their types` {
  @Test(arguments: [
    "class Part {}", "struct Part {}", "enum Part {}", "actor Part {}",
    "public final class Part: Module, Attention {}", "public indirect enum Part {}",
    "open class Part {}", "package struct Part {}", "nonisolated(unsafe) struct Part {}",
    "@MainActor final class Part {}", "@available(macOS 15, *)\npublic struct Part {}",
    "@available (macOS 15, *) struct Part {}",
    "@Suite(.tags(.a), \")\") @Other.Name<Int>(x: [1])\nstruct Part {}",
    "/// A part.\n/// It is good.\n@frozen\n// plain\n/* block\n comment */\nstruct Part {}",
    "public\nfinal\nclass\nPart\n{}", "distributed actor Part {}",
  ])
  func `every form of type declaration is found`(declaration: String) {
    let inventory = scanBelowConfig("// @register(attention, \"a\", Config)\n" + declaration)
    #expect(inventory.diagnostics == [])
    #expect(inventory.parts == ["2:1 attention a Part Config"])
  }

  @Test func `any blanks are allowed between the arguments of an annotation`() {
    let inventory = scanBelowConfig(
      "\t// @register( attention ,\"a\",\tConfig ) \t\nclass Part {}")
    #expect(inventory.parts == ["2:2 attention a Part Config"])
  }

  @Test func `nested types are qualified by their outer types`() {
    let text = """
      public enum Outer {
        static func f() { let a = [1: { 2 }] }
        // @register(attention, "a", Config)
        final class Inner { enum Deep {
          // @register(attention, "b", Outer.Inner.Options)
          struct Deepest {}
        }; struct Options {} }
        var x: Int { 1 }
      }
      extension Some.Where where T: Q {
        // @register(attention, "c", Config)
        struct `in` {}
      }
      // @register(attention, "d", Config)
      struct Last {}
      """
    let inventory = scanBelowConfig(text)
    #expect(inventory.diagnostics == [])
    #expect(
      inventory.parts == [
        "4:3 attention a Outer.Inner Config",
        "6:5 attention b Outer.Inner.Deep.Deepest Outer.Inner.Options",
        "12:3 attention c Some.Where.`in` Config", "15:1 attention d Last Config",
      ])
  }

  @Test func `words that look like declarations open no type`() {
    let text = """
      enum Outer {
        class func a() { let actor = 1; for actor in [actor] { f(actor) } }
        class var b: Int { 0 }
        static let c = x.struct
        func d(class: Int, actor b: Int) -> some Any { `struct`() }
        // @register(attention, "a", Config)
        struct Part {}
      }
      """
    #expect(scanBelowConfig(text).parts == ["7:3 attention a Outer.Part Config"])
  }

  @Test(arguments: [
    ("/// One sentence.", "", "One sentence."),
    ("", "/// One sentence.", "One sentence."),
    ("/// Before.\n", "/// After.", "Before."),
    ("", "/// Over\n///   two lines.\n///\n/// Not this.", "Over two lines."),
    ("", "/// First. Second.", "First."),
    (
      "", "/// By A. Author et al. See e.g. There, of 3.5 parts. Second.",
      "By A. Author et al. See e.g. There, of 3.5 parts."
    ),
    ("", "/** A block.\n  * More. */", "A block."),
    ("", "/// \"Quoted\" \\ and `code`", "\"Quoted\" \\ and `code`"),
    ("", "// plain", ""),
    ("/// Of something else.\n\n", "", ""),
    ("/// Of a variable.\nlet a = 1\n", "", ""),
  ])
  func `the summary is the first sentence of the documentation`(
    before: String, after: String, summary: String
  ) {
    let head = before.isEmpty || before.hasSuffix("\n") ? before : before + "\n"
    let tail = after.isEmpty ? after : after + "\n"
    let inventory = scanBelowConfig(
      head + "// @register(attention, \"a\", Config)\n" + tail + "class Part {}")
    #expect(inventory.annotations.map(\.summary) == [summary])
  }

  @Test func `all three line endings work`() {
    let lines = ["struct Config {}", "/// A part.", "// @register(attention, \"a\", Config)"]
    for end in ["\n", "\r\n", "\r"] {
      let inventory = scan((lines + ["class Part {}"]).joined(separator: end))
      #expect(inventory.parts == ["3:1 attention a Part Config"])
      #expect(inventory.annotations.map(\.summary) == ["A part."])
    }
  }

  @Test func `an interpreter line is skipped`() {
    let text =
      "#!/usr/bin/env swift \"\nstruct Config {}\n// @register(attention, \"a\", Config)\nclass P {}"
    #expect(scan(text).parts == ["3:1 attention a P Config"])
  }
}

@Suite struct `places where annotations are ignored` {
  @Test(arguments: [
    "let a = \"\"\"\n  // @register(attention, \"a\", Config)\n  \"\"\"",
    "let a = #\"\"\"\n  \"\"\"\n// @register(attention, \"a\", Config)\n  \"\"\"#",
    "let a = \"http:// @register(attention)\"",
    "let a = #\"\"// @register(attention, \"a\", Config)\"#",
    "let a = \"\\(b + \"// @register(\" + c(\"\\\")\")) // @register(\"",
    "let a = \"\"\"\n\\(b /* \"\"\" */ + \"\"\"\n// @register(attention, \"a\", Config)\n\"\"\")\n\"\"\"",
    "/* /* */\n// @register(attention, \"a\", Config)\n*/",
    "// // @register(attention, \"a\", Config)", "//// @register(attention, \"a\", Config)",
    "/// // @register(attention, \"a\", Config)", "/// @register is how parts are named.",
    "/// Write `// @register(attention, \"a\", Config)`.", "// See @register(attention)",
    "// register(name, \"a\")", "// The kit registers (attention, \"a\")",
    "// @registry is a word", "/// /// @register(attention, \"a\", Config)", "// @unregister",
    "let a = try /\\/\\/ @register(/.firstMatch(in: b)", "let a = #/// @register(\"/#",
    "let a = #/\n  // @register(attention, \"a\", Config)\n/#",
    "#if false\n// @register(attention, \"a\", Config)\nclass Part {}\n#endif",
    "// @available(macOS 15, *)", "// @MainActor", "/* // @register(x) */ let a = 1",
  ])
  func `inside literals, comments and dead code`(text: String) {
    let inventory = scanBelowConfig(text + "\nclass Other {}\n")
    #expect(inventory.problems == [])
    #expect(inventory.parts == [])
  }

  @Test(arguments: [
    "let a = b / c // \" / \"", "let a = \"\\\\\"", "let a = \"\\\"//\"", "let a = ##\"\"#\"##",
    "let a = \"\"\"\n  \"\"\\\"\"\"\n  \"\"\"", "let a = [/\"/, /\\\"/, /(\")/]",
    "let a = x.map(/\"/)",
    "/* \" */", "let a = f(/, /)", "let a = 'x'", "let a = (1 /* \" /* ' */ */)",
    "let a = \"unterminated", "let a = \"\\(unterminated", "let `\"` = 1", "let a = #/\"/#",
    "let a = \"\\(\"\"\"\n  x\n  \"\"\")\"", "let a = b\n  / c / d + \"/\"", "#warning(\"//\")",
    "let a = #\"\\\"#", "let a = b ?? /\"/", "return /\"/", "let a = 1_000.5e-3 / 2 / \"\".count",
    "let a = #\"\"\"#", "a\n/\"\"\"/.b", "let a = #\"\"\"\n  a\"\"\"\"#",
    "let a = f(/b + \"\"\" /\n  \"\"\")", "let a = ####", "let a = \\.b", "let a = b! / c",
  ])
  func `code above an annotation does not hide it`(text: String) {
    let inventory = scanBelowConfig(
      text + "\n// @register(attention, \"a\", Config)\nclass Part {}")
    #expect(inventory.problems == [])
    #expect(inventory.annotations.map(\.name) == ["a"])
  }
}
