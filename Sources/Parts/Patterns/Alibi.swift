internal import Foundation
public import Torch

/// Attention with linear biases: each head prefers near keys, some heads more than others.
///
/// [Press et al., 2021](https://arxiv.org/abs/2108.12409).
public enum Alibi {
  /// The slope of each head: 2^(−8(h + 1)/H) if H is a power of two; otherwise those of the next lower
  /// power, followed by every second one of the next higher (`get_slopes`).
  ///
  /// - Throws: `PartError` unless there is a head.
  public static func slopes(heads: Int) throws(PartError) -> [Double] {
    guard (1...1 << 20).contains(heads) else {
      throw PartError(
        .value(key: "num_heads", expected: "from 1 to \(1 << 20)", got: "\(heads)"))
    }
    var power = 1
    while 2 * power <= heads { power *= 2 }
    func geometric(_ count: Int) -> [Double] {
      (0..<count).map { exp2(-8 * Double($0 + 1) / Double(count)) }
    }
    let between = geometric(2 * power).enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    return geometric(power) + between.prefix(heads - power)
  }

  /// The bias of the logits, −slope·|i − j|, `[H, S, S]`; −∞ for later keys if causal.
  ///
  /// - Throws: `PartError` unless there is a head and a token.
  public static func bias(
    heads: Int, length: Int, causal: Bool = false, _ dtype: DType = .float32
  ) throws -> Tensor {
    let bias =
      try Tensor(slopes(heads: heads), shape: [heads, 1, 1])
      * (AttentionPattern.distance(Grid([length])) * -1)
    guard causal else { return try bias.to(dtype) }
    return try bias.filled(-.infinity, where: .!AttentionPattern.causal(length)).to(dtype)
  }

  /// Pairs whose bias is above −threshold, slope·|i − j| < threshold, Bool `[H, S, S]`
  /// (`alibi_pattern`).
  ///
  /// Unlike the original, which uses the position of the key, this uses the distance.
  ///
  /// - Throws: `PartError` unless there is a head and a token.
  public static func pattern(threshold: Double, heads: Int, length: Int) throws -> Tensor {
    try bias(heads: heads, length: length, .float64) * -1 .< threshold
  }
}
