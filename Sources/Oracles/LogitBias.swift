/// The logits `[B, H, S, T]` of a call plus a number for each head and distance j − i.
///
/// - Parameter number: of the number of heads, the head and the distance.
func biased(_ call: OracleCall, _ number: (Int, Int, Int) throws -> Double) throws -> Values {
  let logits = try call.input("logits")
  try call.require(logits.rank == 4, "input `logits`", "[B, H, S, T]", got: "\(logits.shape)")
  let heads = logits.shape[1]
  let declared = try call.integer("num_heads", default: heads)
  try call.require(
    declared == heads, "option `num_heads`", "\(heads), that of `logits`", got: "\(declared)")
  var output = logits
  for h in 0..<heads {
    for i in 0..<logits.shape[2] {
      for j in 0..<logits.shape[3] {
        let bias = try number(heads, h, j - i)
        for b in 0..<logits.shape[0] { output[b, h, i, j] += bias }
      }
    }
  }
  return output
}
