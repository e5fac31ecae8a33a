import JSON
import Parts
import Testing
import Torch

@Suite struct `Orthoformer attention` {
  private func build(_ config: JSON, seed: UInt64 = 1) throws -> any Attention {
    try Registry.zoo.attention("orthoformer", config, generator: Generator(seed: seed))
  }

  /// Eight queries of length 2 along three axes, and as many keys and values.
  private func axes() throws -> [Tensor] {
    let rows = [0, 1, 2, 0, 1, 2, 0, 1].flatMap { axis in (0..<4).map { $0 == axis ? 2.0 : 0 } }
    let generator = Generator(seed: 2)
    return [try Tensor(rows, shape: [1, 8, 4]).to(.float32)]
      + (try (0..<2).map { _ in try Tensor.normal([1, 8, 4], generator: generator) })
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `three landmarks of queries along three axes are one of each, for any seed`(
    _ seed: UInt64
  ) throws {
    let part = try build(["num_landmarks": 3], seed: seed)
    let tokens = try axes()
    _ = try part(tokens[0], tokens[1], tokens[2])
    let landmarks = try #require(part.drawn["landmarks"])
    #expect(landmarks.shape == [1, 3, 4])
    #expect(try landmarks.sum(1).doubles() == [2, 2, 2, 0])
    #expect(try (landmarks * landmarks).sum(-1).doubles() == [4, 4, 4])
  }

  @Test func `one random landmark is a query, and an odd number has one query more`() throws {
    let tokens = try axes()
    let one = try build(["num_landmarks": 1, "landmark_selection": "random"])
    _ = try one(tokens[0], tokens[1], tokens[2])
    #expect(one.drawn.keys.sorted() == ["landmarks", "queries"])
    let five = try build(["num_landmarks": 5, "landmark_selection": "random"])
    _ = try five(tokens[0], tokens[1], tokens[2])
    #expect(five.drawn["queries"]?.shape == [3])
    #expect(five.drawn["keys"]?.shape == [2])
  }

  @Test func `injected positions are used, and wrong ones are named`() throws {
    let part = try build(["num_landmarks": 1])
    let tokens = try axes()
    try part.inject(["first": Tensor([4], shape: [1])])
    _ = try part(tokens[0], tokens[1], tokens[2])
    #expect(try part.drawn["landmarks"]?.doubles() == [0, 2, 0, 0])
    try part.inject(["first": Tensor([8], shape: [1])])
    #expect(
      message { _ = try part(tokens[0], tokens[1], tokens[2]) }
        .contains("tensor `state.first`: expected positions from 0 below 8, got 8"))
    #expect(
      message { try part.inject(["firsts": Tensor([0], shape: [1])]) }
        .contains("did you mean `state.first`?"))
    #expect(
      message { try part.inject(["first": Tensor([0.5], shape: [1])]) }
        .contains("tensor `state.first`: expected integers, got f64"))
    try part.inject(["landmarks": Tensor.zeros([2, 1, 4])])
    #expect(
      message { _ = try part(tokens[0], tokens[1], tokens[2]) }
        .contains("tensor `state.landmarks`: expected [N, m, D] = [1, 1, 4]"))
    // Positions that are injected later count, not the landmarks before them.
    try part.inject(["landmarks": Tensor.zeros([1, 1, 4])])
    try part.inject(["first": Tensor([4], shape: [1])])
    _ = try part(tokens[0], tokens[1], tokens[2])
    #expect(try part.drawn["landmarks"]?.doubles() == [0, 2, 0, 0])
    try part.reseed(3)
    _ = try part(tokens[0], tokens[1], tokens[2])
  }

  @Test func `candidates are a share of the queries and at least as many as landmarks`() throws {
    let part = try build(["num_landmarks": 2, "subsample_fraction": 0.5])
    let few = try build(["num_landmarks": 6, "subsample_fraction": 0.1])
    let tokens = try axes()
    for (one, count) in [(part, 4), (few, 6)] {
      _ = try one(tokens[0], tokens[1], tokens[2])
      #expect(one.drawn["candidates"]?.shape == [count])
    }
  }

  @Test func `a query that is NaN spoils its own item only, with every rule`() throws {
    let generator = Generator(seed: 4)
    let clean = try Tensor.normal([1, 6, 4], generator: generator)
    let poisoned = try Tensor.cat([clean * .nan, clean.slice(1, 1..<6)], 1).slice(1, 5..<11)
    let query = try Tensor.cat([poisoned, clean], 0)
    let key = try Tensor.normal([2, 6, 4], generator: generator)
    for rule in ["orthogonal", "kmeans", "kmeans_spherical", "random"] {
      let part = try build(["num_landmarks": 3, "landmark_selection": .string(rule)])
      let output = try part(query, key, key)
      let alone = try part(clean, key.slice(0, 1..<2), key.slice(0, 1..<2))
      #expect(try output.slice(0, 1..<2).doubles() == alone.doubles(), "\(rule)")
    }
  }

  @Test func `masks, causality and shares out of range are refused`() throws {
    let part = try build(["num_landmarks": 2])
    let tokens = try axes()
    let masks = Masks(attention: try Tensor.full([8, 8], 1, .bool))
    #expect(
      message { _ = try part(tokens[0], tokens[1], tokens[2], masks: masks) }
        .contains("att_mask is not supported"))
    #expect(message { _ = try build(["causal": true]) }.contains("`causal`: true is not supported"))
    #expect(
      message { _ = try build(["subsample_fraction": 0.0]) }
        .contains("key `subsample_fraction`: expected a share above 0, up to 1"))
    #expect(
      message { _ = try build(["landmark_selection": "kmean"]) }.contains("landmark_selection"))
  }
}
