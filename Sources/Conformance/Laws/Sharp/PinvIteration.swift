internal import Parts
internal import Torch

/// The iteration for the pseudo-inverse of K₂, seen from outside through a part's outputs.
///
/// With the identity as values the output is Y = K₁ Z K₃. Where K₁ has full column rank,
/// Z = K₁⁺ Y K₃⁺; with fewer queries than landmarks each query is its own landmark, K₁ = K₂, and
/// K₂ Z = Y K₃⁺.
struct PinvIteration {
  private let problem: NystromProblem
  private let outer: Tensor
  private let inner: Tensor
  /// K₂, `[N, m_q, m]`.
  let middle: Tensor
  /// R₀ = I − K₂ Z₀ with Z₀ = K₂ᵀ / c, `[N, m_q, m_q]`.
  let start: Tensor
  /// κ₂(K₁)·κ₂(K₃), which bounds how much recovering Z amplifies rounding.
  let recovery: Double

  /// Whether Z itself can be recovered.
  var isSquare: Bool { middle.size(1) == middle.size(2) }

  /// Prepares a scenario; c is the largest column sum of each K₂, or of the whole batch with the
  /// definition's option `pinverse_original_init`.
  init(_ setting: Setting) throws {
    var problem = try NystromProblem(setting, landmarks: setting.landmarks)
    let value = try problem.inputs.tensor("v")
    let length = value.size(-2)
    problem.inputs["v"] = try Tensor.identity(length, value.dtype)
      .expanded(Array(value.shape.dropLast(2)) + [length, length])
    (outer, middle, inner) = try problem.kernels()
    let sums = try middle.sum(-2)
    let norm =
      try setting.definition.options["pinverse_original_init"]?.bool ?? false
      ? try sums.maximum() : try sums.maximum(-1).reshaped([-1, 1, 1])
    start = try Self.identity(middle) - middle.matmul(middle.transposed() / norm)
    recovery = try Spectrum.condition(outer) * Spectrum.condition(inner)
    self.problem = problem
  }

  /// Z, `[N, m, m_q]`, of a part, where it can be recovered.
  func inverse(_ part: any PartModule) throws -> Tensor {
    try outer.pseudoInverse().matmul(summary(part))
  }

  /// R = I − K₂ Z of a part.
  func residual(_ part: any PartModule) throws -> Tensor {
    let product = isSquare ? try middle.matmul(inverse(part)) : try summary(part)
    return try Self.identity(middle) - product
  }

  /// R after n steps, each of which makes ¾R³ + ¼R⁴ of it.
  static func stepped(_ residual: Tensor, _ steps: Int) throws -> Tensor {
    var result = residual
    for _ in 0..<steps {
      let cube = try result.matmul(result).matmul(result)
      result = try cube * 0.75 + cube.matmul(result) * 0.25
    }
    return result
  }

  /// Y K₃⁺.
  private func summary(_ part: any PartModule) throws -> Tensor {
    try part.run(problem.inputs).folded().matmul(inner.pseudoInverse())
  }

  static func identity(_ like: Tensor) throws -> Tensor {
    try Tensor.identity(like.size(-2), like.dtype)
  }
}
