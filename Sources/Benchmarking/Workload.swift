internal import Catalogue
internal import JSON
internal import Parts
internal import Torch

/// Why a part does not take the settings of a benchmark.
struct Refusal: Error, CustomStringConvertible {
  let description: String
}

/// What a case calls: a part, maybe inside a layer or block, and its inputs.
struct Workload {
  /// The part alone.
  let core: any PartModule
  /// The inputs of a call, which require gradients.
  let inputs: [Tensor]
  /// The parameters of all that is called.
  let parameters: [Tensor]
  /// Computes the output.
  let call: ([Tensor]) throws -> Tensor

  init(_ key: BenchCase, _ settings: BenchSettings, in registry: Registry) throws {
    let entry = try registry.entry(settings.kind, key.part)
    var options = Self.options(of: entry, key.length, settings)
    let part = try registry.build(
      settings.kind, key.part, .object(options), generator: Generator(seed: 0)
    ).part
    try Self.check(part.claims, key.length, settings)
    core = part
    options["name"] = .string(key.part)
    let tokens = [settings.batch, key.length, settings.tokenWidth]
    let shapes: [[Int]]
    let module: any PartModule
    switch key.level {
    case .core:
      module = part
      shapes =
        (part as? any Attention).map { attention in
          Array(repeating: Self.shape(attention.claims.heads, key.length, settings), count: 3)
        } ?? [tokens]
    case .layer:
      module = try registry.build(
        .multihead, key.part,
        [
          "dim_model": .integer(settings.tokenWidth), "num_heads": .integer(settings.heads),
          "attention": .object(options),
        ], generator: Generator(seed: 0)
      ).part
      shapes = [tokens]
    case .block:
      module = try registry.model(
        Self.block(.object(options), settings), generator: Generator(seed: 0))
      shapes = [tokens]
    }
    _ = try module.to(settings.dtype)
    module.eval()
    let generator = Generator(seed: 1)
    inputs = try shapes.map {
      try Tensor.normal($0, settings.dtype, generator: generator).detached().requireGrad()
    }
    parameters = module.parameters.map(\.value)
    let names = module.signature.inputs.map(\.name)
    call = { tensors in
      if let attention = module as? any Attention {
        return try attention(tensors[0], tensors[1], tensors[2])
      }
      return try module.run(Dictionary(uniqueKeysWithValues: zip(names, tensors)))
    }
  }

  static func shape(_ heads: HeadsClaim, _ length: Int, _ settings: BenchSettings) -> [Int] {
    switch heads {
    case .folded: [settings.batch * settings.heads, length, settings.width]
    case .explicit: [settings.batch, settings.heads, length, settings.width]
    case .owned: [settings.batch, length, settings.tokenWidth]
    }
  }

  /// The options that the settings determine, if the part has them; otherwise the defaults.
  private static func options(
    of entry: PartEntry, _ length: Int, _ settings: BenchSettings
  ) -> JSONObject {
    var options = entry.sample(length: length)?.object ?? [:]
    if options.isEmpty { for key in entry.required { options[key] = entry.sample[key] } }
    let known: [(String, JSON)] = [
      ("seq_len", .integer(length)), ("num_heads", .integer(settings.heads)),
      ("dim_model", .integer(settings.tokenWidth)), ("dim_head", .integer(settings.width)),
      // The default is a fraction of the length, which would make the cost quadratic.
      ("k", .integer(min(128, length))), ("dropout", 0.0), ("causal", .bool(settings.causal)),
    ]
    for (key, value) in known where entry.keys.contains(key) { options[key] = value }
    return options
  }

  private static func check(_ claims: Claims, _ length: Int, _ settings: BenchSettings) throws {
    guard settings.causal == (claims.causal == .always) || settings.kind == .feedforward else {
      throw Refusal(description: settings.causal ? "it cannot be causal" : "it is always causal")
    }
    guard claims.dtypes.contains(settings.dtype) else {
      throw Refusal(description: "it does not compute in \(settings.dtype)")
    }
    guard claims.sequence.accepts(length) else {
      throw Refusal(description: "it takes only a length \(claims.sequence.text)")
    }
  }

  /// A pre-norm block around a part, as a model of one layer.
  private static func block(_ part: JSON, _ settings: BenchSettings) -> JSON {
    let isAttention = settings.kind == .attention
    let attention: JSON =
      isAttention ? part : ["name": "scaled_dot_product", "causal": .bool(settings.causal)]
    return [
      "encoder": [
        "block_type": "encoder", "dim_model": .integer(settings.tokenWidth), "num_layers": 1,
        "residual_norm_style": "pre", "final_norm": false,
        "multi_head_config": ["num_heads": .integer(settings.heads), "attention": attention],
        "feedforward_config": isAttention
          ? [
            "name": "MLP", "hidden_layer_multiplier": 4, "activation": "gelu", "dropout": 0.0,
          ] : part,
      ]
    ]
  }
}
