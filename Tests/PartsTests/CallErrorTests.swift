import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `errors of calls` {
  private func build(_ kind: Kind, _ name: String, _ config: JSON) throws -> any PartModule {
    try Registry.zoo.build(kind, name, config, generator: Generator(seed: 0)).part
  }

  @Test func `a registered part is called by its kind and name`() throws {
    let part = try build(.attention, "nystrom", ["num_heads": 2])
    let zeros = try Tensor.zeros([2, 3, 4])
    #expect(
      message { _ = try part.run(["q": zeros, "k": zeros]) }
        == "attention nystrom: tensor `v` is missing; "
        + "the part takes q, k, v, att_mask, key_padding_mask")
    let attention = try #require(part as? NystromAttention)
    #expect(
      message { _ = try attention(zeros, zeros, Tensor.zeros([2, 2, 4])) }
        == "attention nystrom: tensor `v`: expected the keys' length T = 3, got the shape [2, 2, 4]"
    )
    let masks = Masks(attention: try Tensor.full([3, 3], 1, .bool))
    #expect(
      message { _ = try attention(zeros, zeros, zeros, masks: masks) }
        .hasPrefix("attention nystrom: att_mask is not supported"))
  }

  @Test func `a part made by hand is called by its type`() throws {
    let mlp = try MLP(.sample, generator: Generator(seed: 0))
    #expect(
      message { _ = try mlp(Tensor.zeros([2, 3, 7])) }
        == "MLP: tensor `inputs`: expected [B, S, E] with E = 8, got the shape [2, 3, 7]")
  }

  @Test func `a dispatch speaks of its own tensors and shapes`() throws {
    let part = try build(
      .multihead, "local", ["dim_model": 6, "num_heads": 3, "attention": ["name": "local"]])
    let query = try Tensor.zeros([2, 4, 6])
    let key = try Tensor.zeros([2, 5, 6])
    #expect(
      message { _ = try part.run(["query": query, "key": key]) }
        == "multihead local: tensor `key`: expected the query's length S = 4: "
        + "S and T must be equal, got the shape [2, 5, 6]")
  }

  @Test(
    arguments: [
      ([4, 4], true), ([1, 4, 4], true), ([2, 4, 4], true), ([6, 4, 4], true),
      ([2, 3, 4, 4], true),
      ([3, 4, 4], false), ([3, 2, 4, 4], false), ([6, 1, 4, 4], false), ([2, 1, 4, 4], false),
      ([2, 4, 1], false), ([2, 1, 4], false), ([4], false),
    ])
  func `a dispatch takes masks for its items and heads only`(shape: [Int], fits: Bool) throws {
    let part = try build(
      .multihead, "scaled_dot_product",
      ["dim_model": 6, "num_heads": 3, "attention": ["name": "scaled_dot_product"]])
    let text = message {
      _ = try part.run([
        "query": Tensor.zeros([2, 4, 6]), "att_mask": Tensor.full(shape, 1, .bool),
      ])
    }
    #expect((text == "nothing was thrown") == fits)
    #expect(fits || text.contains("B = 2, H = 3"), "\(text)")
  }

  @Test func `sizes that no memory holds are refused without being tried`() throws {
    for size in [1 << 31, 1 << 40, Int.max] {
      let text = message {
        _ = try build(
          .feedforward, "MLP",
          ["dim_model": .integer(size), "hidden_layer_multiplier": .integer(size)])
      }
      #expect(
        text
          == "feedforward MLP: key `dim_model`: expected a whole number from 1 to 2147483647, "
          + "got \(size)")
    }
    let text = message {
      _ = try build(
        .feedforward, "MLP", ["dim_model": 2_147_483_647, "hidden_layer_multiplier": 1])
    }
    #expect(text.hasPrefix("feedforward MLP: this configuration is not supported"), "\(text)")
  }

  @Test func `a matrix that is not finite leaves the others of its batch alone`() throws {
    let part = try build(
      .attention, "nystrom",
      ["num_heads": 1, "num_landmarks": 2, "use_razavi_pinverse": false])
    part.eval()
    let clean = try Tensor.normal([2, 5, 3], generator: Generator(seed: 1))
    let broken = try Tensor.cat([clean.slice(0, 0..<1) * .nan, clean.slice(0, 1..<2)], 0)
    let expected = try part.run(["q": clean, "k": clean, "v": clean])
    let output = try part.run(["q": broken, "k": broken, "v": broken])
    #expect(try output.slice(0, 1..<2).doubles() == expected.slice(0, 1..<2).doubles())
    #expect(try output.slice(0, 0..<1).isNaN().allTrue())
  }
}
