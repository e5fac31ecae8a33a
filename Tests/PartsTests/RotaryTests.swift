import Catalogue
import Foundation
import JSON
import Parts
import Testing
import Torch

@Suite struct `rotary position embedding` {
  private func build(_ config: JSON) throws -> RotaryEmbedding {
    let part = try Registry.zoo.build(
      .positionEmbedding, "rotary", config, generator: Generator(seed: 0)
    ).part
    return try #require(part as? RotaryEmbedding)
  }

  /// The vectors of the given channels of 1 at each of `length` positions, turned.
  private func turned(_ part: RotaryEmbedding, _ ones: Range<Int>, length: Int) throws -> Tensor {
    let token = try Tensor(
      (0..<part.config.dimModel).map { ones.contains($0) ? 1.0 : 0 },
      shape: [1, 1, part.config.dimModel])
    let tokens = try token.expanded([1, length, -1])
    return try part(tokens, tokens).query.index(0, 0)
  }

  /// The angles by which the pairs of halves are turned from one position to the next.
  private func angles(_ part: RotaryEmbedding, length: Int = 2) throws -> [Double] {
    let half = part.config.dimModel / 2
    let row = try turned(part, 0..<half, length: length).index(0, 1).doubles()
    return (0..<half).map { atan2(row[half + $0], row[$0]) }
  }

  private func expect(_ actual: [Double], _ expected: [Double], within bound: Double = 1e-6) {
    #expect(actual.count == expected.count)
    for (number, wanted) in zip(actual, expected) {
      #expect(abs(number / wanted - 1) < bound, "\(number), expected \(wanted)")
    }
  }

  @Test func `linear interpolation divides the angle and not the base of its power`() throws {
    let part = try build(["dim_model": 8, "scaling": ["type": "linear", "factor": 4]])
    try expect(angles(part), [0.25, 0.025, 0.0025, 0.00025])
    let saved = try #require(part.stateDict["inv_freq"])
    try expect(saved.doubles(), [0.25, 0.025, 0.0025, 0.00025])
  }

  @Test func `the slowest pair of NTK is as slow as interpolated, the fastest is kept`() throws {
    let part = try build(["dim_model": 8, "scaling": ["type": "ntk", "factor": 4]])
    let found = try angles(part)
    expect([found[0], found[3]], [1, 0.00025])
    let pair = try build(["dim_model": 2, "scaling": ["type": "ntk", "factor": 4]])
    try expect(angles(pair), [1])
  }

  @Test func `dynamic NTK depends on the length of the call alone`() throws {
    let part = try build([
      "dim_model": 8,
      "scaling": ["type": "dynamic_ntk", "factor": 2, "original_max_position_embeddings": 8],
    ])
    let first = try turned(part, 0..<4, length: 4)
    try expect(angles(part, length: 4), [1, 0.1, 0.01, 0.001])
    try expect(angles(part, length: 16), [1, 0.06933613, 0.00480750, 0.00033333], within: 2e-5)
    let third = try turned(part, 0..<4, length: 4)
    #expect(try third.bytes() == first.bytes())
    let saved = try #require(part.stateDict["inv_freq"])
    try expect(saved.doubles(), [1, 0.1, 0.01, 0.001])

    // Queries and keys are turned alike, whichever are more.
    let (few, many) = (
      try Tensor.normal([1, 4, 8], .float64, generator: Generator(seed: 1)),
      try Tensor.normal([1, 16, 8], .float64, generator: Generator(seed: 2))
    )
    let both = try part(many, many).query.slice(1, 0..<4)
    #expect(try part(many.slice(1, 0..<4), few).query.bytes() != both.bytes())
    #expect(try part(many.slice(1, 0..<4), many).query.bytes() == both.bytes())
    #expect(try part(many, many.slice(1, 0..<4)).key.bytes() == both.bytes())
  }

  @Test(arguments: [(nil, 1.41588831), (1.0, 1.0), (0.5, 0.5)] as [(Double?, Double)])
  func `the attention factor of YaRN replaces its default`(_ given: Double?, _ expected: Double)
    throws
  {
    var scaling: JSONObject = [
      "type": "yarn", "factor": 64, "original_max_position_embeddings": 4096,
    ]
    scaling["attention_factor"] = given.map { .number($0) }
    let part = try build(["dim_model": 8, "scaling": .object(scaling)])
    try expect(turned(part, 0..<8, length: 1).doubles(), Array(repeating: expected, count: 8))
  }

  @Test func `YaRN keeps fast pairs, interpolates slow ones and blends between`() throws {
    // 4096 tokens: the pairs that turn 32 times and once are 2.62 and 5.63 of 8.
    let part = try build([
      "dim_model": 16,
      "scaling": ["type": "yarn", "factor": 4, "original_max_position_embeddings": 4096],
    ])
    let expected = (0..<8).map { pair in
      let share = min(max((Double(pair) - 2) / 4, 0), 1)
      return pow(10000, -Double(pair) / 8) * (1 - share + share / 4)
    }
    try expect(angles(part), expected)
  }

  @Test func `llama3 keeps, blends and divides`() throws {
    let part = try build([
      "dim_model": 64, "base": 500000,
      "scaling": [
        "type": "llama3", "factor": 32, "original_max_position_embeddings": 8192,
        "low_freq_factor": 1, "high_freq_factor": 4,
      ],
    ])
    let found = try angles(part)
    let plain = (0..<32).map { pow(500000, -Double($0) / 32) }
    expect(Array(found[..<15]), Array(plain[..<15]))
    expect(
      Array(found[15..<18]), [0.00129054793, 0.000429556797, 0.0000970828780], within: 1e-8)
    expect(Array(found[18...]), plain[18...].map { $0 / 32 })
    let small = try build([
      "dim_model": 8,
      "scaling": ["type": "llama3", "factor": 8, "original_max_position_embeddings": 1024],
    ])
    try expect(angles(small), [1, 0.1, 0.00308676097, 0.000125], within: 1e-8)
  }

  @Test func `the first channels are turned, as halves or as neighbours`() throws {
    let halves = try turned(build(["dim_model": 5, "rotary_dim": 4]), 0..<1, length: 2)
    try expect(halves.index(0, 1).picked(0, [0, 2]).doubles(), [cos(1), sin(1)])
    let part = try build(["dim_model": 5, "rotary_dim": 4, "interleaved": true])
    let neighbours = try turned(part, 0..<1, length: 2)
    try expect(neighbours.index(0, 1).picked(0, [0, 1]).doubles(), [cos(1), sin(1)])
    #expect(try turned(part, 4..<5, length: 2).doubles() == [0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
  }

  @Test(
    arguments: [
      (
        #"{"type": "liner", "factor": 4}"#,
        "`scaling.type`: expected one of linear, ntk, dynamic_ntk, yarn, llama3"
      ),
      (#"{"factor": 4}"#, "key `scaling.type` is missing"),
      (#"{"type": "ntk"}"#, "key `scaling.factor` is missing"),
      (#"{"type": "ntk", "factor": 0.5}"#, "`scaling.factor`: expected a number from 1, got 0.5"),
      (#"{"type": "ntk", "factr": 2}"#, "`scaling.factr`, did you mean `factor`?"),
      (
        #"{"type": "linear", "factor": 2, "beta_fast": 3}"#,
        "unknown key `scaling.beta_fast`; keys: factor, type"
      ),
      (
        #"{"type": "llama3", "factor": 2}"#, "`scaling.original_max_position_embeddings` is missing"
      ),
      (
        #"{"type": "yarn", "factor": 2, "original_max_position_embeddings": 0}"#,
        "`scaling.original_max_position_embeddings`: expected a whole number from 1"
      ),
      (
        #"{"type": "yarn", "factor": 2, "original_max_position_embeddings": 8, "beta_fast": 1}"#,
        "`scaling.beta_fast`: expected a number above beta_slow = 1.0, got 1.0"
      ),
      (#""yarn""#, #"`scaling`: expected an object with type and factor, got a string "yarn""#),
    ])
  func `a wrong rule is named with its key`(_ scaling: String, _ expected: String) throws {
    let text = message {
      _ = try build(["dim_model": 8, "scaling": JSON(parsing: Array(scaling.utf8))])
    }
    #expect(text.contains(expected), "\(text)")
  }

  @Test func `widths that make no pairs are refused`() {
    for (config, key) in [
      (["dim_model": 5], "dim_model"), (["dim_model": 8, "rotary_dim": 3], "rotary_dim"),
      (["dim_model": 4, "rotary_dim": 6], "rotary_dim"),
    ] as [(JSON, String)] {
      #expect(message { _ = try build(config) }.contains("key `\(key)`: expected an even number"))
    }
  }
}
