/// The masks in a call of an attention, by folded item n, query i and key j.
///
/// Where heads are folded into the batch, item n = b·H + h is head h of batch item b; where they are
/// an axis, `[B, H, S, D]`, n counts both axes in this order. A mask without heads applies to all
/// heads of its batch item.
public struct OracleMasks: Sendable {
  /// The number of folded items, N.
  public let items: Int
  /// The number of queries, S.
  public let queries: Int
  /// The number of keys, T.
  public let keys: Int
  private let masks: AttentionMasks

  /// The names under which ``OracleCall/inputs`` holds masks.
  public static let names = AttentionMasks.keys

  /// Reads and checks the masks of a call.
  init(_ call: OracleCall) throws {
    let inputs = try AttentionInputs(call)
    (items, queries, keys) = (inputs.items, inputs.queryLength, inputs.keyLength)
    masks = try AttentionMasks(call, inputs)
  }

  /// Whether no mask hides key j from query i of item n.
  public func allows(_ n: Int, _ i: Int, _ j: Int) -> Bool { masks.allows(n, i, j) }

  /// What is added to the logit of query i and key j of item n: 0 without an additive mask.
  public func bias(_ n: Int, _ i: Int, _ j: Int) -> Double { masks.bias(n, i, j) }

  /// Whether key j of item n is a real token and not padding.
  public func isReal(_ n: Int, _ j: Int) -> Bool { masks.isReal(n, j) }
}

extension OracleCall {
  /// The masks of a call whose inputs `q`, `k` and `v` are `[N, S, D]` or `[B, H, S, D]`.
  ///
  /// A part's `att_mask` is the input `boolean_mask`, where 1 = may attend, or `additive_mask`, which
  /// is added to the logits and where −∞ = may not attend: each `[S, T]`, `[B, S, T]` or
  /// `[B, H, S, T]`. Its `key_padding_mask` is `[B, T]` with 1 = real, in whichever form the part got
  /// it. All of them hold at once.
  ///
  /// - Throws: `OracleError` for a mask of another shape or with other values.
  public func masks() throws -> OracleMasks { try OracleMasks(self) }
}
