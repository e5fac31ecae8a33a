internal import JSON
internal import Parts
internal import Torch

/// The layout of a part that computes block-sparse attention, as its definition has it.
struct StoredBlocks {
  /// Whether blocks are stored, for each head; one head stands for all.
  let heads: [[[Bool]]]
  /// The tokens along the side of a block.
  let size: Int
  /// Whether it is causal.
  let isCausal: Bool

  /// Reads the options of the part's definition.
  init(_ part: any PartModule) throws {
    guard let options = part.claims.definition?.options, let size = options["block_size"]?.int,
      let layout = options["layout"], let causal = options["causal"]?.bool
    else {
      throw KitError(
        "the definition of a block-sparse attention has `layout`, `block_size` and `causal`")
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
  /// The part with other blocks, which each head or all of them have.
  func part(blocks heads: [[[Bool]]], size: Int) throws -> any PartModule {
    let rows = heads.map { head in
      JSON.array(head.map { row in .array(row.map { .integer($0 ? 1 : 0) }) })
    }
    return try part(
      defining: OptionChange("layout", rows.count == 1 ? rows[0] : .array(rows)),
      OptionChange("block_size", size))
  }
}
