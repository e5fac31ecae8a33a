internal import Torch

/// For each block of queries the blocks of keys that it sees, and softmax attention over them alone.
struct BlockRows: Sendable {
  /// Rows that see equally many blocks: their places, and the blocks of each after the other.
  private struct Group: Sendable {
    let rows: [Int]
    let columns: [Int]
    /// Which pairs are allowed, Bool `[rows, b, m·b]`; nil is all.
    let allowed: Tensor?
  }

  private let groups: [Group]
  /// Where each row is among the rows of all groups.
  private let places: [Int]
  /// The tokens along the side of a block, b.
  private let size: Int
  /// The number of blocks that are seen.
  let count: Int

  /// Groups rows.
  ///
  /// - `seen`: the columns that each row sees; rows and columns count through all heads.
  /// - `size`: the tokens along the side of a block.
  /// - `causalLength`: the blocks of a head, to hide later tokens inside blocks on the diagonal.
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

  /// Which keys are not after their query, Bool `[rows, b, count·b]`.
  private static func past(_ rows: [Int], _ columns: [Int], _ count: Int, _ size: Int) throws
    -> Tensor
  {
    let within = try Tensor.range(size)
    let queries = try Tensor(rows.map { $0 * size }, shape: [rows.count, 1]) + within
    let keys = try Tensor(columns.map { $0 * size }, shape: [rows.count, count, 1]) + within
    return try keys.reshaped([rows.count, 1, count * size]) .<= queries.unsqueezed(-1)
  }

  /// Attends: `[B, R·b, D]`, `[B, R·b, D]`, `[B, R·b, V]` → `[B, R·b, V]` for R rows of blocks.
  func attended(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ dropout: Dropout?) throws
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
}
