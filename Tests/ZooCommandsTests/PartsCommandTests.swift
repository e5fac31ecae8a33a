import Catalogue
import Conformance
import Foundation
import JSON
import Parts
import Testing
import Torch

@testable import ZooCommands

@Suite struct `commands on parts` {
  let package: Package

  init() throws { package = try Package() }

  @Test func `list gives each part its seven fields`() async throws {
    let outcome = await package.zoo(
      "list", "-k", "kind:attention and part:linformer", "--format", "json")
    #expect(outcome.status == 0)
    let list = try #require(try JSON(parsing: outcome.output).array)
    #expect(list.count == 1)
    let part = try #require(list.first?.object)
    #expect(part.keys == ["kind", "name", "config", "summary", "file", "line", "tags"])
    #expect(part["kind"] == "attention")
    #expect(part["name"] == "linformer")
    #expect(part["config"] == "LinformerSelfAttentionConfig")
    #expect(part["file"]?.string?.hasSuffix("Sources/Parts/Attention/Linformer.swift") == true)
    #expect(part["tags"]?.array?.contains("keyPadding") == true)
  }

  @Test func `a part without a cell is listed and found by its name`() async throws {
    let all = await package.zoo("list", "--format", "json")
    let names = try #require(try JSON(parsing: all.output).array)
    #expect(names.count == package.kit.registry.entries.count)
    let found = await package.zoo("list", "-k", "tag:config and kind:attention", "--format", "json")
    #expect(
      try JSON(parsing: found.output).array?.count == package.kit.registry.entries(.attention).count
    )
  }

  @Test func `cells say why a law does not apply`() async throws {
    let outcome = await package.zoo("list", "--cells", "-k", "local and test-needs")
    #expect(outcome.output.contains("not applicable: never so"))
    #expect(outcome.output.contains("1 cells, of which 0 apply"))
  }

  @Test func `an unknown word gets the nearest one and 5`() async {
    let outcome = await package.zoo("list", "-k", "linfromer and local")
    #expect(outcome.status == 5)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("linfromer and local\n^ "))
    #expect(outcome.errors.contains("\"linformer\""))
  }

  @Test func `several selections must all hold, and an error shows its own`() async throws {
    func names(_ arguments: String...) async throws -> [String] {
      let outcome = await package.zoo(["list", "--format", "json"] + arguments)
      return try (JSON(parsing: outcome.output).array ?? []).compactMap { $0["name"]?.string }
    }
    #expect(try await names("-k", "part:local", "-k", "kind:attention") == ["local"])
    #expect(try await names("-k", "kind:attention", "-k", "part:local") == ["local"])
    let wrong = await package.zoo("list", "-k", "local", "-k", "linformer and")
    #expect(wrong.status == 64)
    #expect(wrong.errors.contains("\nlinformer and\n             ^"))
  }

  @Test(arguments: ["text", "json", "markdown"])
  func `every part can be described`(format: String) async throws {
    for entry in package.kit.registry.entries {
      let outcome = await package.zoo(
        "describe", entry.kind.rawValue, entry.name, "--format", format)
      #expect(outcome.status == 0, "\(entry.title): \(outcome.errors)")
      #expect(outcome.output.contains(entry.name))
      for key in entry.keys { #expect(outcome.output.contains(key)) }
    }
  }

  @Test func `a description has the type of each key, and memory as one writes it`() async {
    let linear = await package.zoo("describe", "attention", "linformer")
    #expect(linear.output.contains("an integer or null") && linear.output.contains("O(S)"))
    #expect(!linear.output.contains("S^1"))
    let quadratic = await package.zoo("describe", "attention", "scaled_dot_product")
    #expect(quadratic.output.contains("O(S^2)"))
  }

  @Test func `an unknown part gets the nearest one and 1`() async {
    let outcome = await package.zoo("describe", "attention", "nystrm")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("did you mean `nystrom`?"))
  }

  @Test func `build shows used keys, defaults and keys of others`() async throws {
    let file = try package.write(
      #"{"name": "linformer", "seq_len": 16, "num_landmarks": 4}"#, to: "config.json")
    let outcome = await package.zoo("build", "--config", file, "--format", "json")
    let result = try JSON(parsing: outcome.output)
    #expect(result["used"] == ["seq_len": 16])
    #expect(result["unused"] == ["num_landmarks": 4])
    #expect(result["defaults"]?["dropout"]?.double == 0)
    #expect(result["parameterCount"] == 128)
  }

  @Test func `a multi-head configuration is known by its attention`() async throws {
    let file = try package.write(
      #"{"dim_model": 8, "num_heads": 2, "attention": {"name": "scaled_dot_product"}}"#,
      to: "config.json")
    let outcome = await package.zoo("build", "--config", file)
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("multihead scaled_dot_product\n"))
  }

  @Test(arguments: [
    (#"{"name": "linfomer"}"#, "did you mean `linformer`?"), ("[1]", "expected an object"),
    ("{", "config.json:1:2:"), (#"{"seq_len": 3}"#, "neither `name` nor `attention.name`"),
    (#"{"name": 3}"#, "expected a string"), (#"{"name": "linformer"}"#, "`seq_len` is missing"),
    (#"{"name": "linformer", "seq_len": 4, "sequence": 1}"#, "unknown key `sequence`"),
    (#"{"attention": {}}"#, "`attention` has no `name`"),
  ])
  func `a refused configuration is one line and 1`(text: String, message: String) async throws {
    let file = try package.write(text, to: "config.json")
    let outcome = await package.zoo("build", "--config", file)
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(message))
    #expect(outcome.errors.count { $0 == "\n" } == 1)
  }

  @Test func `a missing file is named`() async {
    let outcome = await package.zoo("build", "--config", "no/such.json")
    #expect(outcome.status == 1)
    #expect(outcome.errors == "error: no/such.json: there is no such file\n")
  }
}
