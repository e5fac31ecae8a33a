import Oracles
import Testing

@Suite struct `the lambda layer` {
  private let q = Values(shape: [1, 3, 2], values: [Double](repeating: 1, count: 6))
  private let k = Values.zeros([1, 3, 2])
  private let v = Values(shape: [1, 3, 2], values: [0, 1, 2, 3, 4, 5])

  private func table(_ length: Int, _ width: Int, of number: Double) -> Values {
    Values(
      shape: [2 * length - 1, width],
      values: [Double](repeating: number, count: (2 * length - 1) * width))
  }

  @Test func `without positions equal keys average the values in every channel of the query`()
    throws
  {
    let output = try attention(.lambda, q, k, v, parameters: ["rel_pos_emb": table(3, 2, of: 0)])
    expectClose(output, [4, 6, 4, 6, 4, 6])
  }

  @Test func `equal positions add the sum of all values`() throws {
    let output = try attention(.lambda, q, k, v, parameters: ["rel_pos_emb": table(3, 2, of: 1)])
    expectClose(output, [16, 24, 16, 24, 16, 24])
  }

  @Test func `a shorter call uses the middle of the table`() throws {
    let (q, k) = (filled([2, 3, 2], seed: 1), filled([2, 3, 2], seed: 2))
    let (v, long) = (filled([2, 3, 4], seed: 3), filled([9, 2], seed: 4))
    let middle = Values(shape: [5, 2], values: Array(long.values[4..<14]))
    expectClose(
      try attention(.lambda, q, k, v, parameters: ["rel_pos_emb": long]),
      try attention(.lambda, q, k, v, parameters: ["rel_pos_emb": middle]))
  }

  @Test func `a position looks forward along the table`() throws {
    // Only the row of the next token: every token gets the value after its own.
    var next = table(3, 2, of: 0)
    next[3, 0] = 1
    let zero = try attention(.lambda, q, k, v, parameters: ["rel_pos_emb": table(3, 2, of: 0)])
    let output = try attention(.lambda, q, k, v, parameters: ["rel_pos_emb": next])
    expectClose(
      Values(shape: [6], values: zip(output.values, zero.values).map { $0 - $1 }),
      [2, 3, 4, 5, 0, 0])
  }

  @Test func `errors of wrong calls name the mistake`() {
    func text(_ options: [String: OracleOption], _ table: Values) -> String {
      do {
        _ = try attention(.lambda, q, k, v, options, parameters: ["rel_pos_emb": table])
        return ""
      } catch { return "\(error)" }
    }
    #expect(text([:], table(2, 2, of: 0)).contains("at most 2 tokens (`seq_len`)"))
    #expect(
      text([:], table(3, 3, of: 0)).contains("parameter `rel_pos_emb`: expected [2·seq_len − 1, 2]")
    )
    #expect(text(["seq_len": 4], table(3, 2, of: 0)).contains("option `seq_len`"))
    #expect(text(["causal": true], table(3, 2, of: 0)).contains("option `causal`"))
  }
}
