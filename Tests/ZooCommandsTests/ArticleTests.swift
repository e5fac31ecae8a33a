import Foundation
import Testing

/// The article for users of the original: each of its commands works.
@Suite struct `the article on coming from xFormers` {
  @Test func `its commands work, in their order`() async throws {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let article = try String(
      contentsOf: root.appendingPathComponent("Sources/Parts/Parts.docc/Coming-from-xFormers.md"),
      encoding: .utf8)
    let commands = article.components(separatedBy: "```sh\n").dropFirst()
      .flatMap { $0.components(separatedBy: "\n```")[0].split(separator: "\n") }
    #expect(commands.count >= 5)
    let package = try Package()
    for command in commands {
      let words = command.split(separator: " ").map(String.init)
      #expect(words.prefix(3) == ["swift", "run", "zoo"], "\(command)")
      let arguments = words.dropFirst(3).map { word in
        if word.hasPrefix("Configs/") { return root.appendingPathComponent(word).path }
        return word.hasSuffix(".safetensors") ? package.path(word) : word
      }
      let outcome = await package.zoo(arguments)
      #expect(outcome.status == 0, "\(command): \(outcome.errors)")
    }
  }
}
