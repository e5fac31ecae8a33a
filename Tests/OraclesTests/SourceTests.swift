import Foundation
import Oracles
import Testing

@Suite struct `the sources of the definitions` {
  var package: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  @Test func `nothing is imported but the C mathematics library, in one file`() throws {
    let folder = package.appending(path: "Sources/Oracles")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }
    #expect(files.count > Oracles.all.count)
    for file in files {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      let imports = text.split(separator: "\n").filter { $0.contains(/^\s*(\w+ )*import \w/) }
        .map { $0.trimmingCharacters(in: .whitespaces) }
      let allowed =
        file == "Mathematics.swift" ? ["import Glibc", "import Musl", "import Darwin"] : []
      #expect(imports == allowed, "\(file)")
    }
  }

  @Test func `each definition names its file and has a unique name`() throws {
    #expect(Set(Oracles.all.map(\.name)).count == Oracles.all.count)
    #expect(Set(Oracles.all.map(\.file)).count == Oracles.all.count)
    for oracle in Oracles.all {
      for file in [oracle.file] + oracle.supportingFiles {
        let text = try String(contentsOf: package.appending(path: file), encoding: .utf8)
        if file == oracle.file { #expect(text.contains("Oracle(")) }
      }
      #expect(try Oracles.named(oracle.name).file == oracle.file)
    }
  }
}
