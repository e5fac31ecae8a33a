import Parts
import Properties
import PropertiesTesting
import Testing
import Torch

@Suite(.properties) struct `laws of masks` {
  /// Some pairs of tokens, of which each query sees a few.
  private struct Pairs: Sendable {
    let batch: Int
    let heads: Int
    let queries: Int
    let keys: Int
    let seed: Int

    func allowed(_ front: [Int] = [], _ turn: Int = 0) throws -> Tensor {
      try Tensor.uniform(
        front + [queries, keys], 0..<1, .float64, generator: Generator(seed: UInt64(seed + turn)))
        .< 0.6
    }

    static let any = Gen<(Int, Int, Int, Int, Int)>.zip(
      .int(1...3), .int(1...3), .int(1...5), .int(1...7), .int(0...999)
    )
    .map { Pairs(batch: $0.0, heads: $0.1, queries: $0.2, keys: $0.3, seed: $0.4) }
  }

  /// The operations of masks, each of which can be replaced by a wrong one.
  private struct Algebra: Sendable {
    var ofBool: @Sendable (Tensor) throws -> AttentionMask = { try AttentionMask(allowed: $0) }
    var ofFactors: @Sendable (Tensor) throws -> AttentionMask = {
      try AttentionMask(multiplicative: $0)
    }
    var toBool: @Sendable (AttentionMask) throws -> Tensor = { try $0.allowed }
    var join: @Sendable (AttentionMask, AttentionMask) throws -> AttentionMask = { try $0 + $1 }
    var crop: @Sendable (AttentionMask, Int, Int) throws -> AttentionMask = {
      try $0.cropped(queries: $1, keys: $2)
    }
    var lengths: @Sendable (AttentionMask) -> [Int] = { [$0.queries, $0.keys] }
    var causal: @Sendable (Int, Int) throws -> AttentionMask = {
      try AttentionMask.causal(queries: $0, keys: $1)
    }

    func with(_ change: (inout Self) -> Void) -> Self {
      var changed = self
      change(&changed)
      return changed
    }
  }

  @Test func `H01 mask-algebra`() {
    let right = Algebra()
    checkHelper(
      "mask algebra", Pairs.any, right,
      wrong: [
        ("true hides", right.with { $0.ofBool = { try AttentionMask(allowed: .!$0) } }),
        (
          "a large number instead of −∞",
          right.with {
            $0.ofBool = {
              try AttentionMask(additive: Tensor.zeros($0.shape).filled(-1e4, where: .!$0))
            }
          }
        ),
        (
          "factors as truth of the opposite",
          right.with {
            $0.ofFactors = { try AttentionMask(allowed: $0.equals(0)) }
          }
        ),
        ("only 0 allows", right.with { $0.toBool = { try $0.bias.equals(0) } }),
        ("the first of two", right.with { $0.join = { first, _ in first } }),
        (
          "the last tokens",
          right.with {
            $0.crop = { mask, queries, keys in
              let bias = try mask.bias.slice(-2, (mask.queries - queries)..<mask.queries)
                .slice(-1, (mask.keys - keys)..<mask.keys)
              return try AttentionMask(additive: bias)
            }
          }
        ),
        ("lengths turned", right.with { $0.lengths = { [$0.keys, $0.queries] } }),
        (
          "aligned at the last key",
          right.with {
            $0.causal = { queries, keys in
              try AttentionMask(
                allowed: Tensor.full([queries, keys], 1, .bool).lowerTriangle(keys - queries))
            }
          }
        ),
      ]
    ) { masks, pairs, trial in
      let (first, second) = (try pairs.allowed(), try pairs.allowed([], 1))
      let mask = try masks.ofBool(first)
      trial.expect(try masks.toBool(mask).same(as: first), label: "bool, additive, bool")
      trial.expect(masks.lengths(mask) == [pairs.queries, pairs.keys], label: "lengths")
      let factors = try first.to(.float32) * -2
      trial.expect(
        try masks.toBool(masks.ofFactors(factors)).same(as: first), label: "factors, bool")
      let all = try Tensor.full(first.shape, 1, .bool)
      trial.expect(try masks.ofBool(all).bias.equals(0).allTrue(), label: "all true is 0")
      trial.expect(
        try masks.toBool(masks.join(mask, masks.ofBool(second))).same(as: first .& second),
        label: "a sum allows what both allow")
      let biased = try AttentionMask(additive: Tensor.full(first.shape, 0.5))
      let joined = try masks.join(mask, biased)
      trial.expect(try masks.toBool(joined).same(as: first), label: "a bias hides nothing")
      let (rows, columns) = ((pairs.queries + 1) / 2, (pairs.keys + 1) / 2)
      let piece = try masks.crop(mask, rows, columns)
      trial.expect(
        try piece.bias.equals(mask.bias.slice(-2, 0..<rows).slice(-1, 0..<columns)).allTrue(),
        label: "a crop is a slice")
      let causal = try masks.causal(pairs.queries, pairs.keys)
      try trial.relation(masks.toBool(causal), "the past") { $1 <= $0 }
      trial.throwsSomething(label: "a crop that is longer") {
        _ = try masks.crop(mask, pairs.queries + 1, pairs.keys)
      }
    }
  }

  @Test func `causality is a flag, kept by a crop and lost in a sum`() throws {
    let causal = try AttentionMask.causal(queries: 4)
    #expect(try causal.isCausal && causal.cropped(queries: 2).isCausal)
    #expect(try !(causal + causal).isCausal)
    #expect(try !AttentionMask(allowed: causal.allowed).isCausal)
    #expect(try AttentionMask.causal(queries: 2, keys: 3).bias.shape == [2, 3])
  }

  @Test func `masks of other types, ranks and lengths are refused`() throws {
    let numbers = try Tensor.zeros([2, 3])
    #expect(message { _ = try AttentionMask(allowed: numbers) }.contains("expected bool, got f32"))
    #expect(
      message { _ = try AttentionMask(multiplicative: numbers.equals(0)) }
        .contains("`allowed:` takes bool"))
    #expect(
      message { _ = try AttentionMask(additive: numbers.to(.int64)) }.contains("a floating type"))
    #expect(message { _ = try AttentionMask(additive: Tensor.zeros([3])) }.contains("[S, T]"))
    #expect(
      message { _ = try AttentionMask(additive: Tensor.zeros([2, 3]).requireGrad()) }
        .contains("no gradient is computed for a mask"))
    let (mask, wide) = (
      try AttentionMask(additive: numbers), try AttentionMask(additive: Tensor.zeros([2, 4]))
    )
    #expect(message { _ = try mask + wide }.contains("2 queries and 3 keys"))
    let items = try AttentionMask(additive: Tensor.zeros([3, 2, 3]))
    let others = try AttentionMask(additive: Tensor.zeros([2, 3, 2, 3]))
    #expect(message { _ = try items + others }.contains("items and heads like those"))
    #expect(
      try (items + AttentionMask(additive: Tensor.zeros([1, 2, 3]))).bias.shape == [3, 2, 3])
    let empty = try AttentionMask(additive: Tensor.zeros([0, 3]))
    #expect(message { _ = try empty.cropped(queries: 1) }.contains("got the shape [0, 3]"))
    #expect(message { _ = try mask.cropped(queries: 0) }.contains("at least 1 of each, got 0, 0"))
  }

  @Test func `masks that cannot be merged are refused`() throws {
    let (real, flat) = (try Tensor.full([2, 3], 1, .bool), try Tensor.full([3], 1, .bool))
    func text(_ masks: Masks, batch: Int = 2, heads: Int = 2) -> String {
      message { _ = try masks.merged(batch: batch, heads: heads) }
    }
    #expect(text(Masks(keyPadding: flat)).contains("tensor `key_padding_mask`: expected [B, T]"))
    #expect(text(Masks(attention: flat, keyPadding: real)).contains("tensor `att_mask`"))
    #expect(text(Masks(keyPadding: real), batch: 0).contains("at least 1 of each, got 0, 2"))
    #expect(text(Masks(keyPadding: real), heads: 0).contains("got 2, 0"))
    #expect(text(Masks(keyPadding: real), batch: 3).contains("key_padding_mask"))
    let numbers = try real.to(.int64)
    #expect(text(Masks(keyPadding: numbers)).contains("expected bool"))
  }

  private typealias Merge = @Sendable (Masks, Pairs) throws -> Masks

  @Test func `H02 merge-masks`() {
    let merge: Merge = { try $0.merged(batch: $1.batch, heads: $1.heads, queries: $1.queries) }
    checkHelper(
      "merged masks", Pairs.any, merge,
      wrong: [
        (
          "heads before items",
          { masks, pairs in
            let merged = try merge(masks, pairs)
            let front = [pairs.batch, pairs.heads, pairs.queries, pairs.keys]
            return Masks(
              attention: try merged.attention?.reshaped(front).transposed(0, 1).contiguous()
                .reshaped([pairs.batch * pairs.heads] + front.suffix(2)))
          }
        ),
        (
          "padding only", { try merge(Masks(keyPadding: $0.keyPadding), $1) }
        ),
        (
          "the mask only",
          {
            let all = try Tensor.full([$1.batch, $1.keys], 1, .bool)
            return try merge(Masks(attention: $0.attention, keyPadding: all), $1)
          }
        ),
        (
          "whatever its shape",
          { masks, pairs in (try? merge(masks, pairs)) ?? Masks() }
        ),
      ]
    ) { merge, pairs, trial in
      let allowed = try pairs.allowed([pairs.batch])
      let real =
        try Tensor.uniform(
          [pairs.batch, pairs.keys], 0..<1, .float64,
          generator: Generator(seed: UInt64(pairs.seed + 2))) .< 0.7
      let (seen, present) = (try allowed.booleans(), try real.booleans())
      let additive = try AttentionMask(allowed: allowed).bias + 0.25
      for mask in [nil, allowed, additive] {
        let merged = try merge(Masks(attention: mask, keyPadding: real), pairs)
        let found = try merged.attention ?? Tensor.zeros([1])
        trial.expect(merged.keyPadding == nil, label: "the padding is in the mask")
        trial.expect(
          found.shape == [pairs.batch * pairs.heads, pairs.queries, pairs.keys], label: "shape")
        trial.expect((found.dtype == .bool) == (mask?.dtype != .float32), label: "type")
        let values = try found.to(.float64).doubles()
        for (place, value) in values.enumerated() {
          let (row, key) = (place / pairs.keys, place % pairs.keys)
          let item = row / pairs.queries / pairs.heads
          let pair = (item * pairs.queries + row % pairs.queries) * pairs.keys + key
          let isAllowed = present[item * pairs.keys + key] && (mask == nil || seen[pair])
          let expected: Double =
            found.dtype == .bool ? isAllowed ? 1 : 0 : isAllowed ? 0.25 : -.infinity
          trial.expect(value == expected, label: "row b · heads + h")
        }
      }
      trial.throwsSomething(label: "padding of another length") {
        let long = try Tensor.full([pairs.batch, pairs.keys + 1], 1, .bool)
        _ = try merge(Masks(attention: allowed, keyPadding: long), pairs)
      }
    }
  }
}

extension Tensor {
  fileprivate func same(as other: Tensor) throws -> Bool {
    try shape == other.shape && dtype == other.dtype && booleans() == other.booleans()
  }
}
