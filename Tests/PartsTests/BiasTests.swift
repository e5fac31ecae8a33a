import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `attention biases` {
  private func build(_ name: String, _ config: JSON) throws -> any AttentionBias {
    let part = try Registry.zoo.build(
      .attentionBias, name, config, generator: Generator(seed: 1)
    ).part
    return try #require(part as? any AttentionBias)
  }

  @Test(arguments: [
    (6, [0.25, 0.0625, 0.015625, 0.00390625, 0.5, 0.125]),
    (8, [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625]),
  ])
  func `slopes lower logits by the distance`(_ heads: Int, _ slopes: [Double]) throws {
    let both = try build("alibi", ["num_heads": .integer(heads)])
    let rows = try both.bias(queries: 2, keys: 4, offset: 1, .float64)
    #expect(rows.shape == [heads, 2, 4])
    for (head, slope) in slopes.enumerated() {
      let expected = [1.0, 0, 1, 2, 2, 1, 0, 1].map { -slope * $0 }
      #expect(try rows.index(0, head).doubles() == expected)
    }
    let past = try build("alibi", ["num_heads": .integer(heads), "bidirectional": false])
    let expected = [1.0, 0, 0, 0, 2, 1, 0, 0].map { -slopes[0] * $0 }
    #expect(
      try past.bias(queries: 2, keys: 4, offset: 1, .float64).index(0, 0).doubles() == expected)
  }

  /// The buckets of distances from −128 to 128.
  private func buckets(_ config: JSON) throws -> [Int: Int] {
    let part = try build("t5_relative", config)
    let numbers = try Tensor.range(32, .float32).unsqueezed(1)
    try part.load(["relative_attention_bias.weight": numbers])
    let row = try part.bias(queries: 1, keys: 257, offset: 128, .float32).doubles()
    return Dictionary(uniqueKeysWithValues: row.enumerated().map { ($0 - 128, Int($1)) })
  }

  @Test func `distances share the buckets of T5`() throws {
    let both = try buckets(["num_heads": 1])
    let known = [
      -128: 15, -64: 14, -20: 10, -8: 8, -1: 1, 0: 0, 1: 17, 7: 23, 8: 24, 20: 26, 64: 30, 128: 31,
    ]
    for (distance, bucket) in known { #expect(both[distance] == bucket, "\(distance)") }
    let past = try buckets(["num_heads": 1, "bidirectional": false])
    for (distance, bucket) in [-16: 16, -31: 21, -64: 26, -128: 31, 1: 0, 128: 0] {
      #expect(past[distance] == bucket, "\(distance)")
    }
  }

  @Test func `sizes that make no buckets and calls without tokens are refused`() throws {
    for (config, expected) in [
      (["num_heads": 0], "`num_heads`"), (["num_heads": 1, "num_buckets": 6], "a multiple of 4"),
      (["num_heads": 1, "max_distance": 8], "`max_distance`: expected above 8"),
    ] as [(JSON, String)] {
      #expect(message { _ = try build("t5_relative", config) }.contains(expected))
    }
    let part = try build("alibi", ["num_heads": 2])
    #expect(
      message { _ = try part.bias(queries: 1, keys: 2, offset: -1, .float32) }
        == "attention_bias alibi: key `offset`: expected at least 0, got -1")
    #expect(
      message { _ = try part(Tensor.zeros([1, 3, 2, 2])) }
        .contains("tensor `logits`: expected [B, H, S, T] with H = 2"))
  }
}
