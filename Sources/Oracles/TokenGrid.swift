extension AttentionInputs {
  /// The side of the square grid whose cells, row by row, the tokens are.
  func gridSide(_ call: OracleCall) throws -> Int {
    try requireSquare(call, "inputs `q` and `k`")
    var side = 0
    while side * side < queryLength { side += 1 }
    try call.require(
      side * side == queryLength, "input `q`", "a square number of tokens", got: "\(queryLength)")
    return side
  }
}
