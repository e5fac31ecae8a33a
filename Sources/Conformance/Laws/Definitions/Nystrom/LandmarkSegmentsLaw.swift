internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// NYS5: of T = m·s + r tokens the first m − r segments hold s, the last r hold s + 1; a landmark
  /// is the mean of its real tokens, and one of padding only takes no part in K₁, K₂ and K₃.
  ///
  /// Two views of it: with the exact inverse a real query gets K₁ K₂⁺ K₃ v of the kernels that
  /// are left; and moving two real queries of one segment against each other, which keeps its mean,
  /// changes no other row. Tolerance × κ₂(K₂), the largest among the items.
  static let landmarkSegments = Law(
    .landmarkSegments, trials: 33, witness: "nystromPaddingAveraged",
    needs: [.nystrom, .approximate, .exactInverse, .noConvolution],
    plan: ScenarioPlan(fills: .distinct, masks: .always(), sameLength: true, minimumLength: 4)
  ) { setting, trial in
    let landmarks = try setting.landmarks
    let problem = try NystromProblem(setting, landmarks: landmarks)
    try trial.assume(landmarks < problem.keys.size(1))
    let condition = try setting.middleCondition(problem)
    try trial.assume(condition <= 1e6)
    let tolerance = Tolerance.exact(condition: condition)
    let part = try setting.part()
    let inputs = problem.inputs
    let output = try part.run(inputs)
    let (items, queries) = (try problem.queries.size(0), try problem.queries.size(1))
    let expected = try (0..<items).map { item -> Tensor in
      let value = try problem.values.index(0, item)
      guard let (outer, middle, inner) = try problem.kernels(of: item, setting) else {
        return try Tensor.zeros([queries, value.size(-1)], value.dtype)
      }
      return try outer.matmul(middle.pseudoInverse()).matmul(inner.matmul(value))
    }
    trial.classify("a landmark of padding", try setting.hasAbsentLandmark(problem))
    try trial.equal(
      setting.realQueries(output, inputs),
      setting.realQueries(Tensor.stack(expected, 0).reshaped(output.shape), inputs), tolerance,
      label: "kernels of the segments")

    let mask = queries == (try problem.keys.size(1)) ? inputs["key_padding_mask"] : nil
    for segment in Elementary.segments(queries, try problem.queryLandmarks) {
      for first in segment.dropLast() {
        let moved = try setting.moving(first, inputs, real: mask)
        let rows = (0..<queries).filter { $0 != first && $0 != first + 1 }
        guard !rows.isEmpty else { continue }
        try trial.equal(
          setting.realQueries(part.run(moved), inputs).picked(-2, rows),
          setting.realQueries(output, inputs).picked(-2, rows), tolerance,
          label: "queries moved within a segment")
      }
    }
  }
}

extension Setting {
  /// A call in which a query and the next are moved against each other, where both are real.
  fileprivate func moving(
    _ first: Int, _ inputs: [String: Tensor], real: Tensor?
  ) throws -> [String: Tensor] {
    let query = try inputs.tensor("q")
    let folded = try query.folded()
    let both = try real.map { mask in
      try mask.slice(1, first..<first + 1) .& mask.slice(1, first + 1..<first + 2)
    }
    // [N, 1, 1]: 0 where one of the two is padding.
    let share = try both?.marks(for: folded.size(0)).unsqueezed(-1).to(query.dtype)
    let signs = (0..<query.size(-2)).map { $0 == first ? 0.5 : $0 == first + 1 ? -0.5 : 0 }
    var shift = try Tensor(signs, shape: [1, query.size(-2), 1]).to(query.dtype)
    if let share { shift = try shift * share }
    var moved = inputs
    moved["q"] = try (folded + shift).reshaped(query.shape)
    return moved
  }

  /// Whether some segment of keys holds padding only.
  fileprivate func hasAbsentLandmark(_ problem: NystromProblem) throws -> Bool {
    guard let mask = problem.inputs["key_padding_mask"] else { return false }
    let keys = try problem.keys
    let present = try Elementary.landmarks(
      keys, problem.landmarks, real: mask.marks(for: keys.size(0))
    ).present
    return try !present.allTrue()
  }
}
