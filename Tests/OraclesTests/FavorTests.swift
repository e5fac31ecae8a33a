import Oracles
import Testing

@Suite struct `FAVOR+` {
  private let q = filled([2, 4, 3], seed: 1)
  private let k = filled([2, 4, 3], seed: 2)
  private let v = filled([2, 4, 2], seed: 3)
  private let features = filled([3, 5], seed: 4)

  private func run(
    _ k: Values, _ v: Values, _ options: [String: OracleOption] = [:],
    masks: [String: Values] = [:], features: Values? = nil
  ) throws -> Values {
    let inputs = masks.merging(["q": q, "k": k, "v": v]) { mask, _ in mask }
    return try Oracle.favor.evaluate(
      OracleCall(options: options, inputs: inputs, state: ["features": features ?? self.features]))
  }

  @Test(arguments: ["sm_orf", "sm_hyp", "sm_reg"])
  func `equal keys give the mean of the values`(_ map: String) throws {
    let equal = Values(shape: [2, 4, 3], values: (0..<24).map { Double($0 % 3) - 0.7 })
    let output = try run(equal, v, ["feature_map": .text(map)])
    for n in 0..<2 {
      for c in 0..<2 {
        let mean = (0..<4).map { v[n, $0, c] }.reduce(0, +) / 4
        for i in 0..<4 { #expect(abs(output[n, i, c] - mean) < 1e-12) }
      }
    }
  }

  @Test func `causal position 0 gives the first value for any features`() throws {
    let output = try run(k, v, ["causal": true])
    for n in 0..<2 {
      for c in 0..<2 { #expect(abs(output[n, 0, c] - v[n, 0, c]) < 1e-15) }
    }
  }

  @Test func `one feature without direction weighs by the lengths of keys`() throws {
    // φ(k) = exp(−‖k'‖²/2) with ‖k'‖² = ‖k‖²/√D: keys of length 0 and 2 in one channel.
    let call = OracleCall(
      options: ["feature_map": "sm_orf"],
      inputs: [
        "q": Values(shape: [1, 1, 1], values: [3]), "k": Values(shape: [1, 2, 1], values: [0, 2]),
        "v": Values(shape: [1, 2, 1], values: [1, 0]),
      ], state: ["features": Values(shape: [1, 1], values: [0])])
    expectClose(try Oracle.favor.evaluate(call), [0.880797077977882])
  }

  @Test func `padding counts as a shorter call, and no key at all gives 0`() throws {
    let mask = Values(shape: [2, 4], values: [1, 1, 0, 0, 0, 0, 0, 0])
    let output = try run(k, v, masks: ["key_padding_mask": mask])
    let short = try run(prefix(k, 2), prefix(v, 2))
    expectClose(item(output, 0), item(short, 0))
    expectClose(item(output, 1), [Double](repeating: 0, count: 8))
  }

  @Test func `tokens of any length give finite numbers`() throws {
    let long = Values(shape: k.shape, values: k.values.map { $0 * 1e3 })
    let output = try run(long, v)
    #expect(output.values.allSatisfy { abs($0) <= 1 })
  }

  @Test func `errors of wrong calls name the mistake`() {
    func text(_ options: [String: OracleOption] = [:], features: Values? = nil) -> String {
      do {
        _ = try run(k, v, options, features: features)
        return ""
      } catch { return "\(error)" }
    }
    #expect(text(["feature_map": "sm_org"]).contains("one of sm_orf, sm_hyp, sm_reg"))
    #expect(text(["dim_features": 5]).contains("option `dim_features`: expected 10"))
    #expect(text(features: Values.zeros([2, 5])).contains("state `features`: expected [3, F]"))
  }
}
