public import Torch

/// The tensors of an attention with heads folded, and its masks in a common form, for a ``NaiveForm``.
public struct NaiveAttention {
  /// The queries, `[N, S, D]`.
  public let query: Tensor
  /// The keys, `[N, T, D]`.
  public let key: Tensor
  /// The values, `[N, T, V]`.
  public let value: Tensor
  /// The allowed pairs, Bool, broadcastable to `[N, S, T]`; nil allows all.
  public private(set) var allowed: Tensor?
  /// The bias added to the logits, 0 for a pair that is not allowed.
  public let bias: Tensor?
  /// The real keys, Bool `[N, T]`; nil if all are.
  public let real: Tensor?
  private let shape: [Int]
  private let call: NaiveCall

  /// Reads the tensors `q`, `k` and `v` of a call, and its masks.
  ///
  /// - Throws: `KitError` if one is missing.
  public init(_ call: NaiveCall) throws {
    self.call = call
    let given = try call.input("q")
    query = try given.folded()
    key = try call.input("k").folded()
    value = try call.input("v").folded()
    shape = Array(given.shape.dropLast()) + [value.size(-1)]
    let items = query.size(0)
    var (allowed, bias): (Tensor?, Tensor?) = (nil, nil)
    if let mask = call.inputs["att_mask"] {
      let wide =
        switch mask.rank {
        case 2: mask
        case 3: try mask.repeatInterleaved(items / mask.size(0), 0)
        default: try mask.reshaped([items, mask.size(-2), mask.size(-1)])
        }
      if mask.dtype == .bool {
        allowed = wide
      } else {
        let visible = try .!wide.equals(-.infinity)
        allowed = visible
        bias = try wide.filled(0, where: .!visible)
      }
    }
    var real: Tensor?
    if let padding = call.inputs["key_padding_mask"] {
      let flat = padding.rank == 3 ? try padding.squeezed(1) : padding
      let marks = flat.dtype == .bool ? flat : try flat.equals(0)
      real = try marks.marks(for: items)
    }
    self.real = real
    self.allowed = allowed
    self.bias = bias
    if let real { try restrict(real.unsqueezed(1)) }
  }

  /// Allows only pairs that another mask also allows.
  public mutating func restrict(_ other: Tensor) throws {
    allowed = try allowed.map { try $0 .& other } ?? other
  }

  /// Allows only keys from `past` tokens before a query to `future` after it.
  public mutating func restrict(past: Int, future: Int) throws {
    let (queries, keys) = (query.size(1), key.size(1))
    let band = (0..<queries * keys).map { pair in
      let distance = pair % keys - pair / keys
      return distance <= future && -distance <= past
    }
    try restrict(Tensor(band, shape: [queries, keys]))
  }

  /// Allows only the pairs of query and key that a relation allows.
  public mutating func restrict(_ allows: (_ query: Int, _ key: Int) -> Bool) throws {
    let (queries, keys) = (query.size(1), key.size(1))
    let pairs = (0..<queries * keys).map { allows($0 / keys, $0 % keys) }
    try restrict(Tensor(pairs, shape: [queries, keys]))
  }

  /// Softmax attention in the shape of the call.
  public func attended() throws -> Tensor {
    let weights = try Elementary.weights(query, key, allowed: allowed, bias: bias)
    return try shaped(call.dropping(weights, at: "weights").matmul(value))
  }

  /// An output `[N, S, V]` in the shape of the call.
  public func shaped(_ output: Tensor) throws -> Tensor { try output.reshaped(shape) }
}
