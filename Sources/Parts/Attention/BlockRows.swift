internal import Torch

/// For each block of queries the blocks of keys it sees, and softmax attention over these alone.
struct BlockRows: Sendable {
  /// Rows that see equally many blocks, and the blocks that each row sees, row after row.
  private struct Group: Sendable {
    let rows: [Int]
    let columns: [Int]
    /// The allowed pairs, Bool `[rows, b, m·b]`; nil allows all.
    let allowed: Tensor?
  }

  private let groups: [Group]
  /// The place of each row among the rows of all groups.
  private let places: [Int]
  /// The side of a block, b, in tokens.
  private let size: Int
  /// The number of blocks that are computed.
  let count: Int

  /// Groups the rows.
  ///
  /// - `seen`: the columns that each row sees; rows and columns count through all heads.
  /// - `size`: the side of a block, in tokens.
  /// - `causalLength`: the number of rows of a head, if later tokens are hidden inside diagonal blocks.
  init(_ seen: [[Int]], size: Int, causalLength: Int? = nil) throws {
    self.size = size
    count = seen.reduce(0) { $0 + $1.count }
    let byCount = Dictionary(grouping: seen.indices) { seen[$0].count }
    var (groups, places, place) = ([Group](), [Int](repeating: 0, count: seen.count), 0)
    for (count, rows) in byCount.sorted(by: { $0.key < $1.key }) {
      let columns = rows.flatMap { seen[$0] }
      var allowed: Tensor?
      if let causalLength {
        let heads = (rows.map { $0 % causalLength }, columns.map { $0 % causalLength })
        allowed = try Self.past(heads.0, heads.1, count, size)
      }
      groups.append(Group(rows: rows, columns: columns, allowed: allowed))
      for row in rows {
        places[row] = place
        place += 1
      }
    }
    self.groups = groups
    self.places = places
  }

  /// The attention: `[B, R·b, D]`, `[B, R·b, D]`, `[B, R·b, V]` → `[B, R·b, V]` for R rows of blocks.
  func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ dropout: Dropout?) throws
    -> Tensor
  {
    func blocks(_ tokens: Tensor) throws -> Tensor {
      try tokens.reshaped([tokens.size(0), places.count, size, tokens.size(2)])
    }
    let (queries, keys, values) = (try blocks(query), try blocks(key), try blocks(value))
    let outputs = try groups.map { group -> Tensor in
      func gathered(_ tokens: Tensor) throws -> Tensor {
        let length = group.columns.count / group.rows.count * size
        return try tokens.picked(1, group.columns)
          .reshaped([tokens.size(0), group.rows.count, length, tokens.size(3)])
      }
      return try softmaxAttention(
        queries.picked(1, group.rows), gathered(keys), gathered(values),
        mask: LogitMask(allowed: group.allowed), dropout: dropout)
    }
    return try Tensor.cat(outputs, 1).picked(1, places)
      .reshaped([query.size(0), query.size(1), value.size(2)])
  }

  /// The keys that are not after their query, Bool `[rows, b, count·b]`.
  private static func past(_ rows: [Int], _ columns: [Int], _ count: Int, _ size: Int) throws
    -> Tensor
  {
    let within = try Tensor.range(size)
    let queries = try Tensor(rows.map { $0 * size }, shape: [rows.count, 1]) + within
    let keys = try Tensor(columns.map { $0 * size }, shape: [rows.count, count, 1]) + within
    return try keys.reshaped([rows.count, 1, count * size]) .<= queries.unsqueezed(-1)
  }
}
