internal import Torch

extension NaiveForm {
  /// K₁ K₂⁺ K₃ v, with the pseudo-inverse by iteration or by singular values, and a convolution
  /// of v where there is a kernel; softmax attention with as many landmarks as keys.
  static let nystrom = NaiveForm("nystrom", condition: nystromCondition) { call in
    let attention = try NaiveAttention(call)
    var output: Tensor
    if call.integer("num_landmarks", default: 64) >= attention.key.size(1) {
      output = try attention.attended()
    } else {
      let kernels = try NystromKernels(call, attention)
      let inverse =
        call.bool("use_razavi_pinverse", default: true)
        ? try kernels.iterated(
          call.integer("inv_iterations", default: 6),
          ofBatch: call.bool("pinverse_original_init", default: false))
        : try kernels.middle.pseudoInverse()
      output = try attention.shaped(
        kernels.outer.matmul(inverse).matmul(kernels.inner.matmul(attention.value)))
    }
    if let kernel = call.parameters["skip"] {
      output =
        try output
        + attention.shaped(
          Elementary.convolution(attention.value.keeping(attention.real), kernel))
    }
    return output
  }

  /// κ₂(K₂) of the landmarks that take part, the largest among the items, for the exact inverse.
  ///
  /// The iteration is a polynomial and amplifies little.
  private static func nystromCondition(_ call: NaiveCall) throws -> Double {
    let attention = try NaiveAttention(call)
    guard call.integer("num_landmarks", default: 64) < attention.key.size(1),
      !call.bool("use_razavi_pinverse", default: true)
    else { return 1 }
    return try NystromKernels(call, attention).condition()
  }
}

/// The three kernels of a Nyström attention in elementary operations.
private struct NystromKernels {
  /// softmax(q k̃ᵀ/√D), `[N, S, m]`.
  let outer: Tensor
  /// softmax(q̃ k̃ᵀ/√D), `[N, m_q, m]`.
  let middle: Tensor
  /// softmax(q̃ kᵀ/√D), `[N, m_q, T]`.
  let inner: Tensor
  private let present: (queries: Tensor, keys: Tensor)

  init(_ call: NaiveCall, _ attention: NaiveAttention) throws {
    let count = call.integer("num_landmarks", default: 64)
    let (query, key) = (attention.query, attention.key)
    let queries = try Elementary.landmarks(
      query, min(count, query.size(1)), real: query.size(1) == key.size(1) ? attention.real : nil)
    let keys = try Elementary.landmarks(key, count, real: attention.real)
    let allowed = try keys.present.unsqueezed(1)
    outer = try Elementary.weights(query, keys.values, allowed: allowed)
    middle = try Elementary.weights(queries.values, keys.values, allowed: allowed)
      .filled(0, where: .!queries.present.unsqueezed(-1))
    inner = try Elementary.weights(
      queries.values, key, allowed: attention.real?.unsqueezed(1))
    present = (queries.present, keys.present)
  }

  /// Z ← ¼ Z (13 I − A Z (15 I − A Z (7 I − A Z))) from Z = Aᵀ / (largest column sum).
  func iterated(_ steps: Int, ofBatch: Bool) throws -> Tensor {
    let sums = try middle.sum(-2)
    let norm = ofBatch ? try sums.maximum() : try sums.maximum(-1).reshaped([-1, 1, 1])
    var inverse = try middle.transposed() / norm.filled(1, where: norm.equals(0))
    let one = try Tensor.identity(middle.size(-2), middle.dtype)
    for _ in 0..<steps {
      let product = try middle.matmul(inverse)
      let first = try one * 7 - product
      let second = try one * 15 - product.matmul(first)
      let third = try one * 13 - product.matmul(second)
      inverse = try inverse.matmul(third) * 0.25
    }
    return inverse
  }

  /// The largest κ₂ of the middle kernel's rows and columns that take part.
  func condition() throws -> Double {
    var worst = 1.0
    for item in 0..<middle.size(0) {
      let rows = try kept(present.queries, item)
      let columns = try kept(present.keys, item)
      guard !rows.isEmpty, !columns.isEmpty else { continue }
      let matrix = try middle.index(0, item).picked(0, rows).picked(1, columns)
      worst = max(worst, try Spectrum.condition(matrix))
    }
    return worst
  }

  private func kept(_ marks: Tensor, _ item: Int) throws -> [Int] {
    try marks.index(0, item).booleans().enumerated().filter(\.element).map(\.offset)
  }
}
