import Codegen
import Foundation
import Testing

@Suite struct `the tool` {
  private struct Outcome: Equatable {
    let code: Int32
    let output: String
    let error: String
  }

  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "partsgen tests \(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

  private func run(_ arguments: [String]) throws -> Outcome {
    let process = Process()
    // The tool is next to the test bundle.
    process.executableURL = URL(filePath: CommandLine.arguments[0])
      .deletingLastPathComponent().appending(path: "partsgen")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let (output, error) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = error
    try process.run()
    let outputText = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let errorText = String(
      decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Outcome(code: process.terminationStatus, output: outputText, error: errorText)
  }

  private func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  private func read(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  private let part = "struct Config {}\n// @register(attention, \"a\", Config)\nclass Part {}\n"
  private let done = Outcome(code: 0, output: "", error: "")

  @Test func `writes a registry, and rewrites it only if it changes`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("A b.swift", part)
    #expect(try run("registry", "--output", "R.swift", "--module", "M", "A b.swift") == done)
    let text = try read("R.swift")
    #expect(text.contains("#sourceLocation(file: \"A b.swift\", line: 2)"))

    let path = folder.appending(path: "R.swift").path(percentEncoded: false)
    let old = Date(timeIntervalSince1970: 1_000_000_000)
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
    try write("A b.swift", part + "// more\n")
    #expect(try run("registry", "--output", "R.swift", "--module", "M", "A b.swift") == done)
    let date = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
    #expect(date as? Date == old)

    try write("A b.swift", "\n" + part)
    #expect(try run("registry", "--output", "R.swift", "--module", "M", "A b.swift") == done)
    #expect(try read("R.swift") != text)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
        .sorted() == ["A b.swift", "R.swift"])
  }

  @Test func `writes the suites of several modules from a list of arguments`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("A.swift", part)
    try write("B.swift", part.replacing("\"a\"", with: "\"b\""))
    try write("list", "--module\nM\nA.swift\n--module\nN\nB.swift\n")
    #expect(try run("suites", "--output", "S.swift", "@list") == done)
    let text = try read("S.swift")
    #expect(text.contains("struct `attention a`") && text.contains("struct `multihead b`"))
    #expect(try run("suites", "--output", "T.swift") == done)
  }

  @Test func `checks that a file matches its sources`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("A.swift", part)
    #expect(try run("registry", "--output", "R.swift", "--module", "M", "A.swift") == done)
    #expect(try run("check", "registry", "--output", "R.swift", "--module", "M", "A.swift") == done)
    try write("R.swift", read("R.swift").replacing("line: 2", with: "line: 3"))
    let outcome = try run("check", "registry", "--output", "R.swift", "--module", "M", "A.swift")
    #expect(
      outcome
        == Outcome(
          code: 1, output: "",
          error: """
            R.swift: error: this file does not match its sources; generate it again
            @@ -12,1 +12,1 @@
            -  #sourceLocation(file: "A.swift", line: 3)
            +  #sourceLocation(file: "A.swift", line: 2)

            """))
    let missing = try run("check", "suites", "--output", "S.swift", "--module", "M", "A.swift")
    #expect(
      missing.error == "S.swift:1:1: error: cannot be opened: No such file or directory\n")
  }

  @Test func `prints every error of every file, and writes nothing`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("A.swift", "//@register\n// @register\n")
    try Data([0x6C, 0x0A, 0xFE]).write(to: folder.appending(path: "B.swift"))
    let outcome = try run(
      "registry", "--output", "R.swift", "--module", "M", "C.swift", "B.swift", "A.swift")
    #expect(outcome.code == 1)
    #expect(
      outcome.error.split(separator: "\n").map { $0.prefix { $0 != " " } } == [
        "C.swift:1:1:", "A.swift:1:1:", "A.swift:2:1:", "A.swift:2:13:", "B.swift:2:1:",
      ])
    #expect(throws: (any Error).self) { try read("R.swift") }
  }

  @Test(arguments: [
    ([], "expected registry, suites or check, got nothing"),
    (["regsitry"], "expected registry, suites or check, got \"regsitry\""),
    (["check"], "expected registry or suites after check, got nothing"),
    (["registry", "--module", "M"], "--output FILE is missing"),
    (["registry", "--output"], "--output takes a value"),
    (["registry", "--output", "a", "--output", "b"], "--output is given twice"),
    (["registry", "--output", "R.swift"], "expected one --module for a registry, got 0"),
    (["registry", "--output", "a", "A.swift"], "expected --module before the source \"A.swift\""),
    (["registry", "--output", "a", "--module", "my-parts"], "\"my-parts\" is not a module name"),
    (["registry", "--output", "a", "--quiet"], "there is no option \"--quiet\""),
  ])
  func `a wrong command line is an error that shows the usage`(words: [String], message: String)
    throws
  {
    defer { try? FileManager.default.removeItem(at: folder) }
    let outcome = try run(words)
    #expect(outcome.code == 64)
    #expect(outcome.error.hasPrefix("partsgen: error: \(message)\nUSAGE: "))
  }

  @Test func `prints its version and help`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try run("--version") == Outcome(code: 0, output: generatorVersion + "\n", error: ""))
    #expect(try run("registry", "--help").output.hasPrefix("OVERVIEW: "))
  }
}
