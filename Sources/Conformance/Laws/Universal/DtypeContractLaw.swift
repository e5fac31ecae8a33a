internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U14: converted from type to type, a part has parameters and buffers of that type, constants
  /// excepted, and gives outputs of that type with the bits of a part that never had another; mixed
  /// types and types that are not claimed are refused. Indices may have 32 bits.
  static let dtypeContract = Law(
    .dtypeContract, trials: 16, witness: "tablePromotes", judging: ["dtypes"],
    plan: ScenarioPlan(fills: .small)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let before = try part.run(inputs)
    let narrow = try inputs.mapValues { try $0.dtype == .int64 ? $0.to(.int32) : $0 }
    try trial.unchanged(part.run(narrow), before, label: "indices of 32 bits")
    for dtype in DType.floating.reversed() {
      try part.to(dtype)
      let own = part.parameters.map { ($0.key, $0.value) }
      let tables = part.buffers.filter { !$0.isConstant }.map { ($0.key, $0.value) }
      for (key, value) in own + tables {
        trial.expect(
          value.dtype == dtype, label: "the type of the state",
          "converted to \(dtype), `\(key)` has the type \(value.dtype)")
      }
      let call = try inputs.mapValues { try $0.dtype.isFloating ? $0.to(dtype) : $0 }
      guard setting.claims.dtypes.contains(dtype) else {
        let names = Set(call.filter { $0.value.dtype.isFloating }.map(\.key))
        trial.refuses(
          WrongCall(label: "\(dtype), not claimed", inputs: call, mistake: .type, blamed: names),
          by: part)
        continue
      }
      let output = try part.run(call)
      trial.expect(
        output.dtype == dtype, label: "the type of the output",
        "the output has the type \(output.dtype), the inputs \(dtype)")
      let fresh = try setting.part()
      try fresh.to(dtype)
      try fresh.load(part.stateDict)
      try trial.unchanged(output, fresh.run(call), label: "a part that never had another type")
      for wrong in try WrongCalls(part, setting, call, dtype).dtypes {
        trial.refuses(wrong, by: part)
      }
    }
  }
}
