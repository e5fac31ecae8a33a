internal import Torch

/// A bias for near keys that nobody asked for.
func distanceBias(_ logits: Tensor) throws -> Tensor {
  let queries = try Tensor.range(logits.size(-2), logits.dtype).unsqueezed(-1)
  let keys = try Tensor.range(logits.size(-1), logits.dtype)
  return try (queries - keys).abs() * -0.01
}

extension LogitMask {
  /// Two masks as planes of the lowest finite number, which overflow where both hide.
  static func summedPlanes(_ masks: [LogitMask], dtype: DType) throws -> LogitMask {
    var bias: Tensor?
    for mask in masks {
      var plane = mask.bias
      if let allowed = mask.allowed {
        let lowest = -dtype.greatestFiniteMagnitude
        let hidden = try Tensor.zeros([1], dtype).filled(0, where: .!allowed)
        let own = try plane?.filled(0, where: .!allowed) ?? hidden
        plane = try own.filled(lowest, where: .!allowed)
      }
      if let plane { bias = try bias.map { try $0 + plane } ?? plane }
    }
    return LogitMask(bias: bias)
  }
}
