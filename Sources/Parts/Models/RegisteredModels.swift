public import JSON
internal import Torch

/// The options of a model of encoders.
public struct EncoderModelConfig: ModelOptions {
  /// The options of the stacks in their order: a list, or an object whose keys only name them.
  public var stackConfigs: JSON
  /// Must be false: there is no decoder.
  public var tieEmbeddingWeights = false
  /// The distributions of initial values.
  public var weightInit = WeightInit.vit

  /// Two causal layers that read words.
  public static let sample = Self(stackConfigs: [causal()])
  /// Styles, positions, attentions and feedforwards, in one stack and in two.
  public static let domain: [String: OptionDomain] = [
    "stack_configs": .values([
      [causal()],
      [
        stack(
          "encoder", layers: 2, style: "post", positions: ["name": "sine"],
          attention: ["name": "local", "window_size": 3],
          feedforward: ["name": "MLP", "activation": "squared_relu"])
      ],
      [
        stack(
          "encoder", layers: 2, style: "deepnorm", positions: words(),
          attention: ["name": "linformer", "seq_len": 16, "k": 4])
      ],
      [
        stack(
          "encoder", positions: ["name": "vocab", "seq_len": 16, "vocab_size": 5, "dim_model": 6]),
        stack(
          "encoder", style: "post", attention: ["name": "scaled_dot_product"],
          feedforward: ["name": "GEGLU"]),
      ],
      [
        stack(
          "encoder", layers: 2,
          positions: ["name": "learnable", "seq_len": 12, "add_class_token": true],
          feedforward: ["name": "MixtureOfExperts", "number_of_experts": 2, "gate": "top_2"],
          others: [
            "normalization": "rmsnorm", "simplicial_embeddings": ["L": 2, "temperature": 0.5],
          ])
      ],
      [
        stack(
          "encoder", layers: 2, attention: ["name": "favor", "causal": false],
          others: ["final_norm": false])
      ],
    ]),
    "tie_embedding_weights": .fixed,
    "weight_init": .values(WeightInit.allCases.map { .string($0.rawValue) }),
  ]
  /// The stacks have no default.
  public static let required = ["stack_configs"]
  /// Initial values are replaced by those of a state.
  public static let inert: Set = ["weight_init", "tie_embedding_weights"]

  /// Texts of that length.
  public static func sample(length: Int) -> Self? { Self(stackConfigs: [causal(length)]) }

  /// Two layers that write a text.
  private static func causal(_ length: Int = 16) -> JSON {
    stack(
      "encoder", layers: 2, positions: words(length),
      attention: ["name": "scaled_dot_product", "causal": true], rotary: true)
  }
}

// @register(model, "encoder", EncoderModelConfig)
/// A model of encoders, one after another.
///
/// See ``StackedModel``. With causal attention it is a model that writes texts.
public final class EncoderModel: StackedModel<EncoderModelConfig> {}

/// The options of a model of encoders and decoders.
public struct EncoderDecoderModelConfig: ModelOptions {
  /// The options of the stacks in their order: a list, or an object whose keys only name them.
  public var stackConfigs: JSON
  /// Whether the decoder looks words and positions up in the tables of the encoder.
  public var tieEmbeddingWeights = false
  /// The distributions of initial values.
  public var weightInit = WeightInit.vit

  /// A layer of each.
  public static let sample = Self(stackConfigs: texts())
  /// Texts of that length.
  public static func sample(length: Int) -> Self? { Self(stackConfigs: texts(length)) }
  /// Styles, and more layers of one kind than of the other.
  public static let domain: [String: OptionDomain] = [
    "stack_configs": .values([
      texts(),
      [
        stack("encoder", style: "deepnorm", positions: words()),
        stack("decoder", layers: 2, style: "deepnorm", positions: words()),
      ],
      [
        stack("encoder", layers: 2, style: "post", positions: words()),
        stack(
          "decoder", style: "post", positions: words(), feedforward: ["name": "ReGLU"],
          others: ["normalization": "rmsnorm"]),
      ],
    ]),
    "weight_init": .values(WeightInit.allCases.map { .string($0.rawValue) }),
  ]
  /// The stacks have no default.
  public static let required = ["stack_configs"]
  /// Initial values are replaced by those of a state.
  public static let inert: Set = ["weight_init"]

  private static func texts(_ length: Int = 16) -> JSON {
    [
      stack("encoder", positions: words(length), rotary: true),
      stack("decoder", positions: words(length), rotary: true),
    ]
  }
}

// @register(model, "encoder_decoder", EncoderDecoderModelConfig)
/// A model of encoders, and of decoders that attend to what the encoders made.
///
/// See ``StackedModel``; [Vaswani et al., 2017](https://arxiv.org/abs/1706.03762).
public final class EncoderDecoderModel: StackedModel<EncoderDecoderModelConfig> {}

/// The options of a model of reversible encoders.
public struct ReversibleModelConfig: ModelOptions {
  /// The options of the stacks in their order: a list, or an object whose keys only name them.
  public var stackConfigs: JSON
  /// Must be false: there is no decoder.
  public var tieEmbeddingWeights = false
  /// The distributions of initial values.
  public var weightInit = WeightInit.vit

  /// Two layers that read words.
  public static let sample = Self(stackConfigs: words())
  /// Texts of that length.
  public static func sample(length: Int) -> Self? { Self(stackConfigs: words(length)) }
  /// Both places of the normalization, with and without positions and a final one.
  public static let domain: [String: OptionDomain] = [
    "stack_configs": .values([
      words(),
      [
        stack(
          "encoder", layers: 2, style: "post", attention: ["name": "fourier_mix"],
          others: ["reversible": true])
      ],
      [
        stack(
          "encoder",
          positions: ["name": "learnable", "seq_len": 12, "add_class_token": true, "dim_model": 6],
          others: ["reversible": true, "final_norm": false]),
        stack(
          "encoder", layers: 2, feedforward: ["name": "SwiGLU"], others: ["reversible": true]),
      ],
    ]),
    "tie_embedding_weights": .fixed,
    "weight_init": .values(WeightInit.allCases.map { .string($0.rawValue) }),
  ]
  /// The stacks have no default.
  public static let required = ["stack_configs"]
  /// Initial values are replaced by those of a state.
  public static let inert: Set = ["weight_init", "tie_embedding_weights"]

  private static func words(_ length: Int = 16) -> JSON {
    [
      stack(
        "encoder", layers: 2, positions: Parts.words(length),
        attention: ["name": "scaled_dot_product", "causal": true], others: ["reversible": true],
        rotary: true)
    ]
  }
}

// @register(model, "reversible", ReversibleModelConfig)
/// A model of encoders whose activations training computes again instead of keeping them.
///
/// See ``StackedModel`` and ``ReversibleSequence``.
public final class ReversibleModel: StackedModel<ReversibleModelConfig> {}

/// The options of a model that makes fewer and wider tokens in each stack.
public struct HierarchicalModelConfig: ModelOptions {
  /// The options of the stacks in their order: a list, or an object whose keys only name them.
  public var stackConfigs: JSON
  /// Must be false: there is no decoder.
  public var tieEmbeddingWeights = false
  /// The distributions of initial values.
  public var weightInit = WeightInit.vit

  /// Patches of 2 × 2 cells, then of 3 × 3 that overlap.
  public static let sample = Self(stackConfigs: stages("pooling", "Conv2DFeedforward"))
  /// Mixers with and without heads.
  public static let domain: [String: OptionDomain] = [
    "stack_configs": .values([
      stages("pooling", "Conv2DFeedforward"), stages("visual", "MLP"),
      stages("scaled_dot_product", "MLP", hasHeads: true),
    ]),
    "tie_embedding_weights": .fixed,
    "weight_init": .values(WeightInit.allCases.map { .string($0.rawValue) }),
  ]
  /// The stacks have no default.
  public static let required = ["stack_configs"]
  /// Initial values are replaced by those of a state.
  public static let inert: Set = ["weight_init", "tie_embedding_weights"]

  private static func stages(_ mixer: String, _ feedforward: String, hasHeads: Bool = false)
    -> JSON
  {
    func patches(_ channels: Int, _ width: Int, _ stride: Int) -> JSON {
      [
        "in_channels": .integer(channels), "kernel_size": .integer(width),
        "stride": .integer(stride), "padding": .integer(width / 3),
      ]
    }
    return .array([
      stack(
        "encoder", width: 4, positions: ["name": "sine"], attention: ["name": .string(mixer)],
        feedforward: ["name": .string(feedforward)],
        others: ["patch_embedding_config": patches(3, 2, 2)], rotary: hasHeads),
      stack(
        "encoder", layers: 2, attention: ["name": .string(mixer)],
        feedforward: ["name": .string(feedforward)],
        others: ["patch_embedding_config": patches(4, 3, 2)], rotary: hasHeads),
    ])
  }
}

// @register(model, "hierarchical", HierarchicalModelConfig)
/// A model whose encoders make fewer and wider tokens of patches, one stack after another.
///
/// See ``StackedModel``; [Yu et al., 2021](https://arxiv.org/abs/2111.11418), MetaFormer.
public final class HierarchicalModel: StackedModel<HierarchicalModelConfig> {}

/// The positions of short texts of five words.
private func words(_ length: Int = 16) -> JSON {
  ["name": "vocab", "seq_len": .integer(length), "vocab_size": 5]
}

/// The options of a stack.
private func stack(
  _ type: String, width: Int = 8, layers: Int = 1, style: String = "pre", positions: JSON? = nil,
  attention: JSON = ["name": "scaled_dot_product"], feedforward: JSON = ["name": "MLP"],
  others: JSONObject = [:], rotary: Bool = false
) -> JSON {
  var options: JSONObject = [
    "block_type": .string(type), "dim_model": .integer(width), "num_layers": .integer(layers),
    "residual_norm_style": .string(style),
    "feedforward_config": .object(
      JSONObject([("hidden_layer_multiplier", 2)]).merging(feedforward.object ?? [:])),
  ]
  options["position_encoding_config"] = positions
  let heads: JSON = [
    "num_heads": 2, "attention": attention, "use_rotary_embeddings": .bool(rotary),
  ]
  if type == "encoder" {
    options["multi_head_config"] = heads
  } else {
    options["multi_head_config_masked"] = [
      "num_heads": 2, "attention": ["name": "scaled_dot_product", "causal": true],
      "use_rotary_embeddings": .bool(rotary),
    ]
    options["multi_head_config_cross"] = heads
  }
  return .object(options.merging(others))
}
