internal import Torch

/// For each query the sum of values weighted by exponential features, Σⱼ Σᵣ exp(aᵢᵣ + bⱼᵣ) vⱼ, and
/// the logarithm of the scale by which it has been divided.
///
/// No exponent is above 0. The largest bⱼᵣ of each feature is subtracted from all keys and added to
/// the query, from which its largest sum is then subtracted. So the sum of the weights is never below
/// 1 on its scale: nothing overflows, and whatever underflows is too small to matter. What is
/// subtracted counts as constant in derivatives, since it cancels in the quotient.
struct FeatureSums {
  /// The scaled sums, `[…, S, V + 1]`; the last column is the sum of the weights.
  private let sums: Tensor
  /// The logarithm of the scale, `[…, S, 1]`; −∞ for a query without keys.
  private let scale: Tensor

  private init(sums: Tensor, scale: Tensor) {
    self.sums = sums
    self.scale = scale
  }

  /// The attention with these weights over the real keys, causal over those up to each query's own.
  ///
  /// Shapes: a `[N, S, m]`, b `[N, T, m]`, value `[N, T, V]` of any type, real Bool `[N, T]`, nil for
  /// all → `[N, S, V]` in the type of the value.
  ///
  /// - `cache`: has the sums over earlier keys, which a causal attention goes on from, and gets these.
  static func attention(
    _ a: Tensor, _ b: Tensor, _ value: Tensor, real: Tensor?, isCausal: Bool,
    after cache: FeatureCache? = nil
  ) throws -> Tensor {
    let keys = try real.map { try b.filled(-.infinity, where: .!$0.unsqueezed(-1)) } ?? b
    // How many keys will be added to a cache is not known.
    let values = try extended(
      value.zeroingPadding(real).to(a.dtype),
      terms: cache == nil ? b.size(-1) * b.size(-2) : 1 << 32)
    var sums = try isCausal ? causal(a, keys, values) : FeatureSums(a, keys, values)
    if let cache {
      let own = try KeySums(keys, values)
      if let earlier = cache.sums { sums = try sums.adding(FeatureSums(a, earlier)) }
      cache.sums = try cache.sums?.adding(own) ?? own
    }
    return try sums.quotient.to(value.dtype)
  }

  /// Every query meets every key.
  ///
  /// Shapes: a `[…, S, m]`, b `[…, T, m]`, −∞ for keys to ignore, values `[…, T, V + 1]`.
  private init(_ a: Tensor, _ b: Tensor, _ values: Tensor) throws {
    let keys = try KeySums(b, values)
    try self.init(a, keys)
  }

  /// Queries `[…, S, m]` meet keys that have been summed.
  private init(_ a: Tensor, _ keys: KeySums) throws {
    let (queries, scale) = try Self.queries(a, keys.peak)
    self.init(sums: try queries.matmul(keys.sums), scale: scale)
  }

  /// The factors of the queries, `[…, S, m]`, with the peaks of the keys, `[…, 1, m]`, added back.
  private static func queries(_ a: Tensor, _ peak: Tensor) throws -> (Tensor, scale: Tensor) {
    // What is subtracted must be rounded as the sums are, or exponents of vast keys are above 0.
    let logs = try a + peak
    let scale = try logs.detached().maximum(-1, keep: true)
    return (try (logs - scale.finite).exp(), scale)
  }

  /// Values with a column of ones, in which the weights are summed, all divided by a power of two, so
  /// that no sum of so many terms overflows; it cancels in the quotient.
  private static func extended(_ values: Tensor, terms: Int) throws -> Tensor {
    try values.padded([0, 1], with: 1)
      * Double(sign: .plus, exponent: -terms.bitWidth + terms.leadingZeroBitCount, significand: 1)
  }

  /// Σⱼ wᵢⱼ vⱼ / Σⱼ wᵢⱼ, `[…, S, V]`; 0 for a query without keys.
  private var quotient: Tensor {
    get throws {
      let width = sums.size(-1) - 1
      let weight = try sums.slice(-1, width..<width + 1)
      return try sums.slice(-1, 0..<width) / weight.filled(1, where: weight.equals(0))
    }
  }

  /// Every query meets the keys up to its own, in time and memory proportional to S.
  ///
  /// Within chunks of up to 32 tokens, each query meets its own key, and the later half of every run
  /// of 2, 4, 8 … tokens meets the earlier half; then each chunk meets the sums of all chunks before
  /// it. No query shares a scale with a later key, so later keys do not change a single bit of it.
  private static func causal(_ a: Tensor, _ b: Tensor, _ values: Tensor) throws -> FeatureSums {
    let (items, length) = (a.size(0), a.size(1))
    var chunk = 1
    while chunk * chunk < length, chunk < longestChunk { chunk *= 2 }
    let rest = (chunk - length % chunk) % chunk
    let call = Causal(
      items: items, length: length + rest, a: try a.padded([0, 0, 0, rest]),
      b: try b.padded([0, 0, 0, rest], with: -.infinity),
      values: try values.padded([0, 0, 0, rest]))
    var total = try call.own
    var half = 1
    while half < chunk {
      total = try total.adding(call.halves(half))
      half *= 2
    }
    if length > chunk { total = try total.adding(call.earlierChunks(chunk)) }
    return FeatureSums(
      sums: try total.sums.slice(1, 0..<length), scale: try total.scale.slice(1, 0..<length))
  }

  /// The largest number of tokens of a chunk.
  private static let longestChunk = 32

  /// The lengths from which causal sums have chunks of 4, 8, 16 and 32 tokens.
  static let longerChunks = [2, 4, 8, longestChunk / 2].map { $0 * $0 + 1 }

  /// The sums over the keys of both.
  private func adding(_ other: FeatureSums) throws -> FeatureSums {
    let larger = try (scale .< other.scale).select(other.scale, else: scale)
    let base = try larger.finite
    return FeatureSums(
      sums: try sums * (scale - base).exp() + other.sums * (other.scale - base).exp(),
      scale: larger)
  }

  /// Sums over keys, `[…, m, V + 1]`, divided by exp of the peak of each feature, `[…, 1, m]`.
  fileprivate struct KeySums {
    let sums: Tensor
    let peak: Tensor

    init(_ b: Tensor, _ values: Tensor) throws {
      peak = try b.detached().maximum(-2, keep: true)
      sums = try (b - peak.finite).exp().transposed().matmul(values)
    }

    init(sums: Tensor, peak: Tensor) {
      self.sums = sums
      self.peak = peak
    }

    /// The sums over the keys of both.
    func adding(_ other: KeySums) throws -> KeySums {
      let larger = try (peak .< other.peak).select(other.peak, else: peak)
      let base = try larger.finite
      return KeySums(
        sums: try sums * (peak - base).exp().transposed()
          + other.sums * (other.peak - base).exp().transposed(),
        peak: larger)
    }

    /// One of several along the second axis.
    func at(_ index: Int) throws -> KeySums {
      KeySums(sums: try sums.index(1, index), peak: try peak.index(1, index))
    }
  }

  /// A causal call whose length is a multiple of the chunk.
  private struct Causal {
    let items: Int
    let length: Int
    let a: Tensor
    let b: Tensor
    let values: Tensor

    /// Each query meets its own key.
    var own: FeatureSums {
      get throws {
        let logs = try a + b
        let scale = try logs.detached().maximum(-1, keep: true)
        let weight = try (logs - scale.finite).exp().sum(-1, keep: true)
        return FeatureSums(sums: try weight * values, scale: scale)
      }
    }

    /// In each run of 2·half tokens the later half meets the earlier one.
    func halves(_ half: Int) throws -> FeatureSums {
      func part(_ x: Tensor, _ index: Int) throws -> Tensor {
        try x.reshaped([items * length / (2 * half), 2, half, x.size(2)]).index(1, index)
      }
      let keys = try part(b, 0)
      let peak = try keys.detached().maximum(-2, keep: true)
      let (queries, scale) = try FeatureSums.queries(part(a, 1), peak)
      // Cheaper than sums over keys, which would have to be stored for each run.
      let weights = try queries.matmul((keys - peak.finite).exp().transposed())
      return try behind(weights.matmul(part(values, 0)), scale)
    }

    /// Each chunk meets the chunks before it.
    func earlierChunks(_ chunk: Int) throws -> FeatureSums {
      func chunks(_ x: Tensor) throws -> Tensor {
        try x.reshaped([items, length / chunk, chunk, x.size(2)])
      }
      let count = length / chunk
      let each = try KeySums(chunks(b), chunks(values))
      var before = [try each.at(0)]
      for index in 1..<count - 1 { before.append(try before[index - 1].adding(each.at(index))) }
      let all = KeySums(
        sums: try Tensor.stack(before.map(\.sums), 1), peak: try Tensor.stack(before.map(\.peak), 1)
      )
      let later = try FeatureSums(chunks(a).slice(1, 1..<count), all)
      let missing = [items, 1, chunk]
      return FeatureSums(
        sums: try Tensor.cat([nothing(missing, later.sums), later.sums], 1)
          .reshaped([items, length, -1]),
        scale: try Tensor.cat([nothing(missing, later.scale, -.infinity), later.scale], 1)
          .reshaped([items, length, 1]))
    }

    /// The sums of later halves, `[…, half, V + 1]`, in their places, with no keys for earlier halves.
    private func behind(_ sums: Tensor, _ scale: Tensor) throws -> FeatureSums {
      let front = Array(sums.shape.dropLast())
      return FeatureSums(
        sums: try Tensor.stack([nothing(front, sums), sums], 1).reshaped([items, length, -1]),
        scale: try Tensor.stack([nothing(front, scale, -.infinity), scale], 1)
          .reshaped([items, length, 1]))
    }

    private func nothing(_ front: [Int], _ like: Tensor, _ value: Double = 0) throws -> Tensor {
      try Tensor.full(front + [like.size(-1)], value, like.dtype)
    }
  }
}

/// The sums over the keys of all tokens so far.
final class FeatureCache: TokenCache {
  fileprivate var sums: FeatureSums.KeySums?
}

/// A causal attention whose weights are products of features, so that sums over keys suffice.
protocol FeatureCachingAttention: IncrementalAttention {
  /// Whether a query sees only keys up to its own position.
  var isCausal: Bool { get }

  /// The logarithms of the features of queries and keys.
  func features(_ query: Tensor, _ key: Tensor) throws -> (queries: Tensor, keys: Tensor)
}

extension FeatureCachingAttention {
  /// A cache of sums over keys, whose size does not depend on their number.
  public func makeCache(batch: Int) throws -> TokenCache {
    guard isCausal else { throw noCache("the attention is not causal") }
    return FeatureCache(batch: batch)
  }

  /// Computes the attention.
  public func next(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, cache: TokenCache, real: Tensor?,
    bias: CacheBias?
  ) throws -> Tensor {
    guard isCausal, let cache = cache as? FeatureCache else { throw strangeCache }
    let chunk = try checkChunk(query, key, value, real, cache)
    let heads = query.size(0)
    guard chunk.counts.contains(where: { $0 > 0 }) else {
      return try Tensor.zeros([heads, query.size(1), value.size(2)], query.dtype)
    }
    let real = try chunk.real.repeatInterleaved(heads / cache.batch, 0)
    let (queries, keys) = try features(query, key.forEach(of: heads).zeroingPadding(real))
    let output = try FeatureSums.attention(
      queries, keys, value.forEach(of: heads), real: real, isCausal: true, after: cache)
    cache.advance(by: chunk)
    return output
  }
}

extension Tensor {
  /// The tensor with 0 in place of −∞, since −∞ − (−∞) is NaN.
  fileprivate var finite: Tensor {
    get throws { try filled(0, where: equals(-.infinity)) }
  }
}
