internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// RND2: the pattern holds the diagonal; of all other pairs it holds each with probability r, as
  /// many in all, in each row, each column and each cyclic diagonal as chance gives (T6). All pairs
  /// are full attention, and a probability of 0 throws.
  static let patternRate = Law(
    .patternRate, trials: 16, witness: "rateHalved", needs: [.definition("random")],
    plan: ScenarioPlan(fills: .small, masks: .none) { _ in [.number("rate", below: rates.count)] }
  ) { setting, trial in
    let rate = rates[try setting.number("rate")]
    let part = try setting.part(defining: OptionChange("r", .number(rate)))
    try expectChance(RandomPattern(part, drawnFor: 64), rate, &trial)

    let full = try setting.part(defining: OptionChange("r", .number(1)))
    let call = try AttentionCall(setting, full)
    var visibility = try Visibility(call)
    if setting.claims.causal == .always { visibility.restrict { $1 <= $0 } }
    try trial.equal(
      full.run(call.tensors), plainAttention(call, visibility), .exact(), label: "all pairs")
    guard let key = try setting.key(setting: "r", to: .number(rate)) else { return }
    trial.refuses(key: key, label: "no pairs") { _ = try setting.part([key: 0]) }
  }

  private static let rates = [0.1, 0.25, 0.5, 0.75]

  private static func expectChance(
    _ pattern: RandomPattern, _ rate: Double, _ trial: inout Trial
  ) throws {
    let length = pattern.length
    trial.expect(
      (0..<length).allSatisfy { pattern[$0, $0] }, label: "the diagonal",
      "the pattern lacks a pair of a token with itself")
    var (rows, columns, diagonals) = (
      [Int](repeating: 0, count: length), [Int](repeating: 0, count: length),
      [Int](repeating: 0, count: length)
    )
    for i in 0..<length {
      for j in 0..<length where i != j && pattern[i, j] {
        rows[i] += 1
        columns[j] += 1
        diagonals[(j - i + length) % length] += 1
      }
    }
    func expect(_ deviation: Double, _ label: String) {
      trial.compared(1)
      trial.expect(
        abs(deviation) <= Threshold.deviations, label: label,
        "\(label) of \(length) tokens at r = \(rate): off by \(deviation) standard deviations")
    }
    expect(
      Deviation.binomial(
        rows.reduce(0, +), of: length * (length - 1), probability: rate), "pairs in all")
    func together(_ counts: [Int], of most: Int) -> Double {
      Deviation.chiSquare(
        counts.map { Deviation.binomial($0, of: most, probability: rate) })
    }
    expect(together(rows, of: length - 1), "pairs in rows")
    expect(together(columns, of: length - 1), "pairs in columns")
    expect(together(Array(diagonals.dropFirst()), of: length), "pairs in diagonals")
  }
}
