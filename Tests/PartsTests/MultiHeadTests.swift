import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `multi-head dispatch` {
  private func build(_ config: JSON) throws -> MultiHeadDispatch {
    let built = try Registry.zoo.build(
      .multihead, config["attention"]?["name"]?.string ?? "", config,
      generator: Generator(seed: 1))
    built.part.eval()
    return try #require(built.part as? MultiHeadDispatch)
  }

  private let plain: JSON = [
    "dim_model": 8, "num_heads": 2, "attention": ["name": "scaled_dot_product"],
  ]

  @Test func `a value left out is the key`() throws {
    let dispatch = try build(plain)
    let generator = Generator(seed: 2)
    let query = try Tensor.normal([2, 3, 8], generator: generator)
    let key = try Tensor.normal([1, 5, 8], generator: generator)
    let short = try dispatch(query, key)
    #expect(try short.doubles() == dispatch(query, key, key).doubles())
    #expect(short.shape == [2, 3, 8])
  }

  @Test func `options are filled in for the attention and never changed`() throws {
    var config = plain
    config = .object(
      config.object!.merging(["attention": ["name": "nystrom", "num_landmarks": 2]]))
    let dispatch = try build(config)
    #expect((dispatch.attention as? NystromAttention)?.config.numHeads == 2)
    #expect(dispatch.config.attention == ["name": "nystrom", "num_landmarks": 2])
  }

  @Test(arguments: [("automatic", true), ("dense", false)])
  func `keys that heads share are not copied for each`(_ path: String, _ causal: Bool) throws {
    let tokens = try Tensor.normal([2, 512, 512], generator: Generator(seed: 2))
    /// The most memory that a call needs, in sizes of the tokens.
    func peak(_ groups: Int) throws -> Double {
      let dispatch = try build([
        "dim_model": 512, "num_heads": 8, "num_kv_heads": .integer(groups),
        "attention": ["name": "scaled_dot_product", "causal": .bool(causal)],
      ])
      let attention = try #require(dispatch.attention as? ScaledDotProductAttention)
      attention.path = try #require(AttentionPath(rawValue: path))
      let before = Runtime.liveBytes
      Runtime.resetPeakBytes()
      _ = try withoutGrad { try dispatch(tokens) }
      return Double(Runtime.peakBytes - before) / Double(tokens.count * 4)
    }
    let (shared, own) = (try peak(1), try peak(8))
    // Keys and values of one head instead of eight.
    #expect(shared < own - 1.7, "\(shared) and \(own)")
  }

  @Test func `a bias is learnt through the attention and refused by one without masks`() throws {
    func config(_ bias: JSON, _ attention: JSON = ["name": "scaled_dot_product"]) -> JSON {
      .object(plain.object!.merging(["attention_bias": bias, "attention": attention]))
    }
    let dispatch = try build(config(["name": "t5_relative", "num_buckets": 8]))
    let key = "attention_bias.relative_attention_bias.weight"
    let weight = try #require(dispatch.parameters.first { $0.key == key }?.value)
    #expect(weight.shape == [8, 2])
    let x = try Tensor.normal([1, 5, 8], generator: Generator(seed: 2))
    let output = try dispatch(x)
    let found = try output.gradients(of: [weight], cotangent: Tensor.ones(output.shape))[0]
    #expect(try #require(found).abs().maximum().item() > 1e-6)

    for (bias, attention, expected) in [
      (["name": "albi"], ["name": "scaled_dot_product"], "did you mean `alibi`?"),
      (["name": "alibi", "slope": 1], ["name": "scaled_dot_product"], "`attention_bias.slope`"),
      (
        ["name": "alibi", "num_heads": 4], ["name": "scaled_dot_product"],
        "`attention_bias.num_heads`: expected num_heads = 2, the dispatch's own, got 4"
      ), (["alibi": 1], ["name": "scaled_dot_product"], "`attention_bias`: expected an object"),
      (["name": "alibi"], ["name": "lambda", "seq_len": 5], "takes no additive mask"),
    ] as [(JSON, JSON, String)] {
      let text = message { _ = try build(config(bias, attention)) }
      #expect(text.contains(expected), "\(text)")
    }
  }

  @Test func `wrong options and tensors are named`() throws {
    func text(_ changes: JSONObject) -> String {
      message { _ = try build(.object(plain.object!.merging(changes))) }
    }
    #expect(
      text(["num_heads": 3]).contains("key `dim_model`: expected a multiple of num_heads = 3"))
    #expect(text(["attention": ["name": "nystroem"]]).contains("did you mean `nystrom`?"))
    #expect(text(["attention": ["name": "local", "window_size": 4]]).contains("window_size"))
    #expect(text(["bias": [true, false]]).contains("key `bias`"))
    #expect(text(["use_rotary_embedding": true]).contains("did you mean"))
    #expect(
      text(["dim_model": 6, "use_rotary_embeddings": true]).contains("use_rotary_embeddings"))
    let dispatch = try build(plain)
    #expect(
      message { _ = try dispatch(Tensor.zeros([2, 3, 7])) }.contains(
        "tensor `query`: expected [B, S, E] with E = 8, got the shape [2, 3, 7]"))
    #expect(
      message { _ = try dispatch(Tensor.zeros([2, 3, 8]), Tensor.zeros([3, 3, 8])) }
        .contains("expected a batch of 1 or B = 3"))
  }

  @Test func `a shared weight is one parameter under three keys`() throws {
    let dispatch = try build(
      .object(plain.object!.merging(["use_separate_proj_weight": false])))
    let weights = dispatch.stateDict.filter { $0.key.hasSuffix("_proj.weight") }
    #expect(weights.count == 3)
    #expect(dispatch.parameters.filter { $0.key.hasSuffix("_proj.weight") }.count == 1)
    #expect(dispatch.parameters.filter { $0.key.hasSuffix("_proj.bias") }.count == 3)
  }
}
