extension Oracle {
  /// Word and position tables: y[s] = word[x[s]] + position[s], positions from 0 in each row.
  ///
  /// - Options: `vocab_size`, `dim_model`, `seq_len`, which must agree with the tables if given.
  /// - Inputs: `x` `[B, S]`, identifiers in 0 ..< V as numbers.
  /// - Parameters: `word` `[V, E]`, `position` `[L, E]`, S ≤ L.
  public static let vocab = Oracle(
    name: "vocab", file: "Sources/Oracles/Vocab.swift", exactArithmetic: true
  ) { call in
    try call.allowOnly(
      options: ["name", "dim_model", "seq_len", "vocab_size", "dropout"], inputs: ["x"],
      parameters: ["word", "position"])
    let x = try call.input("x")
    let word = try call.parameter("word")
    let position = try call.parameter("position")
    try call.require(x.rank == 2, "input `x`", "[B, S]", got: "\(x.shape)")
    try call.require(word.rank == 2, "parameter `word`", "[V, E]", got: "\(word.shape)")
    let (size, width) = (word.shape[0], word.shape[1])
    try call.require(
      position.rank == 2 && position.shape[1] == width, "parameter `position`", "[L, \(width)]",
      got: "\(position.shape)")
    let declared = [("vocab_size", size), ("dim_model", width), ("seq_len", position.shape[0])]
    for (key, actual) in declared {
      let value = try call.integer(key, default: actual)
      try call.require(
        value == actual, "option `\(key)`", "\(actual), that of the tables", got: "\(value)")
    }
    try call.require(
      x.shape[1] <= position.shape[0], "input `x`", "at most \(position.shape[0]) tokens",
      got: "\(x.shape[1])")

    var output = Values.zeros([x.shape[0], x.shape[1], width])
    for b in 0..<x.shape[0] {
      for s in 0..<x.shape[1] {
        guard let id = Int(exactly: x[b, s]), id >= 0, id < size else {
          throw OracleError(
            oracle: call.oracle, "input `x`", expected: "identifiers in 0 ..< \(size)",
            got: "\(x[b, s]) at [\(b), \(s)]")
        }
        for e in 0..<width { output[b, s, e] = word[id, e] + position[s, e] }
      }
    }
    return output
  }
}
