/// The masks of an attention, looked up by folded item n, query i and key j.
///
/// `boolean_mask` (1 = may attend) and `additive_mask` (added to the logits, −∞ = may not attend)
/// are `[S, T]`, `[B, S, T]` or `[B, H, S, T]`; `key_padding_mask` (1 = real) is `[B, T]`. A mask
/// without heads applies to the H = N / B heads of its batch item.
struct AttentionMasks {
  private let boolean: Values?
  private let additive: Values?
  private let padding: Values?
  private let items: Int

  /// The inputs that hold masks.
  static let keys = ["boolean_mask", "additive_mask", "key_padding_mask"]

  /// Reads and checks the masks that a call has.
  init(_ call: OracleCall, _ inputs: AttentionInputs) throws {
    items = inputs.items
    boolean = call.inputs["boolean_mask"]
    additive = call.inputs["additive_mask"]
    padding = call.inputs["key_padding_mask"]
    for key in ["boolean_mask", "additive_mask"] {
      guard let mask = call.inputs[key] else { continue }
      try call.require(
        mask.rank >= 2 && mask.rank <= 4
          && Array(mask.shape.suffix(2)) == [inputs.queryLength, inputs.keyLength],
        "input `\(key)`",
        "[S, T], [B, S, T] or [B, H, S, T] with S = \(inputs.queryLength), T = \(inputs.keyLength)",
        got: "\(mask.shape)")
      if mask.rank >= 3 { try Self.checkBatch(mask, key, call, inputs) }
    }
    if let padding {
      try call.require(
        padding.rank == 2 && padding.shape[1] == inputs.keyLength, "input `key_padding_mask`",
        "[B, T] with T = \(inputs.keyLength)", got: "\(padding.shape)")
      try Self.checkBatch(padding, "key_padding_mask", call, inputs)
    }
    for (key, mask) in [("boolean_mask", boolean), ("key_padding_mask", padding)] {
      guard let wrong = mask?.values.first(where: { $0 != 0 && $0 != 1 }) else { continue }
      throw OracleError(
        oracle: call.oracle, "input `\(key)`", expected: "only 0 and 1", got: "\(wrong)")
    }
    if let wrong = additive?.values.first(where: { $0.isNaN || $0 == .infinity }) {
      throw OracleError(
        oracle: call.oracle, "input `additive_mask`", expected: "finite numbers or -inf",
        got: "\(wrong)")
    }
  }

  private static func checkBatch(
    _ mask: Values, _ key: String, _ call: OracleCall, _ inputs: AttentionInputs
  ) throws {
    let batch = mask.shape[0]
    let fits: Bool
    if mask.rank == 4 {
      fits = batch * mask.shape[1] == inputs.items && (inputs.batch ?? batch) == batch
    } else if let expected = inputs.batch {
      fits = batch == expected
    } else {
      fits = batch > 0 && inputs.items % batch == 0
    }
    try call.require(
      fits, "input `\(key)`",
      inputs.batch.map { "a batch of \($0)" }
        ?? "a batch, times heads if it has them, of \(inputs.items) items",
      got: "\(mask.shape)")
  }

  /// Whether query i of item n may see key j.
  func allows(_ n: Int, _ i: Int, _ j: Int) -> Bool {
    if let boolean, Self.entry(boolean, n, i, j, items) == 0 { return false }
    if let additive, Self.entry(additive, n, i, j, items) == -.infinity { return false }
    return isReal(n, j)
  }

  /// The number added to the logit of query i and key j of item n.
  func bias(_ n: Int, _ i: Int, _ j: Int) -> Double {
    guard let additive else { return 0 }
    return Self.entry(additive, n, i, j, items)
  }

  /// Whether key j of item n is a real token.
  func isReal(_ n: Int, _ j: Int) -> Bool {
    guard let padding else { return true }
    let heads = items / padding.shape[0]
    return padding[n / heads, j] == 1
  }

  private static func entry(_ mask: Values, _ n: Int, _ i: Int, _ j: Int, _ items: Int) -> Double {
    switch mask.rank {
    case 2: return mask[i, j]
    case 3: return mask[n / (items / mask.shape[0]), i, j]
    default: return mask[n / mask.shape[1], n % mask.shape[1], i, j]
    }
  }
}
