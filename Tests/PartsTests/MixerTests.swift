import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `attentions that make their own heads` {
  private func build(_ name: String, _ config: JSON = [:]) throws -> any Attention {
    let part = try Registry.zoo.attention(name, config, generator: Generator(seed: 1))
    part.eval()
    return part
  }

  private func tokens(_ shape: [Int], _ dtype: DType = .float32) throws -> Tensor {
    try Tensor.normal(shape, .float64, generator: Generator(seed: 2)).to(dtype)
  }

  @Test func `fourier mixing takes every type and length`() throws {
    let part = try build("fourier_mix")
    let wide = try tokens([2, 7, 6], .float64)
    let expected = try part(wide, wide, wide).doubles()
    for dtype in [DType.float32, .bfloat16, .float16] {
      let x = try wide.to(dtype)
      let output = try part(x, x, x)
      #expect(output.dtype == dtype)
      let worst = zip(try output.doubles(), expected).map { abs($0 - $1) }.max() ?? 1
      #expect(worst < 200 * dtype.unitRoundoff)
    }
    #expect(throws: PartError.self) { try build("fourier_mix", ["causal": true]) }
  }

  @Test func `a length that is no square is named`() throws {
    for (name, config) in [("pooling", [:]), ("visual", ["dim_model": 6])] as [(String, JSON)] {
      let part = try build(name, config)
      let x = try tokens([2, 8, 6])
      #expect(
        message { _ = try part(x, x, x) }
          == "attention \(name): tensor `q`: expected a length S that is a square, "
          + "got the shape [2, 8, 6]")
    }
  }

  @Test func `pooling refuses what changes the number of tokens`() throws {
    func text(_ config: JSON) -> String { message { _ = try build("pooling", config) } }
    #expect(text(["pool_size": 4]).contains("key `pool_size`: expected an odd number, got 4"))
    #expect(text(["stride": 2]).contains("key `stride`: expected 1"))
    #expect(text(["padding": 2]).contains("key `padding`: expected 1 or null"))
    for config: JSON in [["pool_size": 5, "padding": 2], ["pool_size": 1, "padding": 0]] {
      #expect(throws: Never.self) { try build("pooling", config) }
    }
  }

  @Test func `a window over everything is as good as a wider one`() throws {
    let x = try tokens([2, 9, 4])
    let (whole, wider) = (
      try build("pooling", ["pool_size": 5]), try build("pooling", ["pool_size": 2_147_483_647])
    )
    #expect(try whole(x, x, x).doubles() == wider(x, x, x).doubles())
    let alone = try build("pooling", ["pool_size": 1])
    #expect(try alone(x, x, x).doubles().allSatisfy { $0 == 0 })
  }

  @Test func `visual attention has the original's keys`() throws {
    let part = try build("visual", ["dim_model": 3])
    let layers = [
      "block.0", "block.2.conv0", "block.2.conv_spatial", "block.2.conv1", "block.3",
    ]
    #expect(part.stateKeys == layers.flatMap { ["\($0).weight", "\($0).bias"] })
    #expect(part.stateDict["block.2.conv_spatial.weight"]?.shape == [3, 1, 7, 7])
    let x = try tokens([1, 4, 4])
    #expect(message { _ = try part(x, x, x) }.contains("tensor `q`: expected [B, S, E] with E = 3"))
  }

  @Test(
    arguments: [
      ("linear", [:], ["value_q", "score_network"]),
      ("products", ["qk_rule": true], ["value_q", "value_k"]),
      ("two layers", ["nonlinear": true], ["value_q", "score_network.0", "score_network.2"]),
    ] as [(String, JSONObject, [String])])
  func `compositional attention has the original's keys`(
    name: String, options: JSONObject, scorer: [String]
  ) throws {
    let config = options.merging(["dim_model": 8, "num_heads": 2])
    let part = try build("compositional", .object(config))
    let projections = ["q", "k", "v"].map { "in_proj_container.\($0)_proj" }
    let layers = projections + ["out_proj"] + scorer
    #expect(part.stateKeys == layers.flatMap { ["\($0).weight", "\($0).bias"] })
    // Keys and values share everything with queries unless told otherwise.
    #expect(part.parameters.count { $0.key.hasPrefix("in_proj_container") } == 2)
    let separate = config.merging(["use_separate_proj_weight": true])
    let other = try build("compositional", .object(separate))
    #expect(other.parameters.count { $0.key.hasPrefix("in_proj_container") } == 6)
  }

  @Test func `compositional attention draws by Glorot's rule`() throws {
    let part = try build(
      "compositional", ["dim_model": 64, "num_heads": 4, "qk_rule": true, "num_rules": 2])
    // Gain, inputs + outputs.
    for (key, gain, sum) in [
      ("value_q.weight", 0.5.squareRoot(), 128), ("value_k.weight", 0.5.squareRoot(), 48),
      ("out_proj.weight", 1, 192),
    ] as [(String, Double, Double)] {
      let values = try #require(part.stateDict[key]).doubles()
      let bound = gain * (6 / sum).squareRoot()
      #expect(values.allSatisfy { abs($0) <= bound })
      #expect(values.contains { abs($0) > 0.9 * bound })
    }
    #expect(try #require(part.stateDict["out_proj.bias"]).doubles().allSatisfy { $0 == 0 })
  }

  @Test func `compositional attention refuses widths and options that do not fit`() throws {
    func text(_ options: JSONObject) -> String {
      message {
        _ = try build(
          "compositional", .object(options.merging(["dim_model": 8, "num_heads": 2])))
      }
    }
    #expect(text(["num_rules": 3]).contains("key `num_rules`: expected a divisor of dim_model = 8"))
    #expect(
      text(["dim_attn": 9]).contains("key `dim_attn`: expected a multiple of num_rules = 2, got 9"))
    #expect(text(["dim_attn": 12]).contains("unless use_separate_proj_weight"))
    #expect(throws: Never.self) {
      try build(
        "compositional",
        [
          "dim_model": 8, "num_heads": 2, "dim_attn": 12, "dim_value": 12,
          "use_separate_proj_weight": true,
        ])
    }
    #expect(text(["dim_value": 12]).contains("key `dim_value`: expected dim_attn = 8 or null"))
    #expect(text(["dim_key": 4]).contains("key `dim_key`: expected dim_model = 8 or null"))
    #expect(text(["qk_rule": true, "nonlinear": true]).contains("key `nonlinear`"))
    #expect(text(["in_proj_container": "mine"]).contains("key `in_proj_container`"))
  }

  @Test func `what cancels is claimed to have no gradient`() throws {
    func without(_ options: JSONObject) throws -> Set<String> {
      let config = options.merging(["dim_model": 8, "num_heads": 2])
      return try build("compositional", .object(config)).claims.withoutGradient
    }
    #expect(try without([:]) == ["value_q.weight", "value_q.bias", "score_network.bias"])
    #expect(try without(["qk_rule": true]) == ["value_k.bias"])
    #expect(try without(["nonlinear": true]) == ["score_network.2.bias"])
    #expect(
      try without(["num_rules": 1, "qk_rule": true, "bias": false])
        == ["value_q.weight", "value_k.weight"])
    #expect(
      try without(["qk_rule": true, "use_separate_proj_weight": true])
        == ["value_k.bias", "in_proj_container.k_proj.bias"])
  }

  @Test func `a checkpoint of the original loads without its unused projections`() throws {
    let dispatch = try Registry.zoo.build(
      .multihead, "compositional",
      ["dim_model": 8, "num_heads": 2, "attention": ["name": "compositional"]],
      generator: Generator(seed: 1)
    ).part
    #expect(dispatch.stateKeys.allSatisfy { $0.hasPrefix("attention.") })
    var state = dispatch.stateDict
    state["proj.bias"] = try Tensor.zeros([8])
    state["in_proj_container.v_proj.weight"] = try Tensor.zeros([8, 8])
    #expect(
      try dispatch.load(state).dropped == ["in_proj_container.v_proj.weight", "proj.bias"])
  }
}
