public import Torch

/// A part that mixes tokens.
public protocol Attention: Part {
  /// Attends.
  ///
  /// Shapes, with heads folded into the batch (N = B·H, the items of a batch outermost): query
  /// `[N, S, D]`, key `[N, T, D]`, value `[N, T, V]` → `[N, S, V]`. With explicit heads the first
  /// axis is two, `[B, H, …]`; a part that owns its heads takes `[B, S, E]`.
  ///
  /// - Throws: `PartError` for tensors that do not fit and for masks the part cannot honour.
  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
}

extension Attention {
  /// Attends without masks.
  public func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    try callAsFunction(query, key, value, masks: .none)
  }

  /// Query, key and value, in the letters of the claims.
  public var signature: Signature {
    let claims = self.claims
    let keys: Signature.Axis = claims.crossLength ? "T" : "S"
    let values: Signature.Axis = claims.valueWidth == .free ? "V" : "D"
    let front: [Signature.Axis] =
      switch claims.heads {
      case .folded: ["N"]
      case .explicit: ["B", "H"]
      case .owned: ["B"]
      }
    return Signature(
      [
        .init("q", front + ["S", "D"]), .init("k", front + [keys, "D"]),
        .init("v", front + [keys, values]),
      ], output: front + ["S", values])
  }

  /// Attends to the tensors `q`, `k` and `v`.
  public func run(_ inputs: [String: Tensor]) throws -> Tensor {
    let named = try NamedInputs(inputs, signature, masks: true)
    return try callAsFunction(
      named.required("q"), named.required("k"), named.required("v"), masks: named.masks)
  }

  /// Throws unless query, key and value have shapes, types and places that fit the claims.
  ///
  /// - Returns: the lengths of the call.
  @discardableResult
  public func checkInputs(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws(PartError)
    -> AttentionLengths
  {
    try AttentionLengths(query, key, value, claims: claims)
  }
}

/// The lengths of a call of an attention, checked.
public struct AttentionLengths: Sendable, Equatable {
  /// The length of each leading axis: `[N]`, or `[B, H]` for explicit heads.
  public let front: [Int]
  /// The number of queries, S.
  public let queries: Int
  /// The number of keys, T.
  public let keys: Int
  /// The width of queries and keys, D.
  public let width: Int
  /// The width of values, V.
  public let valueWidth: Int

  /// The batch with heads folded in, N.
  public var folded: Int { front.reduce(1, *) }

  init(_ query: Tensor, _ key: Tensor, _ value: Tensor, claims: Claims) throws(PartError) {
    let heads = claims.heads == .explicit
    let front = heads ? "B, H" : claims.heads == .owned ? "B" : "N"
    let rank = heads ? 4 : 3
    let tensors = [("q", query, "S, D"), ("k", key, "T, D"), ("v", value, "T, V")]
    for (name, tensor, tail) in tensors where tensor.rank != rank {
      throw PartError(
        .shape(tensor: name, expected: "rank \(rank) [\(front), \(tail)]", got: tensor.shape))
    }
    for (name, tensor, _) in tensors {
      guard tensor.dtype.isFloating, claims.dtypes.contains(tensor.dtype) else {
        let known = DType.floating.filter(claims.dtypes.contains).map(\.rawValue)
        throw PartError(
          .dtype(
            tensor: name, expected: "one of \(known.joined(separator: ", "))",
            got: tensor.dtype.rawValue))
      }
      guard tensor.dtype == query.dtype else {
        throw PartError(
          .dtype(
            tensor: name, expected: "\(query.dtype) as the query", got: tensor.dtype.rawValue))
      }
      guard tensor.isOnCPU == query.isOnCPU else {
        throw PartError(
          .device(
            tensor: name, expected: "the query's device", got: tensor.isOnCPU ? "cpu" : "another"))
      }
    }
    let (q, k, v) = (query.shape, key.shape, value.shape)
    let lead = rank - 2
    for (name, shape) in [("k", k), ("v", v)] where shape.prefix(lead) != q.prefix(lead) {
      throw PartError(
        .shape(
          tensor: name, expected: "the query's \(front) = \(Array(q.prefix(lead)))", got: shape))
    }
    guard k[rank - 1] == q[rank - 1] else {
      throw PartError(
        .shape(tensor: "k", expected: "the query's width D = \(q[rank - 1])", got: k))
    }
    guard v[lead] == k[lead] else {
      throw PartError(.shape(tensor: "v", expected: "the keys' length T = \(k[lead])", got: v))
    }
    guard claims.valueWidth == .free || v[rank - 1] == q[rank - 1] else {
      throw PartError(
        .shape(tensor: "v", expected: "the query's width D = \(q[rank - 1])", got: v))
    }
    for (name, shape) in [("q", q), ("k", k), ("v", v)] {
      if let axis = shape.firstIndex(of: 0) {
        throw PartError(
          .shape(tensor: name, expected: "at least 1 along axis \(axis)", got: shape))
      }
    }
    guard claims.crossLength || k[lead] == q[lead] else {
      throw PartError(
        .shape(
          tensor: "k", expected: "the query's length S = \(q[lead]): S and T must be equal",
          got: k))
    }
    guard claims.causal != .always || k[lead] == q[lead] else {
      throw PartError(
        .shape(
          tensor: "k",
          expected: "the query's length S = \(q[lead]), since causal needs S and T to be equal",
          got: k))
    }
    guard claims.sequence.accepts(q[lead]) else {
      throw PartError(
        .shape(tensor: "q", expected: "a length S \(claims.sequence.text)", got: q))
    }
    guard claims.sequence.accepts(k[lead]) else {
      throw PartError(
        .shape(tensor: "k", expected: "a length T \(claims.sequence.text)", got: k))
    }
    self.front = Array(q.prefix(lead))
    queries = q[lead]
    keys = k[lead]
    width = q[rank - 1]
    valueWidth = v[rank - 1]
  }
}

extension SequenceClaim {
  /// The restriction in words.
  var text: String {
    switch self {
    case .any: "of at least 1"
    case .squared: "that is a square"
    case .multipleOf(let block): "that is a multiple of \(block)"
    case .exactly(let only): "of exactly \(only)"
    case .atMost(let longest): "of at most \(longest)"
    }
  }
}
