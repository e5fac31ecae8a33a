import Oracles
import Testing

@Suite struct `attentions with a pattern, by definition` {
  private let zero = Values.zeros([1, 4, 2])
  private let numbers = Values(shape: [1, 4, 1], values: [1, 2, 3, 6])

  @Test func `a global token sees all, and others only it`() throws {
    let options: [String: OracleOption] = ["global_indices": [0], "seq_len": 4]
    expectClose(try attention(.global, zero, zero, numbers, options), [3, 1, 1, 1])
    let causal = options.merging(["causal": true]) { $1 }
    expectClose(try attention(.global, zero, zero, numbers, causal), [1, 1.5, 2, 3.5])
    let none: [String: OracleOption] = ["global_indices": [], "seq_len": 4]
    expectClose(try attention(.global, zero, zero, numbers, none), [0, 0, 0, 0])
    let longer: [String: OracleOption] = ["global_indices": [0, 5], "seq_len": 6]
    expectClose(try attention(.global, zero, zero, numbers, longer), [3, 1, 1, 1])
    #expect(throws: OracleError.self) {
      try attention(.global, zero, zero, numbers, ["global_indices": [0], "seq_len": 3])
    }
    #expect(throws: OracleError.self) {
      try attention(.global, zero, zero, numbers, ["global_indices": [4], "seq_len": 4])
    }
  }

  @Test func `a sliding window counts the token itself, and sinks stay`() throws {
    func output(_ window: Int, _ sinks: Int) throws -> Values {
      try attention(
        .slidingWindow, zero, zero, numbers,
        ["window_size": .integer(window), "num_sinks": .integer(sinks)])
    }
    expectClose(try output(1, 0), [1, 2, 3, 6])
    expectClose(try output(2, 0), [1, 1.5, 2.5, 4.5])
    expectClose(try output(1, 1), [1, 1.5, 2, 3.5])
    expectClose(try output(2, 1), [1, 1.5, 2, 10.0 / 3])
    expectClose(try output(4, 0), [1, 1.5, 2, 3])
    expectClose(try output(1, 9), [1, 1.5, 2, 3])
    #expect(throws: OracleError.self) { try output(0, 1) }
    #expect(throws: OracleError.self) { try output(1, -1) }
  }

  @Test func `a drawn pattern is taken as it is`() throws {
    let pattern = matrix([[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]])
    func output(_ options: [String: OracleOption]) throws -> Values {
      try Oracle.random.evaluate(
        OracleCall(
          options: options, inputs: ["q": zero, "k": zero, "v": numbers],
          state: ["drawn_mask": pattern]))
    }
    expectClose(try output([:]), [1.5, 0, 4.5, 3])
    expectClose(try output(["causal": true]), [1, 0, 3, 3])
    #expect(throws: OracleError.self) { try attention(.random, zero, zero, numbers) }
  }

  @Test func `stored blocks are seen, by each head its own`() throws {
    let shared: [String: OracleOption] = ["layout": [[1, 0], [1, 0]], "block_size": 2]
    expectClose(try attention(.blocksparse, zero, zero, numbers, shared), [1.5, 1.5, 1.5, 1.5])
    let causal = shared.merging(["causal": true]) { $1 }
    expectClose(try attention(.blocksparse, zero, zero, numbers, causal), [1, 1.5, 1.5, 1.5])

    let two = Values.zeros([1, 2, 4, 2])
    let values = Values(shape: [1, 2, 4, 1], values: [1, 2, 3, 6, 1, 2, 3, 6])
    let perHead: [String: OracleOption] = [
      "layout": [[[1, 0], [0, 1]], [[0, 1], [0, 0]]], "block_size": 2,
    ]
    expectClose(
      try attention(.blocksparse, two, two, values, perHead), [1.5, 1.5, 4.5, 4.5, 4.5, 4.5, 0, 0])
    #expect(throws: OracleError.self) {
      try attention(.blocksparse, zero, zero, numbers, ["layout": [[1, 0], [1, 2]]])
    }
    #expect(throws: OracleError.self) {
      try attention(.blocksparse, zero, zero, numbers, ["layout": [[1]], "block_size": 2])
    }
  }

  @Test func `a constant value comes back`() throws {
    let (q, k) = (filled([2, 6, 3], seed: 1), filled([2, 6, 3], seed: 2))
    let v = Values(shape: [2, 6, 2], values: [Double](repeating: 2.5, count: 24))
    let expected = [Double](repeating: 2.5, count: 24)
    expectClose(
      try attention(.global, q, k, v, ["global_indices": [1, 4], "seq_len": 6]), expected)
    expectClose(
      try attention(.blocksparse, q, k, v, ["layout": [[1, 0], [1, 1]], "block_size": 3]), expected)
  }
}
