import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `masks` {
  private let attention: ScaledDotProductAttention
  private let zeros: Tensor

  init() throws {
    attention = try ScaledDotProductAttention(.sample, generator: Generator(seed: 0))
    attention.eval()
    // Two items of two heads; equal logits, so a row is the mean of what it sees.
    zeros = try Tensor.zeros([4, 3, 2])
  }

  private func rows(_ mask: Tensor) throws -> [Double] {
    let value = try Tensor([1.0, 2, 6], shape: [1, 3, 1], dtype: .float32).expanded([4, -1, -1])
    return try attention(zeros, zeros, value, masks: Masks(attention: mask)).doubles()
  }

  @Test func `each item's mask goes to that item's heads`() throws {
    let free = Array(repeating: true, count: 9)
    let causal = [true, false, false, true, true, false, true, true, true]
    let mask = try Tensor(free + causal, shape: [2, 3, 3])
    #expect(try rows(mask) == [3, 3, 3, 3, 3, 3, 1, 1.5, 3, 1, 1.5, 3])
  }

  @Test func `a row without keys is zero`() throws {
    let mask = try Tensor(
      [true, false, false, false, false, false, true, true, false], shape: [3, 3])
    #expect(try rows(mask).prefix(3) == [1, 0, 1.5])
    let additive = try mask.select(Tensor.zeros([3, 3]), else: Tensor.full([3, 3], -.infinity))
    #expect(try rows(additive).prefix(3) == [1, 0, 1.5])
  }

  @Test func `errors about masks name the mask and what was expected`() throws {
    func text(_ masks: Masks) -> String {
      message { _ = try attention(zeros, zeros, zeros, masks: masks) }
    }
    #expect(
      text(Masks(attention: try Tensor.full([3, 4], 1, .bool))).contains(
        "tensor `att_mask`: expected [S, T]"))
    #expect(text(Masks(attention: try Tensor.full([3, 3, 3], 1, .bool))).contains("got the shape"))
    #expect(text(Masks(attention: try Tensor.zeros([3, 3], .int64))).contains("expected bool"))
    #expect(
      text(Masks(attention: try Tensor.zeros([3, 3], .float64))).contains(
        "f32, the type of the query"))
    #expect(
      text(Masks(keyPadding: try Tensor.full([2, 4], 1, .bool))).contains(
        "tensor `key_padding_mask`: expected [B, T]"))
    let lambda = try Registry.zoo.build(
      .attention, "lambda", ["seq_len": 3, "dim_head": 2], generator: Generator(seed: 0))
    let masks = ["key_padding_mask": try Tensor.full([2, 3], 1, .bool)]
    let inputs = ["q": zeros, "k": zeros, "v": zeros].merging(masks) { $1 }
    #expect(
      message { _ = try lambda.part.call(inputs) }.contains("key_padding_mask is not supported"))
  }

  @Test func `additive padding holds 0 and −∞ only`() throws {
    let nystrom = try NystromAttention(.sample, generator: Generator(seed: 0))
    let masks = Masks(keyPadding: try Tensor.full([2, 3], -10_000))
    #expect(
      message { _ = try nystrom(zeros, zeros, zeros, masks: masks) }
        .contains("only 0 and -inf"))
  }

  @Test func `modules given to a Nyström attention get padding as 0`() throws {
    let config = try NystromSelfAttentionConfig.decode(["num_heads": 1, "num_landmarks": 2])
    let real = try Tensor([true, true, false, true, false, false], shape: [1, 6])
    let tokens = try (0..<3).map {
      try Tensor.normal([1, 6, 4], generator: Generator(seed: UInt64($0)))
    }
    func output(padding: Double) throws -> [UInt8] {
      var calls = 0
      func seen(_ tokens: Tensor) throws -> Tensor {
        calls += 1
        #expect(try tokens.filled(0, where: real.unsqueezed(-1)).equals(0).allTrue())
        return tokens
      }
      let attention = try NystromAttention(
        config, generator: Generator(seed: 0),
        landmarkPooling: { try seen($0).reshaped([1, 2, 3, 4]).mean(2) }, skip: { try seen($0) })
      attention.eval()
      let call = try tokens.map { try $0.filled(padding, where: .!real.unsqueezed(-1)) }
      let rows = try attention(call[0], call[1], call[2], masks: Masks(keyPadding: real))
      #expect(calls == 3, "queries, keys and values")
      return try rows.filled(0, where: .!real.unsqueezed(-1)).bytes()
    }
    #expect(try output(padding: .nan) == output(padding: 0))
  }
}
