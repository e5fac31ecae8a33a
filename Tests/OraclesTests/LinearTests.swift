import Oracles
import Testing

@Suite struct `linear attention, by definition` {
  private func column(_ numbers: [Double]) -> Values {
    Values(shape: [1, numbers.count, 1], values: numbers)
  }

  @Test func `features are x + 1 above 0 and powers of e below`() throws {
    // φ(1) = 2, φ(0) = 1, φ(−ln 2) = 1/2.
    let (q, k) = (column([0, 3, -700]), column([1, 0, -0.693147180559945]))
    let v = column([1, 8, 15])
    expectClose(try attention(.linear, q, k, v), [5, 5, 5])
    expectClose(try attention(.linear, q, k, v, ["causal": true]), [1, 10.0 / 3, 5])
    // Two channels: φ(q) = (2, 1), φ(k) = (1, 3) and (4, 1), so the weights are 5 and 9.
    let wide = Values(shape: [1, 2, 2], values: [0, 2, 3, 0])
    let query = Values(shape: [1, 2, 2], values: [1, 0, 1, 0])
    expectClose(try attention(.linear, query, wide, column([14, 28])), [23, 23])
  }

  @Test func `padding counts as a shorter call, and no key at all gives 0`() throws {
    let (q, k, v) = (
      filled([2, 4, 3], seed: 1), filled([2, 4, 3], seed: 2), filled([2, 4, 2], seed: 3)
    )
    let mask = Values(shape: [2, 4], values: [1, 1, 0, 0, 0, 0, 0, 0])
    let output = try attention(.linear, q, k, v, masks: ["key_padding_mask": mask])
    expectClose(item(output, 0), item(try attention(.linear, q, prefix(k, 2), prefix(v, 2)), 0))
    expectClose(item(output, 1), [Double](repeating: 0, count: 8))
  }

  @Test func `tokens far below 0 keep their order`() throws {
    // A query far below 0 must not hide what tells keys apart.
    let (q, k) = (column([-1e30, -1e3]), column([-1e3, -1e3 - 0.693147180559945]))
    expectClose(try attention(.linear, q, k, column([3, 6])), [4, 4])
  }

  @Test func `a causal call needs as many keys as queries`() {
    #expect(throws: OracleError.self) {
      try attention(
        .linear, column([1, 2]), column([1]), column([1]), ["causal": true])
    }
  }
}
