import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `residual styles` {
  private func build(_ name: String, _ config: JSON) throws -> any UnaryPart {
    try Registry.zoo.unary(.residual, name, config, generator: Generator(seed: 1))
  }

  @Test(
    arguments: [
      (
        "pre", ["d_norm": 4, "style": "post"], "key `style`: expected \"pre\" or nothing, got post"
      ),
      (
        "post", ["d_norm": 4, "sublayer": ["name": "MLP", "dim_model": 5]],
        "key `sublayer.dim_model`: expected 4, that of the residual, got 5"
      ),
      (
        "pre",
        [
          "d_norm": 4,
          "sublayer": ["name": "Conv2DFeedforward", "dim_model_out": 6],
        ],
        "key `sublayer`: expected a feedforward to the width of a token, got"
      ),
      (
        "pre", ["d_norm": 4, "normalization": "layernrm"],
        "expected one of layernorm, rmsnorm, skip"
      ),
      (
        "deepnorm",
        ["d_norm": 4, "encoder_layers": 0, "decoder_layers": 2, "block_type": "encoder"],
        "key `encoder_layers`: expected a whole number from 1"
      ),
      (
        "deepnorm", ["d_norm": 4, "encoder_layers": 0],
        "key `decoder_layers`: expected a whole number from 1"
      ),
      (
        "pre", ["d_norm": 4, "layer_scale": 1.5],
        "key `layer_scale`: expected a number from 0 to 1, got 1.5"
      ),
      (
        "post", ["d_norm": 4, "stochastic_depth": -0.5],
        "key `stochastic_depth`: expected a number from 0 to 1, got -0.5"
      ),
    ] as [(String, JSON, String)])
  func `refuse options that contradict each other`(name: String, config: JSON, text: String) {
    let error = #expect(throws: PartError.self) { _ = try build(name, config) }
    #expect(error?.description.hasPrefix("residual \(name): ") == true)
    #expect(error?.description.contains(text) == true)
  }

  @Test func `weigh the example of the paper`() throws {
    // x (1, 2, 4) and f(x) (3, −1, 0) with α = √2, normalized without ε.
    let part = try PartsOfResidual.deepnorm(encoders: 2)
    let x = try Tensor([1.0, 2, 4], shape: [1, 1, 3])
    let output = try part([x]) { _ in try Tensor([3.0, -1, 0], shape: [1, 1, 3]) }.doubles()
    for (value, expected) in zip(output, [0.280753, -1.340742, 1.059989]) {
      #expect(abs(value - expected) < 1e-5)
    }
  }

  @Test func `of code have the keys of the original and refuse a second sublayer`() throws {
    let inner = try Linear(3, 3, generator: Generator(seed: 1))
    let pre = try PreNorm(
      ResidualConfig(dNorm: 3), around: inner, registry: .zoo, generator: Generator(seed: 1))
    #expect(
      pre.stateKeys.sorted() == [
        "layer.norm.bias", "layer.norm.weight", "layer.sublayer.bias", "layer.sublayer.weight",
      ])
    var config = ResidualConfig(dNorm: 3)
    config.sublayer = "MLP"
    #expect(throws: PartError.self) {
      _ = try PreNorm(config, around: inner, registry: .zoo, generator: Generator(seed: 1))
    }
  }

  @Test(arguments: ["pre", "post", "deepnorm"])
  func `save their scales under a key of their own, from the given value`(name: String) throws {
    var config: JSONObject = ["d_norm": 4]
    if name == "deepnorm" { config["encoder_layers"] = 2 }
    let plain = try build(name, .object(config))
    config["layer_scale"] = 0.25
    let scaled = try build(name, .object(config))
    #expect(scaled.stateKeys == plain.stateKeys + ["layer_scale.gamma"])
    let scales = try #require(scaled.stateDict["layer_scale.gamma"])
    #expect(try scales.doubles() == [0.25, 0.25, 0.25, 0.25])
    let parameter = try #require(scaled.claims.parameters["layer_scale.gamma"])
    #expect(parameter == ParameterClaim([4], .constant(0.25)))
    for (key, value) in plain.stateDict {
      #expect(try scaled.stateDict[key]?.doubles() == value.doubles(), "\(key)")
    }
  }

  @Test func `scale and drop what code gives for several inputs`() throws {
    var config = ResidualConfig(dNorm: 2)
    config.normalization = "skip"
    config.layerScale = 0.25
    config.stochasticDepth = 0.75
    let part = try PreNorm(
      config, around: Linear(2, 2, generator: Generator(seed: 1)), registry: .zoo,
      generator: Generator(seed: 1))
    let (x, keys) = try (Tensor.ones([3, 1, 2]), Tensor.ones([3, 1, 2]) * 4)
    func output() throws -> [Double] {
      try part([x, keys]) { try $0[0] + $0[1] }.doubles()
    }
    try part.dropouts[0].inject([Tensor([1.0, 0, 1], shape: [3, 1, 1])])
    // 1 + 0.25·5, in training divided by 0.25.
    #expect(try output() == [6, 6, 1, 1, 6, 6])
    part.eval()
    #expect(try output() == [2.25, 2.25, 2.25, 2.25, 2.25, 2.25])
  }

  @Test func `that are dropped at rate 1 return their input and finite derivatives`() throws {
    let part = try build("pre", ["d_norm": 4, "stochastic_depth": 1])
    let x = try Tensor.normal([2, 3, 4], generator: Generator(seed: 1)).requireGrad()
    let output = try part(x)
    #expect(try output.doubles() == x.doubles())
    let slopes = try output.gradients(of: [x], cotangent: Tensor.ones([2, 3, 4]))[0]
    #expect(try slopes?.doubles() == [Double](repeating: 1, count: 24))
  }

  @Test func `draw what they drop from their own generator`() throws {
    let part = try build("pre", ["d_norm": 4, "stochastic_depth": 0.5])
    let x = try Tensor.normal([16, 1, 4], generator: Generator(seed: 1))
    func draw(_ seed: UInt64) throws -> [Double] {
      try part.reseed(seed)
      part.dropouts[0].drawn = []
      _ = try part(x)
      return try part.dropouts[0].drawn?.first?.doubles() ?? []
    }
    let first = try draw(1)
    #expect(first.count == 16)
    #expect(try draw(1) == first)
    #expect(try draw(2) != first)
  }
}

private enum PartsOfResidual {
  static func deepnorm(encoders: Int) throws -> any Residual {
    var config = DeepNormConfig(dNorm: 3)
    config.encoderLayers = encoders
    config.normalization = ["name": "layernorm", "eps": 1e-12]
    let part = try DeepNorm(
      config, around: Linear(3, 3, generator: Generator(seed: 1)), registry: .zoo,
      generator: Generator(seed: 1))
    try part.to(.float64)
    return part
  }
}
