import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `models` {
  private func build(_ config: JSON) throws -> Model {
    try Registry.zoo.model(config, generator: Generator(seed: 1))
  }

  /// An encoder of two layers that reads words, with other options.
  private func encoder(_ others: JSONObject = [:]) -> JSON {
    let usual: JSONObject = [
      "block_type": "encoder", "dim_model": 8, "num_layers": 2, "residual_norm_style": "pre",
      "multi_head_config": ["num_heads": 2, "attention": ["name": "scaled_dot_product"]],
      "feedforward_config": ["name": "MLP", "hidden_layer_multiplier": 4],
      "position_encoding_config": ["name": "vocab", "seq_len": 6, "vocab_size": 5],
    ]
    return .object(usual.merging(others))
  }

  /// A decoder of one layer, with other options.
  private func decoder(_ others: JSONObject = [:]) -> JSON {
    let heads: JSON = ["num_heads": 2, "attention": ["name": "scaled_dot_product"]]
    let usual: JSONObject = [
      "block_type": "decoder", "dim_model": 8, "residual_norm_style": "pre",
      "multi_head_config_masked": heads, "multi_head_config_cross": heads,
      "feedforward_config": ["name": "MLP", "hidden_layer_multiplier": 4],
      "position_encoding_config": ["name": "vocab", "seq_len": 6, "vocab_size": 5],
    ]
    return .object(usual.merging(others))
  }

  private func words() throws -> Tensor { try Tensor([1, 4, 0], shape: [1, 3]) }

  @Test func `name the place of a wrong key`() throws {
    let heads: JSON = [
      "num_heads": 2, "attention": ["name": "scaled_dot_product", "casual": true],
    ]
    let stack = encoder(["multi_head_config": heads])
    for (config, place) in [
      ([stack], "[0]"), (["text": stack], "text"), (["stack_configs": [stack]], "stack_configs[0]"),
      ([encoder(), stack], "[1]"), (["stack_configs": ["text": stack]], "stack_configs.text"),
    ] as [(JSON, String)] {
      #expect(
        message { _ = try build(config) }.hasPrefix(
          "model: unknown key `\(place).multi_head_config.attention.casual`, "
            + "did you mean `causal`? (keys: causal, "))
    }
  }

  @Test(
    arguments: [
      (["block_type": "encodr"], "key `[0].block_type`: expected one of encoder, decoder"),
      (["dim_model": 0], "`[0].dim_model`"),
      (["num_layers": 0], "key `[0].num_layers`: expected a whole number from 1"),
      (["num_layers": 2.5], "key `[0].num_layers`: expected an integer"),
      (
        ["residual_norm_style": "pro"],
        "[0].residual_norm_style: there is no `pro`, did you mean `pre`?"
      ),
      (["layer_norm_style": "pre"], "the key is now called `residual_norm_style`"),
      (
        ["normalization": "layer_norm"],
        "[0].normalization.name: there is no `layer_norm`, did you mean `layernorm`?"
      ),
      (
        ["feedforward_config": ["activation": "gelu"]],
        "key `[0].feedforward_config.name` is missing"
      ),
      (
        ["feedforward_config": ["name": "MLP", "hidden_layer_multiplier": 4, "dim_model": 4]],
        "key `[0].feedforward_config.dim_model`: expected 8, the width of the stack, got 4"
      ),
      (
        ["multi_head_config": ["num_heads": 3, "attention": ["name": "scaled_dot_product"]]],
        "`[0].multi_head_config"
      ),
      (["multi_head_config": nil], "key `[0].multi_head_config` is missing"),
      (["multi_head_config_cross": [:]], "`[0].multi_head_config_cross"),
      (
        ["causal": true],
        "`[0].causal`: true is not supported: it belongs in the options of the parts"
      ),
      (
        ["position_encoding_config": "sine"],
        "key `[0].position_encoding_config`: expected an object"
      ),
      (
        ["reversible": true, "residual_norm_style": "deepnorm"],
        "reversible layers have no residual"
      ),
      (["reversible": true, "layer_scale": 0.5], "`[0].layer_scale`"),
      (["reversible": true, "stochastic_depth": 0.5], "`[0].stochastic_depth`"),
      (["patch_embedding_config": ["in_channels": 3]], "[0].patch_embedding_config"),
    ] as [(JSONObject, String)])
  func `refuse a wrong option`(others: JSONObject, text: String) {
    let error = message { _ = try build([encoder(others)]) }
    #expect(error.contains(text), "\(error)")
    #expect(error.hasPrefix("model: ") || error.hasPrefix("[0]."))
  }

  @Test func `list all problems at once`() {
    let first = encoder(["num_layers": "two", "dropuot": 0.1])
    let second = encoder(["feedforward_config": ["name": "MLQ"]])
    let text = message { _ = try build([first, second]) }
    for part in ["[0].num_layers", "[0].dropuot", "[1].feedforward_config.name", "`MLP`"] {
      #expect(text.contains(part), "\(text)")
    }
  }

  @Test(
    arguments: [
      ("[]", "at least one stack"), ("{}", "at least one stack"), ("3", "a list of stacks"),
      ("[3]", "key `[0]`: expected an object, got"),
      (#"{"stack_configs": 3}"#, "a list of stacks"),
    ])
  func `refuse what lists no stacks`(config: String, text: String) throws {
    let error = message { _ = try build(JSON(parsing: config)) }
    #expect(error.contains(text), "\(error)")
  }

  @Test func `are the same in each form of a configuration`() throws {
    let forms: [JSON] = [
      [encoder()], ["words": encoder()], ["stack_configs": [encoder()]],
      ["stack_configs": ["words": encoder()]], ["words": encoder(), "weight_init": "vit"],
      [encoder(["num_layers": 2.0, "dim_model": 8.0])],
    ]
    let outputs = try forms.map { config in
      let model = try build(config)
      model.eval()
      return try model(words()).doubles()
    }
    for output in outputs.dropFirst() { #expect(output == outputs[0]) }
    let other = try build(["words": encoder(), "weight_init": "small"])
    other.eval()
    #expect(try other(words()).doubles() != outputs[0])
  }

  @Test func `refuse stacks that do not fit together`() {
    let wide = encoder(["dim_model": 12])
    for (config, text) in [
      ([encoder(), wide], "key `[1].dim_model`: expected 8, the width of the stack before"),
      ([decoder()], "a model of decoders alone is not supported"),
      (
        [encoder(), decoder(["dim_model": 4])],
        "key `[1].dim_model`: expected 8, the width of the memory"
      ),
      (
        [
          encoder(),
          encoder([
            "dim_model": 12,
            "patch_embedding_config": ["in_channels": 8, "kernel_size": 1, "stride": 1],
          ]), decoder(),
        ],
        "key `[2].dim_model`: expected 12, the width of the memory"
      ),
      (
        [encoder(), encoder(["reversible": true])],
        "key `[1].reversible`: expected false, as in `[0]`"
      ),
      (
        ["stack_configs": [encoder()], "tie_embedding_weights": true],
        "an encoder and a decoder with the same position embedding"
      ),
      (
        [
          "stack_configs": [encoder(["reversible": true]), decoder()],
          "tie_embedding_weights": true,
        ],
        "false with a reversible encoder"
      ),
    ] as [(JSON, String)] {
      let error = message { _ = try build(config) }
      #expect(error.contains(text), "\(error)")
    }
  }

  @Test func `that need more memory than the machine has are refused before they are built`() {
    let huge = encoder(["dim_model": 65536, "num_layers": 4096])
    let error = message { _ = try build([huge]) }
    #expect(error.contains("a model of this size"), "\(error)")
    // 4096 layers of 4·E² weights in the attention and 2·4·E² in the feedforward, four bytes each.
    #expect(error.contains("its parameters need 8.44e+05 GB"), "\(error)")
  }

  @Test func `count their parameters as they need memory`() throws {
    let model = try build([encoder(), decoder(["num_layers": 3])])
    let attention = 4 * (64 + 8)
    let (feedforward, norm) = (8 * 32 + 32 + 32 * 8 + 8, 16)
    let encoders = 2 * (attention + feedforward + 2 * norm) + norm
    let decoders = 3 * (2 * attention + feedforward + 3 * norm) + norm
    #expect(model.parameterCount == encoders + decoders + 2 * (6 + 5) * 8)
  }

  @Test func `report which keys they used, and why others are not`() throws {
    let positions: JSON = ["name": "sine"]
    let first = encoder(["final_norm": true, "simplicial_embeddings": ["L": 2]])
    let report = try build([first, encoder(["position_encoding_config": positions])]).report
    #expect(
      report.reasons == [
        "[1].position_encoding_config": "the first stack embeds positions",
        "[0].simplicial_embeddings": "the last stack embeds on simplices",
        "[0].final_norm": "the last stack has the final normalization",
      ])
    #expect(Set(report.unused.keys) == Set(report.reasons.keys))
    #expect(report.used["[0].num_layers"] == 2)
    #expect(!report.used.keys.contains { $0.hasPrefix("[1].position_encoding_config") })
    #expect(report.defaults["[1].layer_scale"] != nil)
  }

  @Test func `accept the keys of the original's runner and list them`() throws {
    let report = try build([encoder(["num_classes": 2, "dropout": 0.0])]).report
    #expect(report.unused == ["[0].num_classes": 2, "[0].dropout": 0.0])
  }

  @Test func `refuse wrong tensors and masks by name`() throws {
    let model = try build([encoder()])
    let both = try build([encoder(), decoder()])
    let (ids, mask) = try (words(), Tensor([true, true], shape: [1, 2]))
    let some = try Tensor([1.0, 0.5, 0], shape: [1, 3])
    for (text, body) in [
      ("`tgt` is not supported", { _ = try model(ids, ids) }),
      ("`decoder_input_mask` is not supported", { _ = try model(ids, targetMask: ids.equals(1)) }),
      ("tensor `encoder_input_mask`", { _ = try model(ids, sourceMask: mask) }),
      ("true and false, or 1 and 0", { _ = try model(ids, sourceMask: some) }),
      ("tensor `decoder_input_mask`", { _ = try both(ids, ids, targetMask: mask) }),
      (
        "the batch of the source, B = 1",
        { _ = try both(ids, Tensor([1, 2], shape: [2, 1])) }
      ),
      ("tensor `tgt`", { _ = try both(ids, Tensor([7], shape: [1, 1])) }),
      ("tensor `src`", { _ = try both(Tensor([7], shape: [1, 1]), ids) }),
    ] as [(String, () throws -> Void)] {
      let error = message(body)
      #expect(error.contains(text), "\(error)")
    }
  }

  @Test func `decode the source where there is no target`() throws {
    let model = try build([encoder(), decoder()])
    model.eval()
    #expect(try model(words()).doubles() == model(words(), words()).doubles())
  }

  @Test(arguments: [false, true])
  func `load an original with and without the final normalization`(isReversible: Bool) throws {
    let config: JSON = [encoder(["reversible": .bool(isReversible)])]
    let model = try build(config)
    let own = model.stateDict
    let plain = try build([encoder(["reversible": .bool(isReversible), "final_norm": false])])
    // An original of several layers has no final normalization: that of the model stays as it is.
    try model.load(original: plain.stateDict)
    for piece in [model, plain] { piece.eval() }
    let hidden = try plain(words())
    let norm = try Registry.zoo.unary(
      .normalization, "layernorm", ["dim_model": 8], generator: Generator(seed: 0))
    #expect(try model(words()).doubles() == norm(hidden).doubles())
    // One layer has it; its own keys are loaded as they are.
    try model.load(original: own.mapValues { try $0 * 2 })
    for (key, value) in model.stateDict where model.parameters.contains(where: { $0.key == key }) {
      #expect(try value.doubles() == own[key]?.doubles().map { $0 * 2 })
    }
  }

  @Test func `drop the later layers the more often`() throws {
    func build(layers: JSON) throws -> (model: Model, stem: any UnaryPart) {
      let options: JSONObject = [
        "stochastic_depth": 1.0, "final_norm": false, "num_layers": layers,
      ]
      let model = try self.build([encoder(options)])
      let first = model.children[0].module.children[0].module.children
      let stem = first.first { $0.key == "pose_encoding" }?.module as? any UnaryPart
      return (model, try #require(stem))
    }
    let single = try build(layers: 1)
    #expect(try single.model(words()).doubles() == single.stem(words()).doubles())
    // At the rates 0.5 and 1, the first of two layers stays for some items of a batch.
    let both = try build(layers: 2)
    let many = try Tensor(Array(repeating: 1, count: 64), shape: [64, 1])
    let moved = try (both.model(many) - both.stem(many)).abs().sum(-1).doubles()
      .count { $0 > 0.01 }
    #expect(moved > 8 && moved < 64, "\(moved)")
  }

  @Test func `add the losses of all their experts`() throws {
    let experts: JSON = ["name": "MixtureOfExperts", "number_of_experts": 2, "gate": "top_2"]
    func loss(_ layers: JSON) throws -> Double {
      let model = try build([encoder(["feedforward_config": experts, "num_layers": layers])])
      model.eval()
      return try #require(try model.auxiliaryLoss(["src": words()])).item()
    }
    // Each layer adds about 1 where experts are used alike.
    let (one, three) = try (loss(1), loss(3))
    #expect(three > 2 * one && three < 4 * one, "\(one) and \(three)")
    #expect(try build([encoder()]).auxiliaryLoss(["src": words()]) == nil)
  }
}
