import JSON
import Parts
import Testing
import Torch

@Suite struct `FAVOR+ attention` {
  private func build(_ config: JSON, seed: UInt64 = 1) throws -> FavorAttention {
    let built = try Registry.zoo.attention("favor", config, generator: Generator(seed: seed))
    return try #require(built as? FavorAttention)
  }

  private func features(_ part: FavorAttention) throws -> [Double] {
    try #require(part.drawn["features"]).doubles()
  }

  @Test func `the number of features follows from the width of a head`() throws {
    let counts = try [4, 8, 10, 16, 32, 64, 128].map { width in
      try FavorAttentionConfig.decode(["dim_head": .integer(width)]).featureCount
    }
    #expect(counts == [12, 32, 44, 80, 192, 448, 1024])
    #expect(try FavorAttentionConfig.decode(["dim_head": 1]).featureCount == 2)
  }

  @Test func `a dispatch fills in the width of a head, and never the number of features`() throws {
    let config: JSON = ["dim_model": 16, "num_heads": 2, "attention": ["name": "favor"]]
    let dispatch = try MultiHeadDispatch(
      MultiHeadConfig.decode(config), generator: Generator(seed: 1))
    #expect(dispatch.stateDict["attention.feature_map.features"]?.shape == [8, 16])
  }

  @Test func `the feature map has two names, which must agree`() throws {
    #expect(try build(["dim_head": 4, "feature_map_type": "sm_orf"]).config.map == .orthogonal)
    #expect(try build(["dim_head": 4, "feature_map": "sm_hyp"]).config.map == .hyperbolic)
    #expect(try build(["dim_head": 4]).config.map == .regularised)
    #expect(
      message {
        _ = try build(["dim_head": 4, "feature_map": "sm_hyp", "feature_map_type": "sm_reg"])
      }
      .contains("key `feature_map_type`: expected \"sm_hyp\" as `feature_map`, got sm_reg"))
    #expect(
      message { _ = try build(["dim_head": 4, "dim_features": 7]) }
        .contains("key `dim_features`: expected an even number"))
    #expect(
      try build(["dim_head": 4, "dim_features": 7, "feature_map": "sm_orf"]).stateKeys
        == ["feature_map.features"])
  }

  @Test func `features are drawn anew at calls 0, 3 and 6 of training`() throws {
    let part = try build(["dim_head": 4, "iter_before_redraw": 3])
    let tokens = try Tensor.normal([1, 2, 4], generator: Generator(seed: 2))
    var (last, changes) = (try features(part), [Int]())
    for call in 0...7 {
      _ = try part(tokens, tokens, tokens)
      let now = try features(part)
      if now != last { changes.append(call) }
      last = now
    }
    #expect(changes == [0, 3, 6])
  }

  @Test func `injected features stay in training until the part is seeded again`() throws {
    let part = try build(["dim_head": 4, "iter_before_redraw": 1])
    let tokens = try Tensor.normal([1, 2, 4], generator: Generator(seed: 2))
    try part.inject(["features": Tensor.ones([4, 6])])
    _ = try part(tokens, tokens, tokens)
    #expect(try features(part) == [Double](repeating: 1, count: 24))
    try part.reseed(5)
    _ = try part(tokens, tokens, tokens)
    #expect(try features(part) != [Double](repeating: 1, count: 24))
    #expect(
      message { try part.inject(["features": Tensor.ones([4, 5])]) }
        .contains("tensor `state.features`: expected [D, F] = [4, 6], got the shape [4, 5]"))
    #expect(
      message { try part.inject(["feature": Tensor.ones([4, 6])]) }
        .contains("did you mean `state.features`?"))
  }

  /// Lengths about those of chunks, up to several of the longest.
  @Test(arguments: [1, 2, 3, 17, 64, 65, 200, 1111])
  func `causal attention is attention over each prefix, gradients included`(_ length: Int) throws {
    let part = try build(["dim_head": 3, "dim_features": 8, "causal": true])
    let free = try build(["dim_head": 3, "dim_features": 8])
    for one in [part, free] {
      try one.to(.float64)
      one.eval()
    }
    try free.inject(part.drawn)
    let generator = Generator(seed: 3)
    let inputs = try (0..<3).map { _ in
      try (Tensor.normal([2, length, 3], .float64, generator: generator) * 2).requireGrad()
    }
    let output = try part(inputs[0], inputs[1], inputs[2])
    let cotangent = try Tensor.normal(output.shape, .float64, generator: generator)
    let gradients = try output.gradients(of: inputs, cotangent: cotangent)
    var expected = try inputs.map { try Tensor.zeros($0.shape, .float64) }
    for position in Set([0, length / 3, length / 2, length - 1]) {
      let prefix = try free(
        inputs[0].slice(1, position..<position + 1), inputs[1].slice(1, 0..<position + 1),
        inputs[2].slice(1, 0..<position + 1))
      let row = try output.slice(1, position..<position + 1)
      #expect(try (row - prefix).abs().maximum().item() < 1e-12)
    }
    // The derivative of the whole is the sum of those of all rows.
    guard length <= 65 else { return }
    for position in 0..<length {
      let prefix = try free(
        inputs[0].slice(1, position..<position + 1), inputs[1].slice(1, 0..<position + 1),
        inputs[2].slice(1, 0..<position + 1))
      let part = try prefix.gradients(
        of: inputs, cotangent: cotangent.slice(1, position..<position + 1))
      expected = try zip(expected, part).map { sum, one in try one.map { try sum + $0 } ?? sum }
    }
    for (gradient, sum) in zip(gradients, expected) {
      #expect(try (#require(gradient) - sum).abs().maximum().item() < 1e-10)
    }
  }

  @Test func `16384 tokens go forward and backward, causal`() throws {
    let part = try build(["dim_head": 32, "causal": true])
    part.eval()
    let generator = Generator(seed: 3)
    let inputs = try (0..<3).map { _ in
      try Tensor.normal([4, 16384, 32], generator: generator).requireGrad()
    }
    let gradients = try part(inputs[0], inputs[1], inputs[2]).gradients(of: inputs)
    for gradient in gradients { #expect(try #require(gradient).isFinite().allTrue()) }
  }
}
