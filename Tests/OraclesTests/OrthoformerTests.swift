import Oracles
import Testing

@Suite struct `Orthoformer attention` {
  private let q = filled([2, 5, 3], seed: 1)
  private let k = filled([2, 4, 3], seed: 2)
  private let v = filled([2, 4, 2], seed: 3)

  private func run(
    _ count: Int, landmarks: Values? = nil, _ options: [String: OracleOption] = [:]
  ) throws -> Values {
    let state = landmarks.map { ["landmarks": $0] } ?? [:]
    return try Oracle.orthoformer.evaluate(
      OracleCall(
        options: options.merging(["num_landmarks": .integer(count)]) { own, _ in own },
        inputs: ["q": q, "k": k, "v": v], state: state))
  }

  @Test func `as many landmarks as keys give full attention`() throws {
    expectClose(try run(4), try attention(.scaledDotProduct, q, k, v))
    expectClose(try run(9), try attention(.scaledDotProduct, q, k, v))
  }

  @Test func `fewer are attended to in place of keys, with what they make of the keys`() throws {
    let landmarks = prefix(filled([2, 3, 3], seed: 4), 2)
    let inner = try attention(.scaledDotProduct, landmarks, k, v)
    expectClose(
      try run(2, landmarks: landmarks), try attention(.scaledDotProduct, q, landmarks, inner))
  }

  @Test func `all queries as landmarks are two full stages`() throws {
    let q = prefix(self.q, 3)
    let inner = try attention(.scaledDotProduct, q, k, v)
    expectClose(
      try run(3, landmarks: q), try attention(.scaledDotProduct, self.q, q, inner))
  }

  @Test func `a constant value comes back`() throws {
    let constant = Values(shape: v.shape, values: [Double](repeating: 2.5, count: 16))
    let output = try Oracle.orthoformer.evaluate(
      OracleCall(
        options: ["num_landmarks": 1], inputs: ["q": q, "k": k, "v": constant],
        state: ["landmarks": prefix(q, 1)]))
    expectClose(output, [Double](repeating: 2.5, count: 20))
  }

  @Test func `heads have the landmarks that were drawn for them`() throws {
    let tokens = filled([2, 4, 6], seed: 5)
    let identity = matrix((0..<6).map { row in (0..<6).map { $0 == row ? 1 : 0 } })
    let weights = Dictionary(
      uniqueKeysWithValues: ["q", "k", "v", "out"].map { ("\($0)_weight", identity) })
    let landmarks = filled([4, 2, 3], seed: 6)
    let output = try Oracle.multihead.evaluate(
      OracleCall(
        options: [
          "num_heads": 2, "attention": ["name": "orthoformer", "num_landmarks": 2],
        ], inputs: ["query": tokens], parameters: weights, state: ["landmarks": landmarks]))
    for b in 0..<2 {
      for h in 0..<2 {
        var head = Values.zeros([1, 4, 3])
        for s in 0..<4 { for d in 0..<3 { head[0, s, d] = tokens[b, s, h * 3 + d] } }
        let own = item(landmarks, b * 2 + h)
        let inner = try attention(.scaledDotProduct, own, head, head)
        let expected = try attention(.scaledDotProduct, head, own, inner)
        for s in 0..<4 {
          for d in 0..<3 { #expect(abs(output[b, s, h * 3 + d] - expected[0, s, d]) < 1e-12) }
        }
      }
    }
  }

  @Test func `errors of wrong calls name the mistake`() {
    func text(
      _ count: Int, _ landmarks: Values?, _ options: [String: OracleOption] = [:]
    ) -> String {
      do {
        _ = try run(count, landmarks: landmarks, options)
        return ""
      } catch { return "\(error)" }
    }
    #expect(text(2, nil).contains("state `landmarks`"))
    #expect(text(2, prefix(q, 3)).contains("state `landmarks`: expected [2, 2, 3]"))
    #expect(text(0, nil).contains("option `num_landmarks`"))
    #expect(text(9, nil, ["causal": true]).contains("option `causal`"))
  }
}
