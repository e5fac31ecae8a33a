internal import JSON
internal import Parts
internal import Torch

/// The layout in the definition of a block-sparse attention.
struct StoredBlocks {
  /// Whether each block is stored, per head; one head applies to all.
  let heads: [[[Bool]]]
  /// The side of a block in tokens.
  let size: Int
  /// Whether the attention is causal.
  let isCausal: Bool

  /// Reads the options of the part's definition.
  init(_ part: any PartModule) throws {
    guard let options = part.claims.definition?.options, let size = options["block_size"]?.int,
      let layout = options["layout"], let causal = options["causal"]?.bool
    else {
      throw KitError(
        "the definition of a block-sparse attention needs `layout`, `block_size` and `causal`")
    }
    let isPerHead = layout[0]?[0]?.array != nil
    heads = (isPerHead ? layout.array ?? [] : [layout]).map { head in
      (head.array ?? []).map { row in (row.array ?? []).map { $0.int == 1 } }
    }
    self.size = size
    isCausal = causal
  }

  /// The number of blocks along a side.
  var count: Int { heads[0].count }

  /// Whether a query of an item, heads innermost, sees a key.
  func allows(_ item: Int, _ query: Int, _ key: Int) -> Bool {
    heads[item % heads.count][query / size][key / size] && (!isCausal || key <= query)
  }

  /// The same pairs in blocks of one token.
  var refined: [[[Bool]]] {
    heads.map { head in
      (0..<count * size).map { i in (0..<count * size).map { head[i / size][$0 / size] } }
    }
  }
}

extension Setting {
  /// The part with another layout, per head or for all of them.
  func part(blocks heads: [[[Bool]]], size: Int) throws -> any PartModule {
    let rows = heads.map { head in
      JSON.array(head.map { row in .array(row.map { .integer($0 ? 1 : 0) }) })
    }
    return try part(
      defining: OptionChange("layout", rows.count == 1 ? rows[0] : .array(rows)),
      OptionChange("block_size", size))
  }
}
