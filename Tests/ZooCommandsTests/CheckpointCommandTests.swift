import Conformance
import Foundation
import JSON
import Parts
import Testing
import Torch

@testable import ZooCommands

/// A model that writes texts, as the original's users configure it.
private let textModel = """
  [{"block_type": "encoder", "num_layers": 2, "dim_model": 16, "residual_norm_style": "pre",
    "reversible": false,
    "position_encoding_config":
      {"name": "vocab", "seq_len": 32, "vocab_size": 50, "dropout": 0.1},
    "multi_head_config": {"num_heads": 2, "residual_dropout": 0.1, "use_rotary_embeddings": true,
      "attention": {"name": "scaled_dot_product", "dropout": 0.1, "causal": true, "seq_len": 32}},
    "feedforward_config": {"name": "MLP", "dropout": 0.1, "activation": "gelu",
      "hidden_layer_multiplier": 4}}]
  """

@Suite struct `checkpoints on the command line` {
  let package: Package
  let config: String

  init() throws {
    package = try Package()
    config = try package.write(textModel, to: "model.json")
  }

  private func build(_ arguments: String...) async -> Package.Outcome {
    await package.zoo(["build", "--config", config] + arguments)
  }

  /// What `build --format json` says about a checkpoint.
  private func loaded(_ arguments: String...) async throws -> JSON {
    let outcome = await package.zoo(
      ["build", "--config", config, "--format", "json"] + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try #require(try JSON(parsing: outcome.output)["checkpoint"])
  }

  /// Saves the text model with other values than `build` draws, and returns the file.
  private func saved() throws -> String {
    let model = try package.kit.registry.model(
      JSON(parsing: textModel), generator: Generator(seed: 9))
    let path = package.path("saved.safetensors")
    try model.save(to: path)
    return path
  }

  @Test func `a model is the same after saving and loading`() async throws {
    let (path, again) = try (saved(), package.path("again.safetensors"))
    let outcome = await build("--checkpoint", path, "--output", again)
    #expect(outcome.status == 0)
    #expect(
      outcome.output.hasSuffix("\n\nloaded 36 of 36 tensors from \(path)\nsaved to \(again)\n"))
    let file = try SafetensorsFile(contentsOf: path)
    #expect(try SafetensorsFile(contentsOf: again) == file)
    #expect(file.tensors.count == 38)

    let shards = package.path("shards.safetensors")
    let sharded = await build(
      "--checkpoint", path, "--output", shards, "--shard-bytes", "8000", "--format", "json")
    let files = try #require(try JSON(parsing: sharded.output)["saved"]?.array)
    #expect(files.last?.string == shards + ".index.json")
    let report = try await loaded("--checkpoint", shards, "--output", again)
    #expect(report["loaded"] == 36 && report["total"] == 36)
    #expect(try SafetensorsFile(contentsOf: again) == file)
  }

  @Test func `a checkpoint of the original has its final normalization or not`() async throws {
    // As the original has it where a configuration has several layers, among other tensors.
    var file = try SafetensorsFile(contentsOf: saved())
    let names = file.tensors.filter { !$0.key.contains("wrap_ff.norm.") }.map { key, tensor in
      ("param." + key.replacing("wrap_ff.sublayer.layer.", with: "wrap_ff.layer."), tensor)
    }
    file = SafetensorsFile(tensors: Dictionary(uniqueKeysWithValues: names))
    let path = package.path("original.safetensors")
    try file.write(to: path)
    let strict = try await loaded("--checkpoint", path, "--rename", "param.=")
    #expect(strict["loaded"] == 34)
    #expect(
      strict["missing"] == ["encoders.1.wrap_ff.norm.weight", "encoders.1.wrap_ff.norm.bias"])
    file.tensors["output"] = file.tensors.values.first
    try file.write(to: path)
    let refused = await build("--checkpoint", path, "--rename", "param.=")
    #expect(refused.status == 1)
    #expect(refused.output.isEmpty)
    #expect(refused.errors.hasPrefix("error: \(path): there is no parameter `output`"))
    let partial = try await loaded("--checkpoint", path, "--rename", "param.=", "--partial")
    #expect(partial["loaded"] == 34 && partial["leftOver"] == ["output"])

    try package.write(
      textModel.replacing(#""reversible""#, with: #""final_norm": false, "reversible""#),
      to: "model.json")
    let plain = try await loaded("--checkpoint", path, "--rename", "param.=", "--partial")
    #expect(plain["loaded"] == 34 && plain["total"] == 34 && plain["missing"] == [])
    let text = await build("--checkpoint", path, "--rename", "param.=", "--partial")
    #expect(
      text.output.hasSuffix("loaded 34 of 34 tensors from \(path)\nleft over (1): output\n"))
  }

  @Test func `tied embeddings are saved once and stay tied`() async throws {
    func stack(_ kind: String) -> String {
      """
      {"block_type": "\(kind)", "dim_model": 8, "residual_norm_style": "pre",
       "position_encoding_config": {"name": "vocab", "seq_len": 6, "vocab_size": 5},
       "multi_head_config\(kind == "decoder" ? "_masked" : "")":
         {"num_heads": 2, "attention": {"name": "scaled_dot_product"}},
       \(kind == "decoder"
         ? #""multi_head_config_cross": {"num_heads": 2, "attention": {"name": "scaled_dot_product"}},"#
         : "")
       "feedforward_config": {"name": "MLP", "activation": "gelu", "hidden_layer_multiplier": 2}}
      """
    }
    try package.write(
      """
      {"stack_configs": [\(stack("encoder")), \(stack("decoder"))], "tie_embedding_weights": true}
      """, to: "model.json")
    let path = package.path("tied.safetensors")
    let outcome = await build("--output", path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    var file = try SafetensorsFile(contentsOf: path)
    let (first, other) = (
      "encoders.0.pose_encoding.word_embeddings.weight",
      "decoders.0.pose_encoding.word_embeddings.weight"
    )
    #expect(file.tensors[first] != nil && file.tensors[other] == nil)
    #expect(file.metadata[other] == first)
    #expect(try await loaded("--checkpoint", path)["missing"] == [])
    file.tensors[other] = try Tensor.ones([5, 8]).safetensorsEntry()
    try file.write(to: path)
    let refused = await build("--checkpoint", path)
    #expect(refused.status == 1)
    #expect(refused.errors.contains("`\(first)` and `\(other)` share one tensor"))
  }

  @Test func `options that do not fit each other are refused`() async throws {
    let path = try saved()
    for (arguments, status, message) in [
      (["--partial"], 64, "give one with --checkpoint"),
      (["--rename", "a=b"], 64, "give one with --checkpoint"),
      (["--shard-bytes", "5"], 64, "give a file with --output"),
      (["--output", "x", "--shard-bytes", "0"], 64, "expected at least 1"),
      (["--checkpoint", path, "--rename", "a"], 64, "expected OLD=NEW"),
      (["--checkpoint", path, "--rename", "modle.="], 1, #"no key begins with "modle.""#),
      (["--checkpoint", path, "--output", path], 1, "which the command reads"),
      (["--output", "-"], 1, "expected a file"),
      (["--checkpoint", "no/such.safetensors"], 1, "no/such.safetensors: cannot be opened"),
    ] as [([String], Int32, String)] {
      let outcome = await package.zoo(["build", "--config", config] + arguments)
      #expect(outcome.status == status, "\(arguments)")
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
  }
}
