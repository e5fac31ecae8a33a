import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `going on from a cache` {
  private func dispatch(
    _ attention: JSON = ["name": "scaled_dot_product", "causal": true], _ more: JSONObject = [:]
  ) throws -> MultiHeadDispatch {
    let config: JSONObject = ["dim_model": 16, "num_heads": 4, "attention": attention]
    let part = try Registry.zoo.build(
      .multihead, attention["name"]?.string ?? "", .object(config.merging(more)),
      generator: Generator(seed: 1)
    ).part
    part.eval()
    return try #require(part as? MultiHeadDispatch)
  }

  private func tokens(_ rows: Int, _ length: Int, seed: UInt64 = 2) throws -> Tensor {
    try Tensor.normal([rows, length, 16], generator: Generator(seed: seed))
  }

  @Test func `items with prompts of different lengths go on as if each were alone`() throws {
    let part = try dispatch(
      ["name": "scaled_dot_product", "causal": true],
      ["num_kv_heads": 2, "use_rotary_embeddings": true, "attention_bias": ["name": "alibi"]])
    let prompt = try tokens(2, 5)
    let next = try tokens(2, 1, seed: 3)
    let cache = try part.makeCache(batch: 2)
    let real = try Tensor(
      [true, true, true, true, true, true, true, false, false, false], shape: [2, 5])
    _ = try part(prompt, cache: cache, real: real)
    #expect(cache.counts == [5, 2])
    #expect(try part(tokens(2, 0), cache: cache).shape == [2, 0, 16])
    let together = try part(next, cache: cache)
    #expect(cache.counts == [6, 3])
    for (row, length) in [(0, 5), (1, 2)] {
      let own = 1 * row..<row + 1
      let all = try Tensor.cat(
        [prompt.slice(0, own).slice(1, 0..<length), next.slice(0, own)], 1)
      let alone = try part(all).slice(1, length..<length + 1)
      #expect(try (together.slice(0, own) - alone).abs().maximum().item() < 1e-5)
    }
  }

  /// The bytes that a cache holds after so many single tokens.
  private func held(_ part: MultiHeadDispatch, after count: Int) throws -> Int {
    let before = Runtime.liveBytes
    let cache = try part.makeCache(batch: 2)
    try withoutGrad {
      for _ in 0..<count { _ = try part(tokens(2, 1), cache: cache) }
    }
    return withExtendedLifetime(cache) { Runtime.liveBytes - before }
  }

  @Test func `a cache holds no more than later queries can see`() throws {
    // A row of 4 heads of keys and values is 128 bytes.
    let whole = try dispatch()
    #expect(try held(whole, after: 128) >= 2 * 128 * 128)
    let grouped = try dispatch(["name": "scaled_dot_product", "causal": true], ["num_kv_heads": 1])
    #expect(try held(grouped, after: 128) * 3 < held(whole, after: 128))
    for attention in [
      ["name": "local", "causal": true, "window_size": 8],
      ["name": "sliding_window", "window_size": 8, "num_sinks": 2],
      ["name": "linear", "causal": true],
    ] as [JSON] {
      let part = try dispatch(attention)
      // Blocks of memory are a little larger than asked for.
      #expect(try held(part, after: 128) * 4 < held(part, after: 32) * 5, "\(attention)")
    }
  }

  @Test func `what does not fit a cache is named`() throws {
    let part = try dispatch()
    let cache = try part.makeCache(batch: 2)
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "nothing"
    }
    let title = "multihead scaled_dot_product: "
    #expect(
      message { _ = try part(tokens(3, 1), cache: cache) }
        == title + "tensor `query`: expected the rows of the cache, B = 2, got the shape [3, 1]")
    #expect(
      message { _ = try part(tokens(2, 2), cache: cache, real: Tensor([true], shape: [1])) }
        == title + "tensor `real`: expected [B, S] = [2, 2], got the shape [1]")
    let gap = try Tensor([false, true, true, true], shape: [2, 2])
    #expect(
      message { _ = try part(tokens(2, 2), cache: cache, real: gap) }.contains(
        "expected true for the first tokens of a row, false for the rest"))
    let local = try dispatch(["name": "local", "causal": true])
    #expect(
      message { _ = try local(tokens(2, 1), cache: cache) }.contains("another part made it"))
    #expect(
      message { _ = try dispatch(["name": "scaled_dot_product"]).makeCache(batch: 2) }
        == title
        + "a cache is not supported: the attention is not causal, or needs all tokens at once")
    part.train()
    #expect(message { _ = try part(tokens(2, 1), cache: cache) }.contains("call eval()"))
    #expect(cache.counts == [0, 0])

    let table = try #require(
      Registry.zoo.build(
        .positionEmbedding, "learnable", ["seq_len": 4, "dim_model": 16],
        generator: Generator(seed: 1)
      ).part as? any OffsetEmbedding)
    let unreal = try Tensor([true, false, true, false], shape: [2, 2])
    #expect(try table(tokens(2, 2), offsets: [3, 0], real: unreal).shape == [2, 2, 16])
    #expect(
      message { _ = try table(tokens(2, 2), offsets: [3, 0]) }.contains(
        "expected positions from 0 below seq_len = 4, got 3 ..< 5"))
  }
}
