internal import Torch

/// How tokens are distributed to the two experts with the largest logits.
///
/// GShard, [Lepikhin et al., 2020](https://arxiv.org/abs/2006.16668), algorithm 1.
struct TopTwoGate {
  /// The softmax of the logits, `[n, X]`, at least in single precision.
  private let shares: Tensor
  /// The first choice of each token, Bool `[n, X]`.
  private let first: Tensor
  /// The second choice; nil for a single expert.
  private let second: Tensor?

  /// Chooses from logits `[n, X]`; noise is added for the second choice only.
  init(_ logits: Tensor, noise: Tensor? = nil) throws {
    let isHalf = [.float16, .bfloat16].contains(logits.dtype)
    shares = try (isHalf ? logits.to(.float32) : logits).softmax(-1)
    first = try Self.largest(logits)
    let noisy = try noise.map { try logits + $0.to(logits.dtype) } ?? logits
    second =
      logits.size(1) > 1 ? try Self.largest(noisy.filled(-.infinity, where: first)) : nil
  }

  /// True for the largest of each row, the first of equals.
  private static func largest(_ rows: Tensor) throws -> Tensor {
    try Tensor.range(rows.size(1)).equals(rows.argmax(-1).unsqueezed(-1))
  }

  /// The weight of each expert in each token, `[n, X]`: 0 beyond the capacity of an expert, in tokens.
  ///
  /// Tokens queue in order, for their second choice behind all first ones. The weights of the choices
  /// that are served are divided by their sum.
  func weights(capacity: Int) throws -> Tensor {
    func isServed(_ choice: Tensor, behind others: Tensor? = nil) throws -> Tensor {
      var rank = try choice.to(.int64).cumulativeSum(0)
      if let others { rank = try rank + others.to(.int64).sum(0) }
      return try choice .& (rank .<= Double(capacity))
    }
    var served = try isServed(first)
    if let second { served = try served .| isServed(second, behind: first) }
    let kept = try shares.filled(0, where: .!served)
    return try kept / kept.sum(-1, keep: true).clamp(Double(Float.ulpOfOne), nil)
  }

  /// meanₑ(meanₜ pₜₑ · meanₜ [first choice = e]), which is least where experts are used alike.
  var auxiliaryLoss: Tensor {
    get throws {
      let used = try first.to(shares.dtype).mean(0)
      return try (shares.mean(0) * used).mean(0)
    }
  }
}
