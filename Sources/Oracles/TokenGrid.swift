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
