internal import Parts
internal import Torch

extension WrongCalls {
  /// Masks that the part does not take in this form.
  var masks: [WrongCall] {
    get throws {
      let (queries, keys) = (call.lengths["S"] ?? 1, call.lengths["T"] ?? call.lengths["S"] ?? 1)
      var found: [WrongCall] = []
      for kind in MaskKind.allCases where !claims.masks.contains(kind) {
        let (name, shape) = valid(kind, queries, keys)
        found.append(
          try given(name, "unclaimed \(kind.rawValue), which `masks.check` refuses", shape, kind))
      }
      for kind in MaskKind.allCases where claims.masks.contains(kind) {
        let (name, _) = valid(kind, queries, keys)
        for shape in wrongShapes(kind, queries, keys) {
          found.append(try given(name, "\(kind.rawValue) \(shape)", shape, kind))
        }
      }
      return try found + wrongTypes(queries, keys) + wrongPadding(queries, keys)
    }
  }

  private func valid(_ kind: MaskKind, _ queries: Int, _ keys: Int) -> (String, [Int]) {
    switch kind {
    case .boolean2D, .additive: ("att_mask", [queries, keys])
    case .boolean3D: ("att_mask", [batch, queries, keys])
    case .keyPadding: ("key_padding_mask", [batch, keys])
    }
  }

  private func given(_ name: String, _ label: String, _ shape: [Int], _ kind: MaskKind) throws
    -> WrongCall
  {
    let type = kind == .additive ? dtype : DType.bool
    return mask(name, label, try Tensor.zeros(shape, type))
  }

  private func mask(_ name: String, _ label: String, _ tensor: Tensor) -> WrongCall {
    var changed = inputs
    changed[name] = tensor
    return WrongCall(label: label, inputs: changed, mistake: .mask, blamed: [name])
  }

  /// Item counts no mask may have: neither the batch size nor, with a row for each head, the number
  /// of rows.
  private func wrongItems(perHead: Bool) -> [Int] {
    let folded = batch * heads
    let near = [batch - 1, batch + 1, folded - 1, folded + 1, 2 * folded]
    let divisors = (1...max(folded, 1)).filter { folded % $0 == 0 }
    return Set(near + divisors).filter { count in
      // Where heads are folded, the part does not know how many of its rows are one item's.
      guard claims.heads != .folded else { return count > 0 && folded % count != 0 }
      let isShared = claims.batchBroadcast && count == 1
      return count > 0 && count != batch && !isShared && (!perHead || count != folded)
    }.sorted()
  }

  /// Items and heads of a mask that has as many rows as the call, but not its items and heads.
  private var wrongFronts: [[Int]] {
    guard claims.heads != .folded else { return [] }
    let folded = batch * heads
    return Set([[heads, batch], [folded, 1], [1, folded]]).filter { front in
      front != [batch, heads] && !(claims.batchBroadcast && front == [1, heads])
    }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private func wrongShapes(_ kind: MaskKind, _ queries: Int, _ keys: Int) -> [[Int]] {
    let pairs = [
      [queries + 1, keys], [queries, keys + 1], [1, keys], [queries, 1], [keys, queries],
    ]
    .filter { $0 != [queries, keys] }
    let batched =
      pairs.map { [batch] + $0 } + pairs.map { [batch, heads] + $0 }
      + wrongItems(perHead: true).map { [$0, queries, keys] }
      + [
        [0, queries, keys], [batch + 1, heads, queries, keys], [batch, heads + 1, queries, keys],
        [1, batch, heads, queries, keys],
      ] + wrongFronts.map { $0 + [queries, keys] }
    switch kind {
    case .boolean2D: return pairs + [[0, keys]]
    case .additive: return pairs + [[keys], []] + batched
    case .boolean3D: return batched
    case .keyPadding:
      let lengths = Set([keys + 1, keys - 1, 1]).subtracting([keys, 0]).sorted()
      return lengths.map { [batch, $0] } + wrongItems(perHead: false).map { [$0, keys] }
        // Only the additive form may have an axis of queries, and no more than one.
        + [[keys], [batch, 1, keys], [batch, queries, keys, 1], [0, keys]]
    }
  }

  private func wrongTypes(_ queries: Int, _ keys: Int) throws -> [WrongCall] {
    var found: [WrongCall] = []
    if !claims.masks.isDisjoint(with: [.boolean2D, .boolean3D, .additive]) {
      for type in DType.allCases where type != .bool && type != dtype {
        found.append(
          mask("att_mask", "att_mask of \(type)", try Tensor.zeros([queries, keys], type)))
      }
    }
    if claims.masks.contains(.keyPadding) {
      for type in DType.allCases where type != .bool && type != dtype {
        found.append(
          mask(
            "key_padding_mask", "key_padding_mask of \(type)",
            try Tensor.zeros([batch, keys], type)
          ))
      }
    }
    return found
  }

  /// Additive key padding with values other than 0 and −∞, or of a wrong shape.
  private func wrongPadding(_ queries: Int, _ keys: Int) throws -> [WrongCall] {
    guard claims.masks.contains(.keyPadding) else { return [] }
    let values = try [1, 0.5, -1, -1e4, .infinity, .nan].map { value in
      var values = [Double](repeating: 0, count: batch * keys)
      values[values.count - 1] = value
      return mask(
        "key_padding_mask", "key_padding_mask with \(value)",
        try Tensor(values, shape: [batch, keys], dtype: dtype))
    }
    let shapes =
      [keys + 1, 1].filter { $0 != keys }.map { [batch, 1, $0] } + [[batch, queries + 1, keys]]
      + wrongItems(perHead: true).map { [$0, 1, keys] }
    return try values
      + shapes.map { shape in
        mask("key_padding_mask", "additive keyPadding \(shape)", try Tensor.zeros(shape, dtype))
      }
  }
}
