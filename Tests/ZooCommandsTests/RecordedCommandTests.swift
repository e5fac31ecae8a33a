import Foundation
import JSON
import LongRangeArena
import Parts
import Testing
import Torch

@testable import ZooCommands

@Suite struct `recorded cases` {
  let package: Package

  init() throws { package = try Package() }

  /// A case of an attention, with what it gives recorded in it.
  private func makeCase(_ name: String, shift: Double = 0) async throws -> String {
    let generator = Generator(seed: 3)
    var tensors: [String: Tensor] = [:]
    for input in ["q", "k", "v"] {
      tensors["input.\(input)"] = try Tensor.normal([2, 5, 4], .float32, generator: generator)
    }
    tensors["cotangent"] = try Tensor.normal([2, 5, 4], .float32, generator: generator)
    let header = [
      "kind": "attention", "part": "scaled_dot_product",
      "config": #"{"name": "scaled_dot_product"}"#,
    ]
    let path = package.path(name)
    var file = SafetensorsFile(
      tensors: try tensors.mapValues { try $0.safetensorsEntry() }, metadata: header)
    try file.write(to: path)
    let outcome = await package.zoo("run", path, "--output", package.path("out.safetensors"))
    try #require(outcome.status == 0, "\(outcome.errors)")
    let results = try SafetensorsFile(contentsOf: package.path("out.safetensors"))
    #expect(
      results.tensors.keys.sorted() == ["grad.input.k", "grad.input.q", "grad.input.v", "output"])
    file.tensors.merge(results.tensors) { own, _ in own }
    if shift != 0 {
      let output = try Tensor(try #require(results.tensors["output"]))
      file.tensors["output"] = try (output + shift).safetensorsEntry()
    }
    try file.write(to: path)
    return path
  }

  @Test func `a part matches its own output`() async throws {
    let path = try await makeCase("case.safetensors")
    let outcome = await package.zoo("compare", path)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("case.safetensors: matches"))
    #expect(outcome.output.contains("1 case: 1 match"))
  }

  @Test func `a case that differs returns 2 and the tensor that is furthest off`() async throws {
    let good = try await makeCase("good.safetensors")
    let bad = try await makeCase("bad.safetensors", shift: 0.01)
    let outcome = await package.zoo("compare", good, bad, "--format", "json")
    #expect(outcome.status == 2)
    let report = try JSON(parsing: outcome.output)
    #expect(report["totals"]?["differs"] == 1)
    #expect(report["totals"]?["matches"] == 1)
    #expect(report["cases"]?[1]?["tensor"] == "output")
    #expect(report["cases"]?[1]?["verdict"] == "differs")
  }

  @Test func `a case that cannot be read returns 1, and the others are compared`() async throws {
    let good = try await makeCase("good.safetensors")
    let outcome = await package.zoo("compare", package.path("none.safetensors"), good)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("none.safetensors"))
    #expect(outcome.output.contains("1 match"))
    #expect(outcome.output.contains("1 cannot be read or run"))
  }

  @Test func `a configuration on the command line takes the header's place`() async throws {
    let path = try await makeCase("case.safetensors")
    let config = try package.write(
      #"{"name": "local", "window_size": 1}"#, to: "config.json")
    let outcome = await package.zoo("compare", path, "--config", config)
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("differs"))
  }

  @Test func `a training is run, and compared in every step`() async throws {
    let section = """
      {"training": {"batch_size": 2, "learning_rate": 0.1, "num_train_steps": 2}, "model": {"common":
      {"dim_model": 4, "num_heads": 2, "num_classes": 2, "seq_len": 4, "vocab_size": 5}, "xformer": [
      {"block_type": "encoder", "position_encoding_config": {"name": "vocab"}, "feedforward_config":
      {"name": "MLP", "hidden_layer_multiplier": 2}, "multi_head_config": {}}]}}
      """
    let config = try ArenaConfig(
      JSON(parsing: section), task: .named("digits"), attention: "linformer")
    let model = try ArenaModel(config, generator: Generator(seed: 1)).to(.float64)
    var tensors = [
      "ids": try Tensor([Int](repeating: 3, count: 16), shape: [2, 2, 4]),
      "labels": try Tensor([0, 1, 1, 1], shape: [2, 2]),
    ]
    for (key, value) in model.stateDict { tensors["init.\(key)"] = value }
    var file = SafetensorsFile(
      tensors: try tensors.mapValues { try $0.safetensorsEntry() },
      metadata: [
        "kind": "training", "task": "digits", "attention": "linformer", "config": section,
        "dual": "false", "final_norm": "true",
      ])
    let (path, results) = (package.path("t.safetensors"), package.path("out.safetensors"))
    try file.write(to: path)
    #expect(await package.zoo("compare", path).errors.contains("no recorded `loss`"))
    #expect(await package.zoo("run", path, "--output", results).status == 0)
    file.tensors.merge(try SafetensorsFile(contentsOf: results).tensors) { own, _ in own }
    try file.write(to: path)
    let good = await package.zoo("compare", path)
    #expect(good.status == 0 && good.output.contains("t.safetensors: matches"))
    let loss = try Tensor(try #require(file.tensors["loss"]))
    file.tensors["loss"] = try (loss * (1 + 1e-7)).safetensorsEntry()
    try file.write(to: path)
    let bad = await package.zoo("compare", path)
    #expect(bad.status == 2 && bad.output.contains("loss: [0] is"), "\(bad.output)")
  }

  @Test(arguments: [
    ["--skip-train", "False"], ["--skip-train"], ["--checkpoint-path", "x"],
    ["--max-minutes", "0"],
    ["--set", "training:seed"], ["--steps", "0"],
  ])
  func `wrong flags of a training are wrong usage`(flags: [String]) async throws {
    let outcome = await package.zoo(
      ["lra", "run", "--attention", "local", "--task", "listops", "--config", "c"] + flags)
    #expect(outcome.status == 64, "\(outcome.errors)")
  }
}
