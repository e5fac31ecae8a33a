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

  /// Whether this part reproduces a value recorded from the original's dispatch around it; the inputs
  /// are those of the part.
  func dispatchReference(for inputs: [String: Tensor]) -> ReferenceClaim
}

/// An attention of folded heads to which a dispatch need not copy keys and values that heads share.
protocol SharedKeyAttention: Attention {
  /// Attends with keys and values `[N/R, T, ·]` of which R queries `[N, S, D]` side by side share each.
  func attend(_ query: Tensor, sharing key: Tensor, _ value: Tensor, masks: Masks) throws -> Tensor
}

extension Attention {
  /// The same as without a dispatch.
  public func dispatchReference(for inputs: [String: Tensor]) -> ReferenceClaim {
    reference(for: inputs)
  }

  /// Attends without masks.
  public func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    try callAsFunction(query, key, value, masks: .none)
  }

  /// Query, key and value, in the letters of the claims.
  public var signature: Signature {
    let claims = self.claims
    let keys: Signature.Axis = claims.crossLength ? "T" : "S"
    let width: Signature.Axis = claims.heads == .owned ? "E" : "D"
    let values: Signature.Axis = claims.valueWidth == .free ? "V" : width
    let front: [Signature.Axis] =
      switch claims.heads {
      case .folded: ["N"]
      case .explicit: ["B", "H"]
      case .owned: ["B"]
      }
    return Signature(
      [
        .init("q", front + ["S", width]), .init("k", front + [keys, width]),
        .init("v", front + [keys, values]),
      ], output: front + ["S", values])
  }

  /// Attends to the tensors `q`, `k` and `v`.
  public func call(_ inputs: [String: Tensor]) throws -> Tensor {
    let named = try NamedInputs(inputs, signature, masks: true)
    return try callAsFunction(
      named.required("q"), named.required("k"), named.required("v"), masks: named.masks)
  }

  /// Throws unless query, key and value have shapes and devices that fit the claims, and the type of
  /// the part's parameters.
  ///
  /// - `heads`: into how many heads a part that owns them will split `[B, S, E]`.
  /// - Returns: the lengths of the call.
  @discardableResult
  public func checkInputs(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, heads: Int? = nil
  ) throws(PartError) -> AttentionLengths {
    let lengths = try AttentionLengths(
      query, key, value, claims: claims, heads: heads, part: errorTitle)
    try checkState(query, "q")
    return lengths
  }
}

/// The lengths of a call of an attention, checked.
public struct AttentionLengths: Sendable, Equatable {
  /// The length of each leading axis: `[N]`, or `[B, H]` where heads are known.
  public let front: [Int]
  /// The number of queries, S.
  public let queries: Int
  /// The number of keys, T.
  public let keys: Int
  /// The width of queries and keys, D.
  public let width: Int
  /// The width of values, V.
  public let valueWidth: Int

  /// The type of the query; nil for masks alone.
  let dtype: DType?
  /// The name of the part in errors.
  let part: String

  /// The batch with heads folded in, N.
  public var folded: Int { front.reduce(1, *) }

  /// The lengths of masks alone; in front items and heads, or both folded.
  init(front: [Int], queries: Int, keys: Int, part: String) {
    self.front = front
    (self.queries, self.keys) = (queries, keys)
    (width, valueWidth) = (0, 0)
    dtype = nil
    self.part = part
  }

  /// - Parameters:
  ///   - heads: into how many heads tokens `[B, S, E]` will be split, if that is known.
  ///   - part: the name of the part in errors.
  init(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, claims: Claims, heads: Int? = nil,
    part: String
  ) throws(PartError) {
    do throws(PartError) {
      let rank = claims.heads == .explicit ? 4 : 3
      let lead = rank - 2
      let tensors = [("q", query), ("k", key), ("v", value)]
      try Self.checkElements(tensors, rank, claims)
      let front = try Self.front(tensors, lead, claims)
      let (q, k, v) = (query.shape, key.shape, value.shape)
      try Self.checkWidths(q, k, v, claims)
      try Self.checkLengths(q, k, v, lead, claims)
      self.front = front + (heads.map { [$0] } ?? [])
      queries = q[lead]
      keys = k[lead]
      width = q[rank - 1]
      valueWidth = v[rank - 1]
      dtype = query.dtype
      self.part = part
    } catch {
      throw error.naming(part)
    }
  }

  private static func letters(_ claims: Claims) -> String {
    switch claims.heads {
    case .folded: "N"
    case .explicit: "B, H"
    case .owned: "B"
    }
  }

  private static func widthLetter(_ claims: Claims) -> String {
    claims.heads == .owned ? "E" : "D"
  }

  private static func checkElements(
    _ tensors: [(name: String, tensor: Tensor)], _ rank: Int, _ claims: Claims
  ) throws(PartError) {
    let width = Self.widthLetter(claims)
    let tails = ["q": "S, \(width)", "k": "T, \(width)", "v": "T, V"]
    for (name, tensor) in tensors where tensor.rank != rank {
      let expected = "rank \(rank) [\(letters(claims)), \(tails[name] ?? "")]"
      throw PartError(.shape(tensor: name, expected: expected, got: tensor.shape))
    }
    let query = tensors[0].tensor
    for (name, tensor) in tensors {
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
            tensor: name, expected: "\(query.dtype), the type of the query",
            got: tensor.dtype.rawValue))
      }
      guard tensor.isOnCPU == query.isOnCPU else {
        throw PartError(
          .device(
            tensor: name, expected: "the query's device",
            got: tensor.isOnCPU ? "the CPU" : "another device"))
      }
      if let empty = PartError.Problem.empty(tensor, name) { throw PartError(empty) }
    }
  }

  /// The leading lengths; a batch of 1 fits any where that is claimed.
  private static func front(
    _ tensors: [(name: String, tensor: Tensor)], _ lead: Int, _ claims: Claims
  ) throws(PartError) -> [Int] {
    var front = Array(tensors[0].tensor.shape.prefix(lead))
    if claims.batchBroadcast {
      front[0] = tensors.map { $0.tensor.size(0) }.max() ?? front[0]
    }
    for (name, tensor) in tensors {
      var own = Array(tensor.shape.prefix(lead))
      if claims.batchBroadcast, own[0] == 1 { own[0] = front[0] }
      guard own == front else {
        let expected =
          claims.batchBroadcast
          ? "a batch of 1 or B = \(front[0])" : "the query's \(letters(claims)) = \(front)"
        throw PartError(.shape(tensor: name, expected: expected, got: tensor.shape))
      }
    }
    return front
  }

  private static func checkWidths(_ q: [Int], _ k: [Int], _ v: [Int], _ claims: Claims)
    throws(PartError)
  {
    let width = q[q.count - 1]
    let expected = "the query's width \(widthLetter(claims)) = \(width)"
    guard k.last == width else {
      throw PartError(.shape(tensor: "k", expected: expected, got: k))
    }
    guard claims.valueWidth == .free || v.last == width else {
      throw PartError(.shape(tensor: "v", expected: expected, got: v))
    }
  }

  private static func checkLengths(
    _ q: [Int], _ k: [Int], _ v: [Int], _ lead: Int, _ claims: Claims
  ) throws(PartError) {
    guard v[lead] == k[lead] else {
      throw PartError(.shape(tensor: "v", expected: "the keys' length T = \(k[lead])", got: v))
    }
    guard claims.crossLength || k[lead] == q[lead] else {
      let reason = claims.causal == .always ? ", since it is causal" : ""
      throw PartError(
        .shape(
          tensor: "k",
          expected: "the query's length S = \(q[lead]): S and T must be equal\(reason)", got: k))
    }
    for (name, letter, shape) in [("q", "S", q), ("k", "T", k)] {
      guard claims.sequence.accepts(shape[lead]) else {
        throw PartError(
          .shape(tensor: name, expected: "a length \(letter) \(claims.sequence.text)", got: shape))
      }
    }
  }
}

extension SequenceClaim {
  /// The restriction in words, as in errors.
  public var text: String {
    switch self {
    case .any: "of at least 1"
    case .squared: "that is a square"
    case .squaredFrom(let side): "that is the square of at least \(side)"
    case .multipleOf(let block): "that is a multiple of \(block)"
    case .exactly(let only): "of exactly \(only)"
    case .atMost(let longest): "of at most \(longest)"
    }
  }
}
