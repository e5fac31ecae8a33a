import JSON
import Parts
import Testing
import Torch

@Suite struct `lambda layers` {
  @Test func `the table has the original's key and shape and is drawn anew for each layer`() throws
  {
    let config: JSON = ["seq_len": 5, "dim_head": 3]
    let generator = Generator(seed: 1)
    let layers = try (0..<2).map { _ in
      try Registry.zoo.attention("lambda", config, generator: generator)
    }
    #expect(layers[0].stateKeys == ["rel_pos_emb"])
    let tables = try layers.map { try #require($0.stateDict["rel_pos_emb"]) }
    #expect(tables[0].shape == [9, 3])
    #expect(try tables[0].doubles() != tables[1].doubles())
  }

  @Test func `a dispatch fills in the width of a head, and not the length`() throws {
    let attention: JSON = ["name": "lambda", "seq_len": 5]
    let config: JSON = ["dim_model": 6, "num_heads": 2, "attention": attention]
    let dispatch = try MultiHeadDispatch(
      MultiHeadConfig.decode(config), generator: Generator(seed: 1))
    #expect(dispatch.stateDict["attention.rel_pos_emb"]?.shape == [9, 3])
    let lacking: JSON = ["dim_model": 6, "num_heads": 2, "attention": ["name": "lambda"]]
    #expect(
      message {
        _ = try MultiHeadDispatch(MultiHeadConfig.decode(lacking), generator: Generator(seed: 1))
      }.contains("key `seq_len` is missing"))
  }

  @Test func `wrong widths and causality say what they are`() throws {
    let layer = try Registry.zoo.attention(
      "lambda", ["seq_len": 5, "dim_head": 3], generator: Generator(seed: 1))
    let wide = try Tensor.zeros([2, 4, 7])
    #expect(
      message { _ = try layer(wide, wide, wide) }
        .contains("tensor `q`: expected [N, S, D] with D = dim_head = 3, got the shape [2, 4, 7]"))
    #expect(
      message {
        _ = try Registry.zoo.attention(
          "lambda", ["seq_len": 5, "dim_head": 3, "causal": true], generator: Generator(seed: 1))
      }.contains("`causal`: true is not supported"))
  }

  @Test func `in half precision terms that cancel do not overflow on their own`() throws {
    let layer = try Registry.zoo.attention(
      "lambda", ["seq_len": 1, "dim_head": 1], generator: Generator(seed: 1))
    try layer.load(["rel_pos_emb": Tensor([-0.9375], shape: [1, 1])])
    try layer.to(.float16)
    let query = try Tensor([352.0], shape: [1, 1, 1]).to(.float16)
    let value = try Tensor([200.0], shape: [1, 1, 1]).to(.float16)
    // 352 · 200 is more than half precision holds, and so is what the position takes off.
    #expect(try layer(query, query, value).doubles() == [4400])
  }
}
