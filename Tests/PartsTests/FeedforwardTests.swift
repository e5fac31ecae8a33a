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
    let (first, second) = try (tokens([8]), tokens([4]))
    try fused.load(original: [
      "mlp.0.weight": inner, "mlp.0.bias": first, "mlp.2.weight": outer, "mlp.2.bias": second,
    ])
    try plain.load(["mlp.0.bias": first, "mlp.3.bias": second], strict: false)
    #expect(try fused.run(inputs).equals(plain.run(inputs)).allTrue())
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

  private let mixture: JSON = ["dim_model": 4, "number_of_experts": 2, "gate": "top_2"]

  @Test func `a mixture has the keys of the original, the gate twice`() throws {
    let part = try build("MixtureOfExperts", mixture)
    #expect(
      part.stateKeys == ["gate.wg.weight", "moe.gate.wg.weight"]
        + [0, 1].flatMap { expert in
          ["0.weight", "0.bias", "3.weight", "3.bias"].map { "moe.experts.\(expert).mlp.\($0)" }
        })
    var state = part.stateDict
    state["moe.gate.wg.weight"] = try Tensor.ones([2, 4])
    #expect(throws: StateError.shared(key: "gate.wg.weight", other: "moe.gate.wg.weight")) {
      try part.load(state)
    }
  }

  @Test func `a mixture names what its experts refuse`() {
    func text(_ changes: JSON) -> String {
      let config = (mixture.object ?? [:]).merging(changes.object ?? [:])
      return message { _ = try build("MixtureOfExperts", .object(config)) }
    }
    #expect(text(["expert_constructor": "MPL"]).contains("one of Conv2DFeedforward, FusedMLP"))
    #expect(
      text(["expert_constructor": "Conv2DFeedforward"])
        .contains("expected a feedforward that maps each token alone"))
    #expect(
      text(["expert_constructor": "SwiGLU", "activation": "relu"])
        .contains("the experts, SwiGLU, have no such option"))
    #expect(
      text(["expert_constructor": ["name": "MLP", "dim_model": 5]])
        .contains("key `expert_constructor.dim_model`: expected 4, that of the mixture, got 5"))
    #expect(text(["expert_constructor": 3]).contains("key `expert_constructor`: expected the name"))
    #expect(text(["number_of_local_experts": 1]).contains("number_of_experts = 2 or null"))
    #expect(text(["group": "world"]).contains("key `group`: expected null"))
    #expect(throws: Never.self) {
      try build(
        "MixtureOfExperts", .object((mixture.object ?? [:]).merging(["number_of_local_experts": 2]))
      )
    }
  }

  @Test func `the experts of a mixture come from its registry`() throws {
    #expect(throws: PartError.self) {
      try Registry.empty.adding(
        Registry.zoo.entries(.feedforward).filter { $0.name == "MixtureOfExperts" }
      ).build(.feedforward, "MixtureOfExperts", mixture, generator: Generator(seed: 0))
    }
    let own = try build(
      "MixtureOfExperts",
      [
        "dim_model": 4, "number_of_experts": 2, "gate": "round_robin",
        "expert_constructor": ["name": "SwiGLU", "hidden_dim": 3],
      ])
    #expect(try own.run(["inputs": tokens([2, 3, 4])]).shape == [2, 3, 4])
    #expect(own.stateDict["moe.experts.1.w1.weight"]?.shape == [3, 4])
    #expect(try own.auxiliaryLoss(["inputs": tokens([2, 3, 4])]) == nil)
  }

  @Test func `routing noise is taken as recorded`() throws {
    let part = try build(
      "MixtureOfExperts", ["dim_model": 4, "number_of_experts": 3, "gate": "top_2"])
    let inputs = ["inputs": try tokens([1, 2, 4])]
    let plain = try part.run(inputs)
    let noise = try Tensor([0, 0, 0, 100, 100, 100.0], shape: [2, 3])
    try part.inject(["noise": noise])
    #expect(try part.run(inputs).equals(plain).allTrue(), "the same noise for all experts")
    #expect(
      message { try part.inject(["noise": Tensor.zeros([2, 2])]) }
        .contains("tensor `state.noise`: expected [n, 3]"))
    #expect(message { try part.inject(["nois": noise]) }.contains("did you mean `state.noise`?"))
  }
}
