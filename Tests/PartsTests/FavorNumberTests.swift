import Foundation
import JSON
import Parts
import Testing
import Torch

@Suite struct `FAVOR+ attention, in numbers` {
  private func build(_ map: String, _ width: Int, _ count: Int, causal: Bool = false, seed: UInt64)
    throws -> any Attention
  {
    let part = try Registry.zoo.attention(
      "favor",
      [
        "dim_head": .integer(width), "dim_features": .integer(count), "feature_map": .string(map),
        "causal": .bool(causal),
      ], generator: Generator(seed: seed))
    part.eval()
    return part
  }

  private func error(_ a: Tensor, _ b: Tensor) throws -> Double {
    try ((a - b) * (a - b)).mean(0, 1, 2).item()
  }

  /// The mean squared distance from softmax attention, over two hundred seeds, of the part and of the
  /// plain mean of the values that a query sees.
  private func distances(_ map: String, causal: Bool = false) throws -> (part: Double, mean: Double)
  {
    let (length, width, seeds) = (20, 10, 200)
    let exact = try Registry.zoo.attention(
      "scaled_dot_product", ["causal": .bool(causal)], generator: Generator(seed: 0))
    exact.eval()
    var (part, mean) = (0.0, 0.0)
    for seed in 0..<UInt64(seeds) {
      let generator = Generator(seed: seed)
      let tokens = try (0..<3).map { _ in
        try Tensor.normal([1, length, width], generator: generator)
      }
      let expected = try exact(tokens[0], tokens[1], tokens[2])
      let attention = try build(map, width, 256, causal: causal, seed: seed)
      part += try error(attention(tokens[0], tokens[1], tokens[2]), expected)
      mean += try error(exact(tokens[0] * 0, tokens[1], tokens[2]), expected)
    }
    return (part / Double(seeds), mean / Double(seeds))
  }

  @Test(arguments: [("sm_orf", 0.07), ("sm_hyp", 0.06), ("sm_reg", 0.04)])
  func `256 features come nearer to softmax attention than a mean`(map: String, most: Double) throws
  {
    let (part, mean) = try distances(map)
    #expect(part <= most && part < mean, "\(map): \(part), the mean \(mean)")
  }

  @Test func `causal attention comes nearer than a running mean`() throws {
    let (part, mean) = try distances("sm_orf", causal: true)
    #expect(part <= 0.06 && part < mean, "\(part), the mean \(mean)")
  }

  @Test(arguments: [("sm_orf", 1.01), ("sm_hyp", 1.03), ("sm_reg", 0.77)])
  func `features estimate the softmax kernel, the regularised ones their own`(
    map: String, ratio: Double
  ) throws {
    let (width, pairs, draws) = (8, 16, 400)
    let generator = Generator(seed: 7)
    let query = try Tensor.normal([1, pairs, width], .float64, generator: generator) * 0.8
    let key = try Tensor.normal([1, pairs, width], .float64, generator: generator) * 0.8
    let product = try (query * key).sum(-1) * (1 / Double(width).squareRoot())
    var sum = try Tensor.zeros([1, pairs], .float64)
    for seed in 0..<UInt64(draws) {
      let part = try build(map, width, 32, seed: seed)
      let vectors = try #require(part.drawn["features"]).to(.float64)
      sum = try sum + Self.kernel(query, key, vectors, map: map)
    }
    let quotient = try (sum * (1 / Double(draws)) / product.exp()).mean(0, 1).item()
    #expect(abs(quotient - ratio) < 0.1, "\(map): \(quotient)")
  }

  /// φ(q)·φ(k) with the vectors that a part drew, both signs of each where the map has them.
  private static func kernel(_ query: Tensor, _ key: Tensor, _ vectors: Tensor, map: String) throws
    -> Tensor
  {
    let scale = pow(Double(vectors.size(0)), -0.25)
    func features(_ tokens: Tensor) throws -> Tensor {
      let small = try tokens * scale
      let half = try (small * small).sum(-1, keep: true) * 0.5
      let product = try small.matmul(vectors)
      return map == "sm_orf"
        ? try (product - half).exp()
        : try Tensor.cat([(product - half).exp(), (-product - half).exp()], -1)
    }
    let (a, b) = (try features(query), try features(key))
    return try (a * b).sum(-1) * (1 / Double(a.size(-1)))
  }
}
