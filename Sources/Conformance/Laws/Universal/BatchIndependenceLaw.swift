internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U09: each item of a batch gives the same output as alone (T2), permuting items permutes the
  /// outputs (T2), and at equal shapes no other content of the first item, NaN included, changes a bit
  /// of the others.
  static let batchIndependence = Law(
    .batchIndependence, trials: 32, witness: "splitAcrossItems", needs: [.batchIndependent],
    deciding: [.isolation(.batchRow)],
    plan: ScenarioPlan(minimumBatch: 2)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let batch = BatchedCall(part.signature, setting.scenario.lengths, inputs)
    // A choice between equals is up to rounding, which depends on the shape of the batch.
    try trial.assume(!setting.subject.naives.hasTies(part, inputs))
    let tolerance = try trial.tolerance(setting, part, inputs)
    let output = try part.run(inputs)
    for item in 0..<batch.count {
      try trial.equal(
        part.run(batch.inputs(of: [item])), batch.output(output, [item]), tolerance,
        label: "an item alone")
    }
    let reverse = Array((0..<batch.count).reversed())
    let rotated = (0..<batch.count).map { ($0 + 1) % batch.count }
    for order in [reverse, rotated] {
      try trial.equal(
        part.run(batch.inputs(of: order)), batch.output(output, order), tolerance,
        label: "items in another order")
    }
    let others = Array(1..<batch.count)
    let keepsNaN = setting.claims.nanIsolation.contains(.batchRow)
    for number in [0, -3, 1e4] + (keepsNaN ? [.nan] : []) {
      for names in batch.floating.map({ [$0] }) + [batch.floating] where !names.isEmpty {
        let word = number.isNaN ? "NaN" : "\(number)"
        let changed = try part.run(batch.inputs(filling: names, with: number))
        try trial.unchanged(
          batch.output(changed, others), batch.output(output, others),
          label: "\(word) in the first item of \(names.joined(separator: ", "))")
      }
    }
  }
}

/// A call whose items can be separated and recombined.
struct BatchedCall {
  /// The number of items.
  let count: Int
  /// The tensors of numbers.
  let floating: [String]
  private let inputs: [String: Tensor]
  /// The batch axis and the number of rows per item, for each input that has a batch.
  private let axes: [String: (axis: Int, rows: Int)]
  private let outputAxis: (axis: Int, rows: Int)

  init(_ signature: Signature, _ lengths: Lengths, _ inputs: [String: Tensor]) {
    count = lengths[.batch]
    self.inputs = inputs
    func place(_ axes: [Signature.Axis]) -> (axis: Int, rows: Int)? {
      CallShape.batchAxis(axes).map { ($0, axes[$0].letter == "N" ? lengths[.heads] : 1) }
    }
    var axes: [String: (axis: Int, rows: Int)] = [:]
    for input in signature.inputs { axes[input.name] = place(input.axes) }
    for name in ["att_mask", "key_padding_mask"] {
      guard let mask = inputs[name], name != "att_mask" || mask.rank > 2 else { continue }
      // A mask has one row per item or one per head of each item.
      axes[name] = (0, max(1, mask.size(0) / lengths[.batch]))
    }
    self.axes = axes
    outputAxis = place(signature.output) ?? (0, 1)
    floating = signature.inputs.map(\.name).filter { inputs[$0]?.dtype.isFloating == true }
  }

  /// The call with some of the items, in a given order.
  func inputs(of items: [Int]) throws -> [String: Tensor] {
    var picked = inputs
    for (name, place) in axes {
      guard let tensor = inputs[name] else { continue }
      picked[name] = try tensor.picked(place.axis, Self.rows(items, place.rows))
    }
    return picked
  }

  /// The call with one number in place of the first item of some tensors.
  func inputs(filling names: [String], with number: Double) throws -> [String: Tensor] {
    var filled = inputs
    for name in names {
      guard let place = axes[name], let tensor = inputs[name] else { continue }
      let first = try tensor.slice(place.axis, 0..<place.rows)
      let rest = try tensor.slice(place.axis, place.rows..<tensor.size(place.axis))
      filled[name] = try Tensor.cat(
        [Tensor.full(first.shape, number, first.dtype), rest], place.axis)
    }
    return filled
  }

  /// Some items of an output.
  func output(_ output: Tensor, _ items: [Int]) throws -> Tensor {
    try output.picked(outputAxis.axis, Self.rows(items, outputAxis.rows))
  }

  private static func rows(_ items: [Int], _ rows: Int) -> [Int] {
    items.flatMap { item in (0..<rows).map { item * rows + $0 } }
  }
}
