/// The query, key and value of an attention with the heads folded into the batch.
///
/// Row-major `[B, H, S, D]` and batch-major `[N, S, D]`, n = b·H + h, hold the same numbers in the
/// same order, so that folding only changes the shape.
struct AttentionInputs {
  /// The queries, `[N, S, D]`.
  let q: Values
  /// The keys, `[N, T, D]`.
  let k: Values
  /// The values, `[N, T, Dv]`.
  let v: Values
  /// B, if heads are a separate axis.
  let batch: Int?
  /// The shape of the output, `[N, S, Dv]` or `[B, H, S, Dv]` like that of the query.
  let outputShape: [Int]

  /// The number of folded batch items, N.
  var items: Int { q.shape[0] }
  /// The query length, S.
  var queryLength: Int { q.shape[1] }
  /// The key length, T.
  var keyLength: Int { k.shape[1] }
  /// The width of queries and keys, D.
  var width: Int { q.shape[2] }
  /// The width of values, Dv.
  var valueWidth: Int { v.shape[2] }

  /// The options of every attention that have no effect in evaluation.
  static let inertOptions = [
    "name", "dropout", "num_heads", "dim_model", "dim_head", "dim_features", "seq_len",
  ]

  /// Reads and checks `q`, `k` and `v`.
  init(_ call: OracleCall) throws {
    let query = try call.input("q")
    let key = try call.input("k")
    let value = try call.input("v")
    try call.require(
      query.rank == 3 || query.rank == 4, "input `q`", "[N, S, D] or [B, H, S, D]",
      got: "\(query.shape)")
    let leading = Array(query.shape.dropLast(2))
    let width = query.shape[query.rank - 1]
    try call.require(
      key.rank == query.rank && Array(key.shape.dropLast(2)) == leading && key.shape.last == width,
      "input `k`", "shape \(leading + [-1, width]) with any length for -1", got: "\(key.shape)")
    let length = key.shape[key.rank - 2]
    try call.require(
      value.rank == query.rank && Array(value.shape.dropLast()) == leading + [length],
      "input `v`", "shape \(leading + [length, -1]) with any width for -1", got: "\(value.shape)")
    let items = leading.reduce(1, *)
    q = query.reshaped([items, query.shape[query.rank - 2], width])
    k = key.reshaped([items, length, width])
    v = value.reshaped([items, length, value.shape[value.rank - 1]])
    batch = query.rank == 4 ? leading[0] : nil
    outputShape = Array(query.shape.dropLast()) + [value.shape[value.rank - 1]]
  }

  /// Throws unless there are as many keys as queries.
  func requireSquare(_ call: OracleCall, _ subject: String) throws {
    try call.require(
      queryLength == keyLength, subject, "as many keys as queries",
      got: "\(queryLength) queries and \(keyLength) keys")
  }
}
