extension Oracle {
  /// Learnt positions: y[s] = x[s] + table[s], with an optional class token in front.
  ///
  /// With the class token the sequence is [class; x], of length S + 1, and the table is added to
  /// all of it, as in [Dosovitskiy et al., 2020](https://arxiv.org/abs/2010.11929), equation 1.
  /// A sequence shorter than the table uses its first rows.
  ///
  /// - Options: `add_class_token` (false); `dim_model`, `seq_len`, which must agree with the table.
  /// - Inputs: `x` `[B, S, E]`, or `[B, S]`, where each number stands for E equal ones.
  /// - Parameters: `table` `[L, E]` or `[1, L, E]`; `class_token` `[E]`.
  public static let learnable = Oracle(
    name: "learnable", file: "Sources/Oracles/Learnable.swift", exactArithmetic: true
  ) { call in
    let addClassToken = try call.bool("add_class_token", default: false)
    try call.allowOnly(
      options: ["name", "dim_model", "seq_len", "dropout", "add_class_token"], inputs: ["x"],
      parameters: addClassToken ? ["table", "class_token"] : ["table"])
    let x = try call.input("x")
    let stored = try call.parameter("table")
    try call.require(
      stored.rank == 2 || (stored.rank == 3 && stored.shape[0] == 1), "parameter `table`",
      "[L, E] or [1, L, E]", got: "\(stored.shape)")
    let table = stored.reshaped(Array(stored.shape.suffix(2)))
    let (rows, width) = (table.shape[0], table.shape[1])
    try call.require(
      x.rank == 2 || (x.rank == 3 && x.shape[2] == width), "input `x`",
      "[B, S, \(width)] or [B, S]", got: "\(x.shape)")
    let extra = addClassToken ? 1 : 0
    let declaredLength = try call.integer("seq_len", default: rows - extra)
    try call.require(
      declaredLength == rows - extra, "option `seq_len`", "\(rows - extra), that of `table`",
      got: "\(declaredLength)")
    let declaredWidth = try call.integer("dim_model", default: width)
    try call.require(
      declaredWidth == width, "option `dim_model`", "\(width), the width of `table`",
      got: "\(declaredWidth)")
    try call.require(
      x.shape[1] + extra <= rows, "input `x`", "at most \(rows - extra) tokens",
      got: "\(x.shape[1])")
    let classToken = addClassToken ? try call.parameter("class_token") : nil
    if let classToken {
      try call.require(
        classToken.shape == [width], "parameter `class_token`", "[\(width)]",
        got: "\(classToken.shape)")
    }

    var output = Values.zeros([x.shape[0], x.shape[1] + extra, width])
    for b in 0..<x.shape[0] {
      for e in 0..<width {
        if let classToken { output[b, 0, e] = classToken[e] + table[0, e] }
        for s in 0..<x.shape[1] {
          let token = x.rank == 3 ? x[b, s, e] : x[b, s]
          output[b, s + extra, e] = token + table[s + extra, e]
        }
      }
    }
    return output
  }
}
