import Codegen

/// Random Swift source, and the parts that a scanner must find in it.
struct SampleSource {
  /// The text, with one of the three line endings.
  private(set) var text = ""
  /// The parts in it, as ``Inventory/parts`` lists them.
  private(set) var parts: [String] = []

  private var lines: [String] = []
  private var random: SplitMix64
  private var count = 0

  /// Generates a file; a seed always gives the same one.
  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    let hasMark = random.bool()
    lines.append("struct Config {}")
    for _ in 0..<random.int(1...12) { add(depth: 0, outer: []) }
    let end = random.element(["\n", "\r\n", "\r"])
    text = (hasMark ? "\u{FEFF}" : "") + lines.joined(separator: end) + (random.bool() ? end : "")
    parts.sort()
  }

  private mutating func add(depth: Int, outer: [String]) {
    switch random.int(0...9) {
    case 0...2: addPart(outer: outer)
    case 3...5: lines += random.element(Self.fillers).split(separator: "\n").map(String.init)
    case 6...7: addDecoy()
    case 8 where depth < 4: addType(depth: depth, outer: outer)
    case 9 where depth < 4: addCondition(depth: depth, outer: outer)
    default: lines.append("")
    }
  }

  private mutating func nextName() -> String {
    count += 1
    return "p\(count)"
  }

  private mutating func addPart(outer: [String]) {
    let name = nextName()
    let indentation = random.element(["", "  ", "\t", "\t  "])
    if random.bool() { lines.append(indentation + "/// A \"part\" // @register(") }
    lines.append(indentation + "// @register(attention, \"\(name)\", Config)")
    let type = (outer + ["Type\(name)"]).joined(separator: ".")
    parts.append("\(lines.count):\(indentation.utf8.count + 1) attention \(name) \(type) Config")
    for _ in 0..<random.int(0...3) { lines += random.element(Self.between) }
    let keyword = random.element(["class", "struct", "enum", "public final class", "actor"])
    lines.append(indentation + "\(keyword) Type\(name) \(random.element(Self.bodies))")
  }

  private mutating func addDecoy() {
    let annotation = "// @register(attention, \"\(nextName())\", Config)"
    lines += random.element(Self.hidingPlaces).flatMap { $0 == "@" ? [annotation] : [$0] }
  }

  private mutating func addType(depth: Int, outer: [String]) {
    let name = "Outer\(nextName())"
    lines.append(random.element(["enum \(name): P {", "extension \(name) where A == B {"]))
    for _ in 0..<random.int(0...3) { add(depth: depth + 1, outer: outer + [name]) }
    lines.append("}")
  }

  private mutating func addCondition(depth: Int, outer: [String]) {
    lines.append(random.element(["#if true", "#if os(Linux)", "#if !os(macOS) || DEBUG"]))
    add(depth: depth + 1, outer: outer)
    lines.append("#else")
    addDecoy()
    lines.append("#endif")
    lines.append(random.element(["#if false", "#if os(Windows)", "#if DEBUG && !true"]))
    lines += ["// @register(attention, \"\(nextName())\", Config)", "struct Dead {", "}"]
    if random.bool() {
      lines.append("#else")
      add(depth: depth + 1, outer: outer)
    }
    lines.append("#endif")
  }

  /// What may come between an annotation and its type.
  private static let between = [
    ["/// A part."], ["// plain"], ["@MainActor"], ["@available(macOS 15, *) // why"],
    ["/* a", "block */"], ["@Other.Name(\"// @register(\", { }, [1])"], ["@frozen public"],
  ]

  private static let bodies = [
    "{}", "{ let a = \"}\" }", ": Module { func f() { g { \"\\(h(\"}\"))\" } } }", "{ /* } */ }",
    "{ class func f() { struct Local {} } }",
  ]

  /// Places where an annotation, put in place of `@`, must not be found.
  private static let hidingPlaces = [
    ["let a = \"\"\"", "@", "  \"\"\""], ["let a = #\"\"\"", "  \"\"\"", "@", "  \"\"\"#"],
    ["/* /* */", "@", "*/"], ["/*", "@", "/*", "@", "*/ \" */"],
    ["let a = \"\"\"", "\\(b(\"\"\"", "@", "\"\"\"))", "@", "\"\"\""],
    ["let a = #/", "@", "/#"], ["// // @register(attention, \"a\", Config)"],
    ["let a = \"// @register(attention)\" + #\"\"// @register(\"#"],
    ["#if false", "let a = \"\"\"", "#endif", "@", "\"\"\"", "@", "#endif"],
  ]

  /// Source full of quotes and slashes that neither registers nor hides anything.
  private static let fillers = [
    "let a = b / c // \" / \"", "let a = \"\\\\\"", "let a = [/\"/, /\\//]", "/// \"\"\" /*",
    "let a = \"\"\"\n  \"\\\"\"\" /* #if false\n  \"\"\"", "let a = ##\"\"# \\#(\"##",
    "func f() { if a { \"{\" } else { [\"(\"] } }", "let a = \"\\(b + \"\\(c)\") /*\"",
    "import struct A.B", "let a = 'x'", "let `b c` = 1 /* \" */", "let a = #/\"{/#",
    "@available(*, deprecated, message: \"{\") func f() {}", "class C { class func d() {} }",
    "let a = b ? /\"/ : #\"/*\"#", "let a = \"unterminated", "f(/, /)", "#warning(\"//\")",
    "extension A { func `class`() -> Int { 0 } }", "let a = \"\"\"\n\\(f(\"}\")) \\\n\"\"\"",
  ]
}

/// A small random number generator that gives the same numbers everywhere.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func bool() -> Bool { Bool.random(using: &self) }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  mutating func element<Element>(_ choices: [Element]) -> Element {
    choices.randomElement(using: &self)!
  }
}
