import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `feedforwards` {
  private func build(_ name: String, _ config: JSON = [:]) throws -> any PartModule {
    let part = try Registry.zoo.build(
      .feedforward, name, config, generator: Generator(seed: 1)
    ).part
    part.eval()
    return part
  }

  private func tokens(_ shape: [Int]) throws -> Tensor {
    try Tensor.normal(shape, generator: Generator(seed: 2))
  }

  @Test func `a fused feedforward loads what the original saved of it`() throws {
    let config: JSON = ["dim_model": 4, "hidden_layer_multiplier": 2, "activation": "gelu"]
    let (fused, plain) = try (build("FusedMLP", config), build("MLP", config))
    let (inner, outer) = try (tokens([8, 4]), tokens([4, 8]))
    try fused.load(original: ["mlp.0.weight": inner, "mlp.2.weight": outer])
    try plain.load([
      "mlp.0.weight": inner, "mlp.0.bias": Tensor.zeros([8]), "mlp.3.weight": outer,
      "mlp.3.bias": Tensor.zeros([4]),
    ])
    let inputs = ["inputs": try tokens([2, 3, 4])]
    #expect(try fused.run(inputs).equals(plain.run(inputs)).allTrue())
    try fused.load(original: plain.stateDict)
    #expect(throws: StateError.missing(key: "mlp.0.weight")) {
      try fused.load(original: ["mlp.2.weight": outer])
    }
    #expect(
      throws: StateError.unexpected(key: "mlp.2.weight", known: fused.stateKeys)
    ) {
      try fused.load(
        original: ["mlp.0.weight": inner, "mlp.2.weight": outer, "mlp.3.weight": outer])
    }
  }

  @Test func `each gate has its function`() throws {
    let expected = ["SwiGLU": 1.4621171, "GEGLU": 1.6826895, "ReGLU": 2]
    for (name, number) in expected {
      let part = try build(name, ["dim_model": 1, "hidden_dim": 1])
      try part.load([
        "w1.weight": Tensor.ones([1, 1]), "w2.weight": Tensor.full([1, 1], 2),
        "w3.weight": Tensor.ones([1, 1]),
      ])
      let output = try part.run(["inputs": Tensor.ones([1, 1, 1])]).item()
      #expect(abs(output - number) < 1e-6, "\(name)")
    }
  }

  @Test func `the width behind a gate follows from that of a token`() throws {
    func width(_ config: JSON) throws -> Int {
      try GatedLinearUnitConfig.decode(config).hiddenWidth
    }
    for (token, rounded, whole) in [(8, 24, 22), (12, 32, 32), (3, 8, 8)] {
      #expect(try width(["dim_model": .integer(token)]) == rounded)
      #expect(try width(["dim_model": .integer(token), "multiple_of": 1]) == whole)
    }
    // As in Llama 7B.
    #expect(try width(["dim_model": 4096, "multiple_of": 256]) == 11008)
    #expect(try width(["dim_model": 8, "multiple_of": 256, "hidden_dim": 20]) == 20)
  }

  @Test func `convolutions need a square, and name their activation`() throws {
    let part = try build("Conv2DFeedforward", ["dim_model": 4, "dim_model_out": 6])
    #expect(try part.run(["inputs": tokens([2, 9, 4])]).shape == [2, 9, 6])
    #expect(
      message { _ = try part.run(["inputs": tokens([2, 8, 4])]) }
        == "feedforward Conv2DFeedforward: tensor `inputs`: expected a length S that is a square, "
        + "got the shape [2, 8, 4]")
    #expect(
      message { _ = try build("Conv2DFeedforward", ["dim_model": 4, "act_layer": "relu"]) }
        .contains("unknown key `act_layer`"))
  }
}
