extension AttentionInputs {
  /// The side of the square grid whose cells are the tokens, row by row.
  func gridSide(_ call: OracleCall) throws -> Int {
    try requireSquare(call, "inputs `q` and `k`")
    var side = 0
    while side * side < queryLength { side += 1 }
    try call.require(
      side * side == queryLength, "input `q`", "a square number of tokens", got: "\(queryLength)")
    return side
  }
}

/// The weight and offset of one layer on the cells of a grid.
typealias GridLayer = (weight: Values, bias: Values)

extension OracleCall {
  /// The parameters `NAME_weight`, of a shape `[outputs, …]`, and `NAME_bias`.
  func gridLayer(_ name: String, _ shape: [Int]) throws -> GridLayer {
    let weight = try parameter("\(name)_weight")
    let bias = try parameter("\(name)_bias")
    try require(
      weight.shape == shape, "parameter `\(name)_weight`", "\(shape)", got: "\(weight.shape)")
    try require(
      bias.shape == [shape[0]], "parameter `\(name)_bias`", "[\(shape[0])]", got: "\(bias.shape)")
    return (weight, bias)
  }
}
