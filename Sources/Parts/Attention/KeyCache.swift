internal import Torch

/// The keys and values that later queries can see, each row in the order of its tokens, from the first
/// slot on.
final class KeyCache: TokenCache {
  /// How far before a query a key may be; nil for any distance.
  let past: Int?
  /// How many first keys later queries see besides.
  let first: Int
  private var slots: Slots?

  init(batch: Int, past: Int?, first: Int) {
    (self.past, self.first) = (past, first)
    super.init(batch: batch)
  }

  /// Keys `[B·G, L, D]`, values `[B·G, L, V]` and positions Int `[B, L]`, −1 where a row has fewer.
  struct Slots {
    var keys: Tensor
    var values: Tensor
    var positions: Tensor
    /// The number of slots of each row in use.
    var used: [Int]
    fileprivate let cache: KeyCache

    /// The places of each tensor that are listed for each row, nil for none.
    fileprivate func picked(_ places: [[Int]]) throws -> Slots {
      let length = places.map(\.count).max() ?? 0
      var picked = self
      picked.used = places.map(\.count)
      if Set(places).count == 1, let range = Self.range(places[0]) {
        picked.keys = try keys.slice(1, range)
        picked.values = try values.slice(1, range)
        picked.positions = try positions.slice(1, range)
        return picked
      }
      func filled(_ row: [Int]) -> [Int] { row + Array(repeating: 0, count: length - row.count) }
      let indices = try Tensor(places.flatMap(filled), shape: [places.count, length])
      func gathered(_ x: Tensor) throws -> Tensor {
        let (rows, before) = (x.size(0), x.size(1))
        let starts = try Tensor((0..<rows).map { $0 * before }, shape: [rows, 1])
        // As rows of one table, which is much faster than number by number.
        return try x.reshaped([rows * before, -1]).embedding(
          indices.repeatInterleaved(rows / places.count, 0) + starts)
      }
      picked.keys = try gathered(keys)
      picked.values = try gathered(values)
      let isUsed = try TokenChunk(length: length, counts: picked.used).real
      picked.positions = try positions.gathered(1, indices).filled(-1, where: .!isUsed)
      return picked
    }

    /// The range that a list of places is, if it is one.
    private static func range(_ places: [Int]) -> Range<Int>? {
      guard let first = places.first else { return 0..<0 }
      let range = first..<first + places.count
      return places.elementsEqual(range) ? range : nil
    }

    /// Which keys the queries of a chunk see that follow so many tokens, Bool `[B, S, L]`; nil for all.
    func visible(from counts: [Int], _ chunk: TokenChunk) throws -> Tensor? {
      // One more token of rows that are equally long sees all that is kept.
      if chunk.length == 1, chunk.isFull, Set(used).count == 1 { return nil }
      let queries = try Tensor(
        counts.flatMap { count in (0..<chunk.length).map { count + $0 } },
        shape: [counts.count, chunk.length, 1])
      let keys = try positions.unsqueezed(1)
      var pairs = try (keys .<= queries) .& (.!(keys .< 0))
      if let past = cache.past {
        let isNear = try .!(keys .< (queries - Double(past)))
        try pairs = pairs .& (cache.first > 0 ? isNear .| (keys .< Double(cache.first)) : isNear)
      }
      return pairs
    }
  }

  /// What the queries of a chunk may see, its real tokens included.
  func adding(_ key: Tensor, _ value: Tensor, _ chunk: TokenChunk) throws -> Slots {
    let positions = try Tensor(
      counts.flatMap { count in (0..<chunk.length).map { count + $0 } },
      shape: [batch, chunk.length])
    let before = slots?.positions.size(1) ?? 0
    var all = Slots(
      keys: key, values: value, positions: positions, used: chunk.counts, cache: self)
    if let slots {
      all.keys = try Tensor.cat([slots.keys, key], 1)
      all.values = try Tensor.cat([slots.values, value], 1)
      all.positions = try Tensor.cat([slots.positions, positions], 1)
      all.used = zip(slots.used, chunk.counts).map { $0 + $1 }
      if chunk.isFull, slots.used.allSatisfy({ $0 == before }) { return all }
    } else if chunk.isFull {
      return all
    }
    let used = slots?.used ?? counts
    return try all.picked(
      zip(used, chunk.counts).map { Array(0..<$0) + Array(before..<before + $1) })
  }

  /// Keeps what later queries can see.
  func keep(_ next: Slots, _ chunk: TokenChunk) throws {
    slots = next
    if let past, next.used.contains(where: { $0 > first + past }) {
      slots = try next.picked(
        next.used.map { used in
          Array(0..<min(first, used)) + Array(max(min(first, used), used - past)..<used)
        })
    }
    advance(by: chunk)
  }
}
