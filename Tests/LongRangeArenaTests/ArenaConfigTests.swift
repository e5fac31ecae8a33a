import Catalogue
import Foundation
import JSON
import LongRangeArena
import Parts
import Testing
import Torch

struct ArenaConfigTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Configs")

  private static func shipped(_ name: String) throws -> JSON {
    try JSON(parsing: Data(contentsOf: folder.appendingPathComponent("\(name).json")))
  }

  /// The sizes that the original's models have, and what the final normalization adds here, which the
  /// original lacks with several layers: 2·E.
  @Test(arguments: [
    ("text", 4_604_418 + 512), ("listops", 209_802 + 128), ("retrieval", 395_138 + 128),
    ("pathfinder32-curv_baseline", 173_954 + 128), ("image", 174_986 + 128),
  ])
  func `models have as many parameters as the original's`(task: String, count: Int) throws {
    let config = try ArenaConfig(
      Self.shipped("lra"), task: .named(task), attention: "scaled_dot_product")
    let model = try ArenaModel(config, generator: Generator(seed: 0))
    #expect(model.parameterCount == count)
  }

  @Test(arguments: ["lra", "lra_nystrom", "lra_orig_lra", "lra_orig_lra_paper", "lra_small"])
  func `every shipped section is one for every attention that takes its length`(name: String) throws
  {
    let json = try Self.shipped(name)
    for section in try #require(json.object).keys {
      let task = try ArenaTask.named(
        section == "pathfinder32" ? "\(section)-curv_baseline" : section)
      for entry in Registry.zoo.entries(.attention) {
        let config = try ArenaConfig(json, task: task, attention: entry.name)
        #expect(config.training.numTrainSteps > 0)
      }
    }
  }

  @Test func `settings stand in the model or beside it, and win over common ones`() throws {
    var json = try #require(section().object)
    json["extra_settings"] = ["attention": ["nystrom": ["num_landmarks": 3, "dropout": 0.5]]]
    let config = try arena(.object(json), "nystrom")
    let attention = config.stacks[0]?["multi_head_config"]?["attention"]
    #expect(attention?["num_landmarks"] == 3 && attention?["dropout"] == 0.5)
    #expect(attention?["name"] == "nystrom")
    // Another attention has none of them, and one without dropout gets no dropout.
    #expect(
      try arena(.object(json)).stacks[0]?["multi_head_config"]?["attention"]?["dropout"] == 0.1)
    let mixer = try arena(.object(json), "fourier_mix").stacks[0]?["multi_head_config"]?[
      "attention"]
    #expect(mixer?["num_landmarks"] == nil)
    let report = try arena(.object(json), "fourier_mix").report
    let key = "listops.model.xformer[0].multi_head_config.residual_dropout"
    #expect(report.unused[key] == 0.1 && report.reasons[key] != nil)
  }

  @Test func `absent keys take their defaults`() throws {
    let config = try arena()
    #expect(config.training.weightDecay == 0 && config.training.seed == 0)
    #expect(config.training.lrDecay == .linear && config.training.gradientAccumulation == 1)
    #expect(config.stacks[0]?["feedforward_config"]?["dropout"] == 0.1)
  }

  @Test func `every problem is named with its path and the nearest key`() throws {
    var json = try #require(section(["learning_rat": 1, "batch_size": "few"]).object)
    json["modle"] = [:]
    var model = try #require(json["model"]?.object)
    model["pooling_mode"] = "max"
    model["extra_settings"] = [
      "attention": ["nystrom": ["num_landmark": 2], "nystorm": [:], "sinkhorn": ["any": 1]]
    ]
    json["model"] = .object(model)
    let error = #expect(throws: PartError.self) { try arena(.object(json), "nystrom") }
    let text = try #require(error).description
    for expected in [
      "unknown key `listops.modle`, did you mean `model`?",
      "unknown key `listops.training.learning_rat`, did you mean `learning_rate`?",
      "`listops.training.batch_size`: expected",
      "`listops.model.pooling_mode`: expected \"cls\" or \"mean\", got \"max\"",
      "unknown key `listops.model.extra_settings.attention.nystrom.num_landmark`, did you mean "
        + "`num_landmarks`?",
      "there is no `nystorm`, did you mean `nystrom`?",
    ] { #expect(text.contains(expected), "\(text)") }
    #expect(!text.contains("sinkhorn"))
  }

  @Test func `settings of other attentions and a bad common value bring no other problems`() throws
  {
    let other: JSON = [
      "nystrom": ["num_landmark": 2], "blocksparse": ["block_size": "wide"], "mine": ["any": 1],
    ]
    let notes = try arena(section(extra: other)).notes
    #expect(notes.count == 2 && notes.allSatisfy { $0.contains("not trained: ") }, "\(notes)")
    #expect(notes.contains { $0.contains("did you mean `num_landmarks`?") })
    var json = try #require(section(extra: ["blocksparse": ["block_size": 4]]).object)
    let common = try #require(json["model"]?["common"]?.object)
    let model = try #require(json["model"]?.object)
    json["model"] = .object(model.merging(["common": .object(common.merging(["seq_len": 0]))]))
    for attention in ["blocksparse", "linear"] {
      let error = #expect(throws: PartError.self) { try arena(.object(json), attention) }
      let text = try #require(error).description
      #expect(text.hasPrefix("key `listops.model.common.seq_len`: expected"), "\(text)")
    }
  }

  @Test func `a section of no task is refused with the nearest name`() throws {
    for name in ["listop", "note"] {
      let error = #expect(throws: PartError.self) {
        try arena(["listops": section(), .init(name): section()] as JSON)
      }
      let text = try #require(error).description
      #expect(text.hasPrefix("unknown key `\(name)`"), "\(text)")
      #expect(text.contains("did you mean `listops`?") == (name == "listop"))
    }
    let error = #expect(throws: PartError.self) {
      try arena(["trainig": [:], "model": [:]] as JSON)
    }
    #expect(try #require(error).description.contains("did you mean `training`?"))
  }

  @Test func `stacks are read like those of any model`() throws {
    let text = """
      {"listops": {"training": {"batch_size": 1, "learning_rate": 1, "num_train_steps": 1},
      "model": {"common": {"dim_model": 8, "num_heads": 2, "num_classes": 2, "seq_len": 4,
      "vocab_size": 20}, "xformer": [{"block_type": "encoder", "num_layer": 2,
      "feedforward_config": {"name": "MLP", "dim_model": 9}, "multi_head_config": {}}]}}}
      """
    let error = #expect(throws: PartError.self) { try arena(JSON(parsing: text)) }
    let lines = try #require(error).description
    #expect(lines.contains("`listops.model.xformer[0].feedforward_config.dim_model`: expected 8"))
  }

  @Test func `changes have paths that exist`() throws {
    func training(_ path: String, _ value: JSON) throws -> TrainingConfig {
      try ArenaConfig(
        section(), task: .named("listops"), attention: "nystrom", changes: [(path, value)]
      ).training
    }
    #expect(try training("training:weight_decay", 0.5).weightDecay == 0.5)
    #expect(try training("model:extra_settings:attention:nystrom:num_landmarks", 4).seed == 0)
    for (path, near) in [
      ("model:pooling_model", "model:pooling_mode"),
      ("training:learning_rte", "training:learning_rate"), ("dropout", "model:common:dropout"),
      ("model:xformer:0:num_layer", "model:xformer:0:num_layers"),
      ("listops:training:seed", "training:seed"), ("training.seed", "training:seed"),
      ("listops:model:common:dropout", "model:common:dropout"), ("seed", "training:seed"),
      ("model:num_layers", "model:xformer:0:num_layers"),
      (
        "nystrom:num_landmarks",
        "model:extra_settings:attention:nystrom:num_landmarks"
      ),
    ] {
      let error = #expect(throws: ArenaError.self) { try training(path, 1) }
      #expect(try #require(error).description.contains("did you mean `\(near)`?"), "\(path)")
    }
    #expect(throws: PartError.self) { try training("training:warmup", 13) }
  }

  @Test func `a hash is that of the meaning`() throws {
    let hash = try arena().hash
    #expect(try arena(["listops": section(["weight_decay": 0.0, "seed": 0])]).hash == hash)
    #expect(try arena(section(["seed": 1])).hash != hash)
    #expect(try arena(section(), "local").hash != hash)
    #expect(try arena(section(layers: 2)).hash != hash)
  }
}
