public import Torch

/// A part that can compute the next tokens of a sequence without the ones before, of which it keeps what
/// it needs in a cache; a part whose claims are `incremental` does.
///
/// Chunks of any length, one after the other, give what one call with all tokens gives:
///
/// ```swift
/// let cache = try part.makeCache(batch: 2)
/// let first = try part.next(["query": prompt], cache: cache, real: isPrompt)
/// let second = try part.next(["query": token], cache: cache, real: nil)
/// ```
public protocol IncrementalPart: PartModule {
  /// An empty cache for so many rows: items of a batch, or those of folded heads.
  ///
  /// - Throws: `PartError` if the configuration of the part does not allow one.
  func makeCache(batch: Int) throws -> TokenCache

  /// The inputs that are read as a whole before the first chunk, such as the source of a decoder.
  var readInputs: Set<String> { get }

  /// An empty cache for so many rows, after reading inputs.
  ///
  /// - `inputs`: those of ``readInputs``, by name.
  /// - Throws: `PartError` for inputs that do not fit, and if the configuration allows no cache.
  func makeCache(batch: Int, reading inputs: [String: Tensor]) throws -> TokenCache

  /// Computes the next tokens by name, and keeps what later ones need of them in the cache.
  ///
  /// A chunk may have no tokens. The output of a token that is not real means nothing.
  ///
  /// - `inputs`: the tensors of ``PartModule/call(_:)``, without masks, with as many rows as the cache.
  /// - `real`: Bool `[B, S]`, true for the first tokens of each row, as many as are real; nil for all.
  /// - Throws: `PartError` for tensors that do not fit, a cache of another part, and a part that trains.
  func next(_ inputs: [String: Tensor], cache: TokenCache, real: Tensor?) throws -> Tensor
}

extension IncrementalPart {
  /// None.
  public var readInputs: Set<String> { [] }

  /// The same as without inputs, of which this part reads none.
  public func makeCache(batch: Int, reading inputs: [String: Tensor]) throws -> TokenCache {
    if let name = inputs.keys.sorted().first {
      throw error(.unknownTensor(tensor: name, known: []))
    }
    return try makeCache(batch: batch)
  }
}

/// What a part keeps of the tokens that it has seen; how many that are may differ between rows.
///
/// Derivatives do not reach the tokens of earlier calls unless those recorded them.
open class TokenCache {
  /// The number of tokens of each row so far, which is the position of its next one.
  public private(set) var counts: [Int]

  /// Makes a cache for so many rows.
  public init(batch: Int) { counts = Array(repeating: 0, count: batch) }

  /// The number of rows.
  public var batch: Int { counts.count }

  /// Counts the tokens of a chunk, once what is needed of them is in the cache.
  public func advance(by chunk: TokenChunk) {
    counts = zip(counts, chunk.counts).map { $0 + $1 }
  }
}

/// The checked lengths of a chunk.
public struct TokenChunk: Sendable {
  /// The number of tokens, S, of which the last ones of a row may not be real.
  public let length: Int
  /// The number of real tokens of each row.
  public let counts: [Int]

  /// Whether all tokens are real.
  var isFull: Bool { counts.allSatisfy { $0 == length } }
  /// Which tokens are real, Bool `[B, S]`.
  var real: Tensor {
    get throws {
      try Tensor(
        counts.flatMap { count in (0..<length).map { $0 < count } }, shape: [counts.count, length])
    }
  }
}

extension PartModule {
  /// Checks a chunk of tokens: the number of rows, which tokens are real, and that the part does not
  /// train, since dropout of earlier tokens could not be repeated.
  ///
  /// - `rows`: the rows and the length of a tensor of this name.
  public func checkChunk(
    _ name: String, rows: Int, length: Int, real: Tensor?, _ cache: TokenCache
  ) throws -> TokenChunk {
    guard !isTraining else {
      throw error(
        .unsupported(feature: "a cache", reason: "the part is in training mode; call eval()"))
    }
    return try chunk(name, rows: rows, length: length, real: real, batch: cache.batch)
  }

  /// The same for so many rows, without a cache.
  func chunk(_ name: String, rows: Int, length: Int, real: Tensor?, batch: Int) throws -> TokenChunk
  {
    guard batch > 0, rows > 0, rows % batch == 0 else {
      throw error(
        .shape(
          tensor: name, expected: "the rows of the cache, B = \(batch)", got: [rows, length]))
    }
    guard let real else {
      return TokenChunk(length: length, counts: Array(repeating: length, count: batch))
    }
    guard real.dtype == .bool else {
      throw error(.dtype(tensor: "real", expected: "bool", got: real.dtype.rawValue))
    }
    guard real.shape == [batch, length] else {
      throw error(
        .shape(tensor: "real", expected: "[B, S] = \([batch, length])", got: real.shape))
    }
    let isReal = try real.booleans()
    let counts = (0..<batch).map { row in
      isReal[row * length..<(row + 1) * length].count { $0 }
    }
    let chunk = TokenChunk(length: length, counts: counts)
    guard try chunk.real.booleans() == isReal else {
      throw error(
        .content(
          tensor: "real", expected: "true for the first tokens of a row, false for the rest",
          got: "another order"))
    }
    return chunk
  }

  /// An error about a cache that this part did not make.
  var strangeCache: PartError {
    error(.unsupported(feature: "this cache", reason: "another part made it"))
  }

  /// An error about a cache that the configuration does not allow.
  func noCache(_ reason: String) -> PartError {
    error(.unsupported(feature: "a cache", reason: reason))
  }
}
