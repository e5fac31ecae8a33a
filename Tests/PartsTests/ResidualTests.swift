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
