internal import JSON
internal import Torch

extension NaiveForm {
  /// Softmax attention over the pairs in stored blocks.
  static let blocksparse = NaiveForm("blocksparse") { call in
    var attention = try NaiveAttention(call)
    let layout = try stored(call.options["layout"] ?? [])
    let size = call.integer("block_size", default: 16)
    let (items, length) = (attention.query.size(0), attention.query.size(1))
    let pairs = (0..<items).flatMap { item in
      (0..<length).flatMap { query in
        (0..<length).map { layout[item % layout.count][query / size][$0 / size] }
      }
    }
    try attention.restrict(Tensor(pairs, shape: [items, length, length]))
    if call.bool("causal", default: false) { try attention.restrict { $1 <= $0 } }
    return try attention.attended()
  }

  /// The blocks of a layout `[n, n]` or `[H, n, n]`, for each head.
  private static func stored(_ layout: JSON) throws -> [[[Bool]]] {
    func depth(_ json: JSON) -> Int { json.array.map { 1 + ($0.first.map(depth) ?? 0) } ?? 0 }
    let heads = depth(layout) == 2 ? [layout] : layout.array ?? []
    guard !heads.isEmpty else { throw KitError("the naive form needs the option `layout`") }
    return heads.map { head in
      (head.array ?? []).map { row in (row.array ?? []).map { $0.int == 1 } }
    }
  }
}
