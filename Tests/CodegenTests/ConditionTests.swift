import Codegen
import Testing

@Suite struct `registrations under conditions` {
  private func part(_ name: String) -> String {
    "// @register(attention, \"\(name)\", Config)\nclass Part\(name) {}\n"
  }

  @Test(arguments: [
    "true", "os(Linux)", "!false", "os(macOS) || os(Linux)", "true && !os(Windows)", "(true)",
    "!(os(macOS) || false)", "DEBUG || true", "os(Linux) // as here", "os(Linux) /* here */",
    "(os(macOS)\n  || os(Linux))", "!(DEBUG && false)", "canImport(A.B) || true",
  ])
  func `a part under a true condition is found`(condition: String) {
    let text = "#if \(condition)\n\(part("a"))#else\n\(part("b"))#endif\n\(part("c"))"
    let inventory = scanBelowConfig(text)
    #expect(inventory.problems == [])
    #expect(inventory.annotations.map(\.name) == ["a", "c"])
  }

  @Test(arguments: [
    "false", "os(macOS)", "!true", "0", "os(Linux) && os(macOS)", "DEBUG && false",
    "!(DEBUG || os(Linux))", "hasFeature(A) && os(Windows)",
  ])
  func `a part under a false condition is not found`(condition: String) {
    let text = "#if \(condition)\n\(part("a"))#else\n\(part("b"))#endif\n\(part("c"))"
    let inventory = scanBelowConfig(text)
    #expect(inventory.problems == [])
    #expect(inventory.annotations.map(\.name) == ["b", "c"])
  }

  @Test(arguments: [
    "DEBUG", "!DEBUG", "canImport(Glibc)", "swift(>=6.0)", "arch(x86_64)", "DEBUG && true",
    "os(Linux) && DEBUG", "os()", "os(Linux", "", "true true", "targetEnvironment(simulator)",
  ])
  func `a condition that only the compiler knows is an error`(condition: String) {
    let text = "#if \(condition)\n\(part("a"))#else\n\(part("b"))#endif\n\(part("c"))"
    let shown = condition.isEmpty ? "#if" : "#if \(condition)"
    let error =
      "this annotation is under \"\(shown)\", which the generator cannot evaluate; "
      + "it knows only true, false, os(...), !, && and ||"
    #expect(scanBelowConfig(text).problems == ["3:1: \(error)", "6:1: \(error)"])
  }

  @Test func `branches exclude each other, and conditions nest`() {
    let text = """
      #if DEBUG
      #if false
      \(part("a"))#endif
      #elseif os(macOS)
      \(part("b"))#endif
      #if os(macOS)
      \(part("c"))#elseif os(Linux)
      \(part("d"))#elseif DEBUG
      \(part("e"))#else
      \(part("f"))#endif
      #if false
      #if true
      \(part("g"))#else
      \(part("h"))#endif
      #else
      \(part("i"))#endif
      """
    let inventory = scanBelowConfig(text)
    #expect(inventory.problems == [])
    #expect(inventory.annotations.map(\.name) == ["d", "i"])
  }

  @Test func `braces in branches do not add up`() {
    let text = """
      #if DEBUG
      struct A {
      #else
      struct B {
      #endif
      }
      #if DEBUG
      func f() {
      #endif
      \(part("a"))
      """
    #expect(scanBelowConfig(text).parts == ["11:1 attention a Parta Config"])
  }

  @Test func `conditions inside literals are text`() {
    let text = "let a = \"\"\"\n#if false\n\"\"\"\n\(part("a"))let b = \"\"\"\n#endif\n\"\"\""
    #expect(scanBelowConfig(text).annotations.map(\.name) == ["a"])
  }

  @Test func `the platform of the machine is known`() {
    let text = "struct Config {}\n#if os(\(hostPlatform))\n\(part("a"))#endif"
    let inventory = Inventory([SourceFile(path: "A.swift", module: "Sample", text: text)])
    #expect(inventory.annotations.count == 1)
  }
}
