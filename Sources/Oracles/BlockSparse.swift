extension Oracle {
  /// Block-sparse attention: query i of head h sees key j if the block that holds the pair is stored.
  ///
  /// The block patterns of [Child et al., 2019](https://arxiv.org/abs/1904.10509). With blocks of b
  /// tokens, pair (i, j) lies in block (⌊i/b⌋, ⌊j/b⌋). Causal: only j ≤ i, also inside blocks. Masks
  /// narrow it further; a query without a key gives 0.
  ///
  /// - Options: `layout`, zeros and ones, `[n, n]` for all heads or `[H, n, n]`; `block_size` (16);
  ///   `causal`.
  /// - Inputs: `q`, `k`, `v` `[B·H, S, D]`, or each `[B, H, S, D]`, S = T = n·b; all masks.
  public static let blocksparse = Oracle(
    name: "blocksparse", file: "Sources/Oracles/BlockSparse.swift", supportingFiles: patternFiles
  ) { call in
    try call.allowOnly(
      options: ["causal", "layout", "block_size"] + AttentionInputs.inertOptions,
      inputs: ["q", "k", "v"] + AttentionMasks.keys)
    let inputs = try AttentionInputs(call)
    try inputs.requireSquare(call, "inputs `q` and `k`")
    let causal = try call.bool("causal", default: false)
    let size = try call.integer("block_size", default: 16)
    let heads = try layout(call)
    try call.require(
      inputs.items % heads.count == 0, "option `layout`",
      "a number of heads that divides \(inputs.items) items",
      got: "\(heads.count)")
    for rows in heads {
      try call.require(
        rows.count * size == inputs.queryLength && rows.allSatisfy { $0.count == rows.count },
        "option `layout`", "a square of blocks over \(inputs.queryLength) tokens",
        got: "\(rows.count) rows of blocks of \(size)")
    }
    return try inputs.attended(AttentionMasks(call, inputs)) { n, i, j in
      heads[n % heads.count][i / size][j / size] && (!causal || j <= i)
    }
  }

  /// The stored blocks of each head, or of one for all heads.
  private static func layout(_ call: OracleCall) throws -> [[[Bool]]] {
    func entries(_ row: OracleOption) throws -> [Bool] {
      guard case .list(let list) = row else {
        throw call.wrongOption("layout", "rows of zeros and ones", row)
      }
      return try list.map { entry in
        guard entry == 0 || entry == 1 else { throw call.wrongOption("layout", "0 or 1", entry) }
        return entry == 1
      }
    }
    let outer = try call.list("layout")
    guard case .list(let rows)? = outer.first, case .list? = rows.first else {
      return [try outer.map(entries)]
    }
    return try outer.map { head in
      guard case .list(let rows) = head else {
        throw call.wrongOption("layout", "the same number of axes for each head", head)
      }
      return try rows.map(entries)
    }
  }
}
