import Codegen
import Testing

@Suite struct `registrations across files` {
  private func file(_ path: String, module: String = "Sample", _ text: String) -> SourceFile {
    SourceFile(path: path, module: module, text: text)
  }

  private func part(_ name: String, config: String = "Config") -> String {
    "// @register(attention, \"\(name)\", \(config))\nclass Part\(name) {}\n"
  }

  @Test func `a name that is registered twice is an error that shows both places`() {
    let inventory = Inventory([
      file("C.swift", part("other") + part("same")),
      file("A.swift", "struct Config {}\n" + part("same")),
      file("B.swift", part("same")),
    ])
    #expect(
      inventory.diagnostics.map(\.description) == [
        "B.swift:1:1: error: attention \"same\" is registered twice, here and at A.swift:2",
        "A.swift:2:1: note: attention \"same\" is registered here",
        "C.swift:3:1: error: attention \"same\" is registered twice, here and at A.swift:2",
        "A.swift:2:1: note: attention \"same\" is registered here",
      ])
  }

  @Test func `two kinds may share a name`() {
    let text = part("same") + "// @register(feedforward, \"same\", Config)\nclass Other {}\n"
    #expect(scanBelowConfig(text).diagnostics == [])
  }

  @Test func `a name that two modules register is an error`() {
    let inventory = Inventory([
      file("A.swift", module: "First", "struct Config {}\n" + part("same")),
      file("A2.swift", module: "Second", "struct Config {}\n" + part("same")),
    ])
    #expect(inventory.diagnostics.map(\.path) == ["A2.swift", "A.swift"])
  }

  @Test func `a configuration may be declared in any file of its module`() {
    let parts = file("A.swift", part("a", config: "Far.Config"))
    let far = file("Z.swift", "extension Far {\n  public struct Config {}\n}")
    #expect(Inventory([parts, far]).diagnostics == [])
    let elsewhere = file("Z.swift", module: "Other", "extension Far {\n  struct Config {}\n}")
    #expect(
      Inventory([parts, elsewhere]).diagnostics.map(\.description) == [
        "A.swift:1:30: error: the module Sample declares no type \"Far.Config\""
      ])
  }

  @Test(arguments: [
    "struct Config {}", "public final class Config<T> {}", "enum Config {}", "actor Config {}",
    "typealias Config = Int", "struct `Config` {}", "#if DEBUG\nstruct Config {}\n#endif",
    "@Sendable public\nstruct\nConfig {}",
  ])
  func `a configuration is any type`(declaration: String) {
    #expect(scan(part("a") + declaration).diagnostics == [])
  }

  @Test(arguments: [
    "import struct Config.Other", "let a = \"struct Config {}\"", "// struct Config {}",
    "func f() { struct Config {} }", "#if false\nstruct Config {}\n#endif", "extension Config {}",
    "protocol Config {}", "struct Outer { struct Config {} }", "let a = b.struct.Config",
    "func actor(actor Config: Int) {}",
  ])
  func `only types that other files can name are configurations`(text: String) {
    let problems = scan(part("a") + text).problems
    #expect(problems.count == 1)
    #expect(problems.first?.contains("declares no type \"Config\"") == true)
  }

  @Test func `a nested configuration of that name is the best suggestion`() {
    let text = part("a") + "struct Confih {}\nstruct Some { struct Config {} }"
    #expect(
      scan(text).problems == [
        "1:30: the module Sample declares no type \"Config\" (did you mean \"Some.Config\"?)"
      ])
  }

  @Test func `a configuration may be written with its module`() {
    #expect(scanBelowConfig(part("a", config: "Sample.Config")).diagnostics == [])
  }

  @Test func `the order of files changes nothing`() {
    let files = [
      file("A.swift", "struct Config {}\n" + part("a")), file("B.swift", part("b") + part("a")),
      file("C.swift", part("c", config: "Confg")), file("D.swift", "//@register"),
    ]
    let expected = Inventory(files)
    #expect(Inventory(files.reversed()).diagnostics == expected.diagnostics)
    #expect(Inventory(files.reversed()).annotations == expected.annotations)
  }
}
