internal import Parts
internal import Torch

/// Which keys each query of a call may see, given its masks and the part's claims.
///
/// Items are the leading axes of the queries, flattened. If a mask has more heads than the queries,
/// a key is visible if any head may see it. Without a claimed pattern it is only known which keys
/// masks and causality hide: laws that take the others for visible need `exactPattern`.
struct Visibility {
  /// The number of items.
  let items: Int
  /// The number of queries of an item.
  let queries: Int
  /// The number of keys of an item.
  let keys: Int
  private var pairs: [Bool]

  /// Combines masks, causality and the pattern.
  ///
  /// - `part`: runs the call if its pattern has yet to be drawn.
  init(_ call: AttentionCall, _ claims: Claims, _ part: any PartModule) throws {
    try self.init(call)
    if claims.causal == .always { restrict { $1 <= $0 } }
    switch claims.pattern {
    case .full, nil: break
    case .band(let past, let future):
      restrict { $0 - $1 <= past ?? .max && $1 - $0 <= future ?? .max }
    case .tokens(let tokens, let andItself):
      restrict { tokens.contains($0) || tokens.contains($1) || andItself && $0 == $1 }
    case .blocks(let size, let stored):
      restrict { stored[$0 % stored.count][$1 / size][$2 / size] }
    case .pairs(let rule): restrict(rule.allows)
    case .drawn(let name):
      let pattern = try drawnPattern(name, part, call)
      let keys = self.keys
      restrict { pattern[$0 * keys + $1] }
    }
  }

  /// The pattern that a part reports for a call.
  private func drawnPattern(
    _ name: String, _ part: any PartModule, _ call: AttentionCall
  ) throws -> [Bool] {
    if part.drawn[name]?.shape != [queries, keys] {
      _ = try withoutGrad { try part.run(call.tensors) }
    }
    guard let pattern = part.drawn[name], pattern.shape == [queries, keys] else {
      throw KitError("the part reports no draw `\(name)` of shape [\(queries), \(keys)]")
    }
    return try pattern.booleans()
  }

  /// Uses masks only.
  init(_ call: AttentionCall) throws {
    let query = try call.query
    items = query.shape.dropLast(2).reduce(1, *)
    queries = query.size(-2)
    keys = try call.keys
    pairs = Array(repeating: true, count: items * queries * keys)
    if let mask = call.mask {
      let values =
        mask.dtype == .bool ? try mask.booleans() : try mask.doubles().map { $0 > -.infinity }
      hide(values, rows: queries)
    }
    if let padding = call.padding {
      let values =
        padding.dtype == .bool ? try padding.booleans() : try padding.doubles().map { $0 == 0 }
      hide(values, rows: 1)
    }
  }

  /// Whether query i of item n may see key j.
  subscript(n: Int, i: Int, j: Int) -> Bool { pairs[(n * queries + i) * keys + j] }

  /// The keys that query i of item n may see.
  func visible(_ n: Int, _ i: Int) -> [Int] { (0..<keys).filter { self[n, i, $0] } }

  /// Whether some query sees no key.
  var hasEmptyRow: Bool {
    (0..<items).contains { n in (0..<queries).contains { visible(n, $0).isEmpty } }
  }

  /// Whether no query sees any key.
  var isEmpty: Bool { !pairs.contains(true) }

  /// Whether some query does not see all keys.
  var hidesSomething: Bool { pairs.contains(false) }

  /// Bool `[items, S, T]`.
  var tensor: Tensor {
    get throws { try Tensor(pairs, shape: [items, queries, keys]) }
  }

  /// Hides the pairs that a relation of query and key does not allow.
  mutating func restrict(_ allows: (_ query: Int, _ key: Int) -> Bool) {
    restrict { allows($1, $2) }
  }

  /// Hides the pairs that a relation of item, query and key does not allow.
  mutating func restrict(_ allows: (_ item: Int, _ query: Int, _ key: Int) -> Bool) {
    for index in pairs.indices
    where pairs[index] && !allows(index / keys / queries, index / keys % queries, index % keys) {
      pairs[index] = false
    }
  }

  /// Applies a mask with one row per query or one row for all.
  private mutating func hide(_ mask: [Bool], rows: Int) {
    let maskItems = mask.count / (rows * keys)
    // An item's mask applies to all its heads; heads that the queries do not separate are united.
    let repeats = max(1, items / maskItems)
    let heads = max(1, maskItems / items)
    for index in pairs.indices where pairs[index] {
      let (n, i, j) = (index / keys / queries, index / keys % queries, index % keys)
      let first = n / repeats * heads
      pairs[index] = (first..<first + heads).contains { item in
        mask[(item % maskItems * rows + i % rows) * keys + j]
      }
    }
  }
}
