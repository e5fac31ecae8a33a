internal import Parts
internal import Torch

/// The pattern that a part reports after a call.
struct RandomPattern {
  /// The pattern, `[S, S]`, 1 = may attend.
  let tensor: Tensor
  /// The number of tokens, S.
  let length: Int
  private let pairs: [Bool]

  /// The name of the pattern among the draws of a part.
  ///
  /// - Throws: `KitError` if the part claims no drawn pattern.
  static func name(_ part: any PartModule) throws -> String {
    guard case .drawn(let name) = part.claims.pattern else {
      throw KitError("the part claims no drawn pattern")
    }
    return name
  }

  /// Reads the reported pattern.
  init(_ part: any PartModule) throws {
    tensor = try part.drawn.tensor(Self.name(part))
    length = tensor.size(0)
    pairs = try tensor.booleans()
  }

  /// Makes a part draw for a number of tokens and reads the reported pattern.
  ///
  /// An injected pattern only applies to lengths that it covers.
  init(_ part: any PartModule, drawnFor length: Int) throws {
    let tokens = try Tensor.zeros([1, length, 2], .float64)
    _ = try part.run(
      Dictionary(uniqueKeysWithValues: part.signature.inputs.map { ($0.name, tokens) }))
    try self.init(part)
  }

  /// Whether a query may see a key.
  subscript(query: Int, key: Int) -> Bool { pairs[query * length + key] }

  /// Full attention over the pairs, which also honours the masks of the call.
  func attention(_ call: AttentionCall, _ setting: Setting) throws -> Tensor {
    var visibility = try Visibility(call)
    if setting.claims.causal == .always { visibility.restrict { $1 <= $0 } }
    visibility.restrict { self[$0, $1] }
    return try plainAttention(call, visibility)
  }
}
