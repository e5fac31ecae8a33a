import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `attentions with a pattern` {
  private func build(_ name: String, _ config: JSON, seed: UInt64 = 0) throws -> any Attention {
    let attention = try Registry.zoo.attention(name, config, generator: Generator(seed: seed))
    attention.eval()
    return attention
  }

  private func tokens(_ shape: [Int], _ seed: UInt64) throws -> Tensor {
    try Tensor.normal(shape, .float64, generator: Generator(seed: seed))
  }

  private func output(_ attention: any Attention, _ shape: [Int]) throws -> [Double] {
    try attention(tokens(shape, 1), tokens(shape, 2), tokens(shape, 3)).doubles()
  }

  @Test func `global tokens are given in three ways`() throws {
    let forms: [JSON] = [
      ["attention_query_mask": [false, true, false, false]],
      ["attention_query_mask": [[false], [true], [false], [false]]],
      ["global_indices": [1], "seq_len": 4],
      ["attention_query_mask": [false, true], "seq_len": 4],
    ]
    let outputs = try forms.map { try output(build("global", $0), [2, 4, 3]) }
    #expect(Set(outputs).count == 1)
  }

  @Test(
    arguments: [
      ("{}", "key `attention_query_mask` is missing"),
      (#"{"global_indices": [0]}"#, "key `attention_query_mask` is missing"),
      (
        #"{"attention_query_mask": [true], "global_indices": [0], "seq_len": 3}"#,
        "no indices beside attention_query_mask"
      ),
      (#"{"global_indices": [4], "seq_len": 4}"#, "indices from 0 below seq_len = 4"),
      (#"{"attention_query_mask": [[true, false]]}"#, "rows of one truth value"),
    ])
  func `global tokens that contradict each other are refused`(config: String, expected: String)
    throws
  {
    let text = message { _ = try build("global", JSON(parsing: config)) }
    #expect(text.hasPrefix("attention global: ") && text.contains(expected), "\(text)")
  }

  @Test func `a scale of the call multiplies the logits of blocksparse again`() throws {
    let attention = try #require(
      try build("blocksparse", ["layout": [[1]], "block_size": 4]) as? BlockSparseAttention)
    let (query, key, value) = (
      try tokens([1, 2, 4, 3], 1), try tokens([1, 2, 4, 3], 2), try tokens([1, 2, 4, 3], 3)
    )
    let logits = try query.matmul(key.transposed()) * (0.25 / 3.0.squareRoot())
    let expected = try logits.softmax(-1).matmul(value).doubles()
    let found = try attention(query, key, value, scale: 0.25).doubles()
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(
      message { _ = try attention(query, key, value, scale: .nan) }.contains("a finite number"))
  }

  @Test func `a random pattern follows from the seed of the options alone, if there is one`() throws
  {
    let config: JSON = ["r": 0.5, "seed": 7]
    let (one, other) = (try build("random", config), try build("random", config, seed: 9))
    #expect(try output(one, [1, 12, 3]) == output(other, [1, 12, 3]))
    let free = try build("random", ["r": 0.5], seed: 9)
    #expect(try output(one, [1, 12, 3]) != output(free, [1, 12, 3]))
  }

  @Test func `an injected pattern without a pair gives 0, and a wrong one is refused`() throws {
    let random = try build("random", [:])
    try random.inject(["drawn_mask": Tensor.zeros([3, 3])])
    #expect(try output(random, [1, 3, 2]) == Array(repeating: 0, count: 6))
    #expect(
      message { try random.inject(["drawn_masks": Tensor.zeros([3, 3])]) }
        .contains("did you mean `state.drawn_mask`?"))
    #expect(
      message { try random.inject(["drawn_mask": Tensor.zeros([3, 2])]) }.contains("[S, S]"))
    #expect(
      message { try random.inject(["drawn_mask": Tensor.full([2, 2], 0.5)]) }
        .contains("only zeros and ones"))
  }

  @Test func `a layout by its rule is the layout that the rule makes`() throws {
    let named = try build(
      "blocksparse",
      ["layout": ["pattern": "bslongformer"], "seq_len": 12, "block_size": 2])
    let listed = try build(
      "blocksparse",
      [
        "block_size": 2,
        "layout": [
          [1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 0, 0], [1, 0, 1, 1, 1, 0],
          [1, 0, 0, 1, 1, 1], [1, 0, 0, 0, 1, 1],
        ],
      ])
    #expect(try output(named, [2, 3, 12, 4]) == output(listed, [2, 3, 12, 4]))
  }

  @Test(
    arguments: [
      (#"{"layout": {"pattern": "fixd", "seq_len": 32}}"#, "did you mean `fixed`?"),
      (#"{"layout": {"pattern": "fixed"}}"#, "key `seq_len`"),
      (
        #"{"layout": {"pattern": "fixed", "seq_len": 64, "num_local": 2}}"#,
        "`layout.num_local`"
      ),
      (#"{"layout": {"pattern": "dense", "seq_len": 40}}"#, "a multiple of block_size = 16"),
      (#"{"layout": {"pattern": "fixed", "seq_len": 64, "seed": 1}}"#, "`layout.seed`"),
      (#"{"layout": [[1, 2], [0, 1]]}"#, "zeros and ones"),
      (#"{"layout": [[1, 0]]}"#, "as many rows as columns"),
      (#"{"layout": [[[1]], [[0]]], "num_heads": 3}"#, "2, the number of heads of layout"),
      (#"{"layout": [[1]], "seq_len": 17}"#, "16, the 1 blocks of 16"),
    ])
  func `layouts that do not fit are refused`(config: String, expected: String) throws {
    let text = message { _ = try build("blocksparse", JSON(parsing: config)) }
    #expect(text.hasPrefix("attention blocksparse: ") && text.contains(expected), "\(text)")
  }

  @Test(arguments: ["local", "global", "random", "blocksparse", "scaled_dot_product"])
  func `all implementations give one result and one gradient`(name: String) throws {
    let configs: [String: [JSON]] = [
      "local": [["window_size": 3], ["window_size": 40, "causal": true], ["window_size": 9]],
      "global": [
        ["global_indices": [0, 19], "seq_len": 40],
        ["global_indices": [0, 19], "seq_len": 40, "causal": true],
        ["global_indices": [], "seq_len": 37],
      ],
      "random": [["r": 0.1], ["r": 0.2, "causal": true], ["r": 1]],
      "blocksparse": [
        ["layout": ["pattern": "bigbird"], "seq_len": 37, "block_size": 1, "causal": true],
        [
          "layout": ["pattern": "bigbird", "different_layout_per_head": true, "seed": 3],
          "num_heads": 2, "seq_len": 37, "block_size": 1,
        ],
      ],
      "scaled_dot_product": [[:], ["causal": true]],
    ]
    for config in configs[name] ?? [] {
      let attention = try build(name, config)
      let choosing = try #require(attention as? any PathChoosing)
      let shape = name == "blocksparse" ? [2, 2, 37, 4] : [4, 37, 4]
      func run(_ path: AttentionPath) throws -> [Tensor] {
        choosing.path = path
        let leaves = try (1...3).map { try tokens(shape, $0).requireGrad() }
        let output = try attention(leaves[0], leaves[1], leaves[2])
        return try [output.detached()]
          + output.gradients(of: leaves, cotangent: tokens(shape, 4)).map { try #require($0) }
      }
      let dense = try run(.dense)
      for path in [AttentionPath.structured, .automatic] {
        for (found, expected) in zip(try run(path), dense) {
          let off = try (found - expected).abs().maximum().item()
          #expect(off <= 1e-12, "\(config) \(path): off by \(off)")
        }
      }
    }
  }

  @Test func `fused attention keeps what is hidden out, and rows without keys at 0`() throws {
    let attention = try build("scaled_dot_product", [:])
    let (q, k, v) = (
      try tokens([2, 5, 4], 1), try tokens([2, 5, 4], 2), try tokens([2, 5, 4], 3)
    )
    var marks = [Bool](repeating: true, count: 25)
    for row in 0..<5 { marks[row * 5 + 3] = false }
    for column in 0..<5 { marks[10 + column] = false }
    let masks = Masks(attention: try Tensor(marks, shape: [5, 5]))
    let before = try attention(q, k, v, masks: masks)
    let hole = try Tensor((0..<5).map { $0 == 3 ? Double.nan : 0 }, shape: [5, 1])
    let after = try attention(q, k + hole, v + hole, masks: masks)
    #expect(try after.doubles() == before.doubles())
    #expect(try before.index(1, 2).doubles().allSatisfy { $0 == 0 })
  }
}
