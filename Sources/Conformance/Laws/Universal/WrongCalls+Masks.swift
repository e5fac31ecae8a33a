internal import Parts
internal import Torch

extension WrongCalls {
  /// Masks that the part does not take, or not so.
  var masks: [WrongCall] {
    get throws {
      let (queries, keys) = (call.lengths["S"] ?? 1, call.lengths["T"] ?? call.lengths["S"] ?? 1)
      var found: [WrongCall] = []
      for kind in MaskKind.allCases where !claims.masks.contains(kind) {
        let (name, shape) = valid(kind, queries, keys)
        found.append(try given(name, "unclaimed \(kind.rawValue)", shape, kind))
      }
      for kind in MaskKind.allCases where claims.masks.contains(kind) {
        let (name, _) = valid(kind, queries, keys)
        for shape in wrongShapes(kind, queries, keys) {
          found.append(try given(name, "\(kind.rawValue) \(shape)", shape, kind))
        }
      }
      return try found + wrongTypes(queries, keys) + wrongPadding(keys)
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

  /// Items that no mask may have: neither the batch nor, where heads are folded in, all rows.
  private var wrongItems: [Int] {
    let folded = batch * heads
    guard claims.heads == .folded else {
      let fitting = Set([claims.batchBroadcast ? 1 : batch, batch, folded])
      return Set([1, batch + 1, folded + 1, heads]).subtracting(fitting).sorted()
    }
    return [folded + 1, 2 * folded]
  }

  private func wrongShapes(_ kind: MaskKind, _ queries: Int, _ keys: Int) -> [[Int]] {
    let pairs = [
      [queries + 1, keys], [queries, keys + 1], [1, keys], [queries, 1], [keys, queries],
    ]
    .filter { $0 != [queries, keys] }
    switch kind {
    case .boolean2D: return pairs + [[0, keys]]
    case .additive:
      return pairs + [[keys], []] + pairs.map { [batch] + $0 }
        + wrongItems.map { [$0, queries, keys] }
    case .boolean3D:
      return pairs.map { [batch] + $0 } + wrongItems.map { [$0, queries, keys] }
        + [
          [0, queries, keys], [batch + 1, heads, queries, keys], [batch, heads + 1, queries, keys],
          [1, batch, heads, queries, keys],
        ]
    case .keyPadding:
      let lengths = Set([keys + 1, keys - 1, 1]).subtracting([keys, 0]).sorted()
      return lengths.map { [batch, $0] } + wrongItems.map { [$0, keys] }
        + [[keys], [batch, queries, keys, 1], [0, keys]]
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
      for type in DType.allCases where type != .bool && !type.isFloating {
        found.append(
          mask(
            "key_padding_mask", "key_padding_mask of \(type)",
            try Tensor.zeros([batch, keys], type)
          ))
      }
    }
    return found
  }

  /// Additive key padding that holds more than 0 and −∞.
  private func wrongPadding(_ keys: Int) throws -> [WrongCall] {
    guard claims.masks.contains(.keyPadding) else { return [] }
    return try [1, 0.5, -1, -1e4, .infinity, .nan].map { value in
      var values = [Double](repeating: 0, count: batch * keys)
      values[values.count - 1] = value
      return mask(
        "key_padding_mask", "key_padding_mask with \(value)",
        try Tensor(values, shape: [batch, keys], dtype: dtype))
    }
  }
}
