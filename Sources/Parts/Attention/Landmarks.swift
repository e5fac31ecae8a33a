public import Torch

/// Means of segments of tokens, without the padding.
struct Landmarks {
  /// The landmarks, `[N, m, D]`.
  let values: Tensor
  /// The landmarks that contain a real token, Bool `[N, m]`; nil means all.
  let present: Tensor?

  /// Pools tokens `[N, L, D]` into m landmarks; real tokens are marked in Bool `[N, L]`.
  init(_ tokens: Tensor, _ count: Int, real: Tensor?, pooling: ((Tensor) throws -> Tensor)?) throws
  {
    let sizes = Self.segments(tokens.size(1), count)
    guard let real else {
      values = try pooling?(tokens) ?? Self.means(tokens, sizes)
      present = nil
      return
    }
    let weights = try real.to(tokens.dtype).unsqueezed(-1)
    let clean = try tokens.zeroingPadding(real)
    let share = try Self.means(weights, sizes)
    present = try (share .> 0).squeezed(-1)
    if let pooling {
      values = try pooling(clean)
    } else {
      // The mean over a segment divided by the share of real tokens in it; 0 without any.
      let divisor = try share.filled(1, where: share.equals(0))
      values = try Self.means(clean, sizes) / divisor
    }
  }

  /// The lengths of segments: of L = m·s + r tokens, m − r segments of s, then r of s + 1.
  static func segments(_ length: Int, _ count: Int) -> [Int] {
    let (size, rest) = (length / count, length % count)
    return Array(repeating: size, count: count - rest) + Array(repeating: size + 1, count: rest)
  }

  /// The mean of each segment. Segments of one length are adjacent, so two views suffice.
  private static func means(_ tokens: Tensor, _ sizes: [Int]) throws -> Tensor {
    let (batch, width) = (tokens.size(0), tokens.size(2))
    var parts: [Tensor] = []
    var (start, index) = (0, 0)
    while index < sizes.count {
      let size = sizes[index]
      let run = sizes[index...].prefix { $0 == size }.count
      let block = try tokens.slice(1, start..<start + run * size)
      parts.append(
        try size == 1 ? block : block.reshaped([batch, run, size, width]).mean(2))
      start += run * size
      index += run
    }
    return parts.count == 1 ? parts[0] : try Tensor.cat(parts, 1)
  }
}

/// The pseudo-inverse by singular values; a matrix that is not finite gives NaN, and spoils no other.
///
/// Shapes: `[N, n, m]` → `[N, m, n]`.
func isolatedPseudoInverse(_ matrix: Tensor) throws -> Tensor {
  let isFinite = try matrix.detached().isFinite().all(-1, keep: true).all(-2, keep: true)
  guard try !isFinite.allTrue() else { return try matrix.pseudoInverse() }
  // One such matrix would make the decomposition of the whole batch fail.
  let broken = try .!isFinite
  return try matrix.filled(0, where: broken).pseudoInverse().filled(.nan, where: broken)
}

/// The pseudo-inverse by iteration, cubic once close.
///
/// Z₀ = Aᵀ / ‖A‖₁, the largest column sum, of each matrix or of the whole batch; rows of A sum to at
/// most 1. Then Z ← ¼ Z (13 I − A Z (15 I − A Z (7 I − A Z))), so that the residual R = I − A Z
/// becomes ¾ R³ + ¼ R⁴. Razavi et al., 2014. Shapes: `[N, n, m]` → `[N, m, n]`.
public func iterativePseudoInverse(_ matrix: Tensor, iterations: Int, perMatrix: Bool = true) throws
  -> Tensor
{
  let sums = try matrix.sum(-2, keep: true)
  let norm = try perMatrix ? sums.maximum(-1, -2, keep: true) : sums.maximum()
  // A matrix of zeros is its own pseudo-inverse.
  var inverse = try matrix.transposed() / norm.filled(1, where: norm.equals(0))
  for _ in 0..<iterations {
    let product = try matrix.matmul(inverse)
    // Expanded, so that each step is one fused product and sum.
    let inmost = try Tensor.products(product, product, times: -1, plus: product, times: 7)
    let middle = try Tensor.products(product, inmost, times: -1, plus: product, times: 15)
    inverse = try Tensor.products(inverse, middle, times: -0.25, plus: inverse, times: 13.0 / 4)
  }
  return inverse
}
