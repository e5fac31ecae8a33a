public import JSON
public import Torch

/// What a part promises; laws also test that it does not do more than it claims.
///
/// The claims are those of one configuration. They alone decide which laws apply to a part; no law
/// looks at its name.
public struct Claims: Sendable, Equatable {
  /// Whether outputs can be made independent of later positions.
  public var causal = CausalClaim.never
  /// The supported masks; any other throws.
  public var masks: Set<MaskKind> = []
  /// What happens to a query that may attend to no key.
  public var emptyRow = EmptyRowClaim.zero
  /// Reordering queries reorders outputs.
  public var queryEquivariant = false
  /// Reordering keys with their values changes nothing.
  public var keyValueInvariant = false
  /// Each output depends on its own token only.
  public var tokenWise = false
  /// The output is linear in the values.
  public var linearInValue = false
  /// Values that are all equal come out unchanged.
  public var rowsSumToOne = false
  /// Outputs lie between the smallest and the largest value seen.
  public var convexHull = false
  /// How far two calls in evaluation agree.
  public var evalDeterminism = DeterminismClaim.pure
  /// The number of calls in training after which the part draws again; nil for never.
  public var redrawsInTraining: Int?
  /// How far the part is from a definition.
  public var accuracy = AccuracyClaim.exact
  /// The lengths it accepts.
  public var sequence = SequenceClaim.any
  /// Queries may be more or fewer than keys; a causal part refuses that all the same, since no
  /// alignment is defined.
  public var crossLength = false
  /// Values may have another width than keys.
  public var valueWidth = ValueWidthClaim.same
  /// Batch sizes 1 and B may be mixed in one call.
  public var batchBroadcast = false
  /// It goes on from a cache of the tokens before, and is an ``IncrementalPart``.
  public var incremental = false
  /// Items of a batch do not affect each other.
  public var batchIndependent = true
  /// Where a NaN stays confined.
  public var nanIsolation: Set<IsolationClaim> = []
  /// The floating types it computes in.
  public var dtypes: Set<DType> = [.float64, .float32, .bfloat16, .float16]
  /// The tensors and parameters through which no gradient flows; all others have one.
  public var withoutGradient: Set<String> = []
  /// Where dropout acts while training.
  public var dropout = DropoutClaim.none
  /// The key of the rate at which training drops all that a residual adds, for whole items of a batch;
  /// nil for never.
  public var stochasticDepth: String?
  /// Its parameters by key; one that is shared is listed under its first key.
  public var parameters: [String: ParameterClaim] = [:]
  /// The lengths from which it computes in another way, each of them: in more chunks, or by another
  /// kernel.
  public var thresholds: [Int] = []
  /// The exponent of the sequence length in the memory needed, 1 or 2.
  public var memoryExponent = 2
  /// The form in which it takes heads.
  public var heads = HeadsClaim.folded
  /// Whether a dispatch projects tokens before it passes them to the part.
  public var inputProjection = true
  /// Softmax over scaled products of queries and keys, one logit for each pair.
  public var softmaxOverProducts = false
  /// Exactly which keys a query attends to without a mask of the call.
  public var pattern: PatternClaim?
  /// The definition it computes; nil leaves it unproven.
  public var definition: Definition?

  /// Makes no claims.
  public init() {}
}

/// Whether outputs can be made independent of later positions.
public enum CausalClaim: String, Sendable, Codable {
  /// No; asking for it throws.
  case never
  /// On request; this configuration does not ask for it.
  case option
  /// This configuration does.
  case always
}

/// A form of masks.
public enum MaskKind: String, Sendable, CaseIterable, Codable {
  /// True where a query may attend, `[S, T]`.
  case boolean2D
  /// True where a query may attend, `[B, S, T]` or `[B, H, S, T]`.
  case boolean3D
  /// Added to the logits, in any of these shapes; −∞ hides a key.
  case additive
  /// True for real tokens, `[B, T]`.
  case keyPadding
}

/// What happens to a query that may attend to no key.
public enum EmptyRowClaim: Sendable, Equatable {
  /// Its output is 0.
  case zero
  /// Its output is the offset of a projection that comes after; the key of the parameter.
  case offset(key: String)
  /// The call throws.
  case throwing
}

/// How far two calls in evaluation agree.
public enum DeterminismClaim: Sendable, Equatable {
  /// In every bit.
  case pure
  /// In every bit, for the same seed of the part.
  case seeded
  /// In every bit until the part draws again, after so many calls.
  case redraws(every: Int)
}

/// How far the part is from a definition.
public enum AccuracyClaim: Sendable, Equatable {
  /// It computes its definition up to rounding.
  case exact
  /// It approximates another definition, better as an option grows; a law tests that.
  case approximates(oracle: String, knob: String, law: String)
}

/// The lengths that a part accepts.
public enum SequenceClaim: Sendable, Equatable {
  /// All from 1.
  case any
  /// Squares.
  case squared
  /// Squares of numbers from a side on.
  case squaredFrom(Int)
  /// Multiples of a number.
  case multipleOf(Int)
  /// One length.
  case exactly(Int)
  /// All up to a length.
  case atMost(Int)

  /// Whether a length is accepted.
  public func accepts(_ length: Int) -> Bool {
    switch self {
    case .any: length >= 1
    case .squared: length == Int(Double(length).squareRoot().rounded()).squared
    case .squaredFrom(let side): Self.squared.accepts(length) && length >= side.squared
    case .multipleOf(let block): length % block == 0
    case .exactly(let only): length == only
    case .atMost(let longest): length <= longest
    }
  }
}

extension SequenceClaim {
  /// The least side of the squares that it accepts; nil if it also accepts other lengths.
  public var leastSide: Int? {
    switch self {
    case .squared: 1
    case .squaredFrom(let side): side
    default: nil
    }
  }
}

extension Int {
  fileprivate var squared: Int { self * self }
}

/// Whether values may have another width than keys.
public enum ValueWidthClaim: String, Sendable, Codable {
  /// They have the same.
  case same
  /// They have any.
  case free
}

/// Where a NaN stays confined.
public enum IsolationClaim: String, Sendable, Codable {
  /// In masked keys and values.
  case masked
  /// In its item of the batch.
  case batchRow
  /// In its token; only a part whose claims are `tokenWise` can keep that.
  case token
}

/// Where dropout acts while training.
public enum DropoutClaim: Sendable, Equatable {
  /// Nowhere.
  case none
  /// On the attention weights; the key of its rate.
  case weights(key: String)
  /// On the output; the key of its rate.
  case output(key: String)
  /// Between the layers; the key of its rate.
  case inside(key: String)
  /// Inside and on the output; the key of their rate.
  case both(key: String)

  /// In parts inside; the key of the rate, and what the definition calls the tensors, in order.
  case within(key: String, sites: [String])

  /// The key of the rate.
  public var key: String? {
    switch self {
    case .none: nil
    case .weights(let key), .output(let key), .inside(let key), .both(let key),
      .within(let key, _):
      key
    }
  }

  /// What the definition calls the tensors of which something is dropped, in that order.
  public var sites: [String] {
    switch self {
    case .none: []
    case .weights: ["weights"]
    case .output: ["output"]
    case .inside: ["inside"]
    case .both: ["inside", "output"]
    case .within(_, let sites): sites
    }
  }
}

/// The form in which an attention takes heads.
public enum HeadsClaim: String, Sendable, Codable {
  /// Folded into the batch, `[B·H, S, D]`.
  case folded
  /// As an axis, `[B, H, S, D]`.
  case explicit
  /// It makes its own heads of `[B, S, E]`.
  case owned
}

/// Exactly which keys a query attends to.
public enum PatternClaim: Sendable, Equatable {
  /// All, or if causal those up to its own position.
  case full
  /// Those whose distance i − j lies in a range; nil is no bound.
  case band(past: Int?, future: Int?)
  /// All from these tokens, and from any other only these, and maybe the token itself.
  case tokens(Set<Int>, andItself: Bool)
  /// Those in blocks of a size that a matrix for each head stores; one matrix serves all heads.
  case blocks(size: Int, stored: [[[Bool]]])
  /// Those that a rule of the part's own allows, such as a window with attention sinks.
  case pairs(PairRule)
  /// Those that the part reports under this name among its draws, `[S, T]`, 1 = may attend.
  case drawn(String)
}

/// Which query may see which key, as a function of their positions; a causal part hides later keys
/// besides.
///
/// A part makes it from its configuration:
///
/// ```swift
/// claims.pattern = .pairs(
///   PairRule("window of \(width) with \(sinks) sinks") { $1 < sinks || abs($0 - $1) < width })
/// ```
public struct PairRule: Sendable, Equatable {
  /// What the rule says; rules of equal names are equal.
  public let name: String
  /// Whether a query may see a key.
  public let allows: @Sendable (_ query: Int, _ key: Int) -> Bool

  /// Names a rule.
  public init(_ name: String, _ allows: @escaping @Sendable (_ query: Int, _ key: Int) -> Bool) {
    self.name = name
    self.allows = allows
  }

  /// Whether the names agree.
  public static func == (a: Self, b: Self) -> Bool { a.name == b.name }
}

/// The definition that a part computes, and how the part's configuration maps to it.
public struct Definition: Sendable, Equatable {
  /// The name of the oracle.
  public var oracle: String
  /// The oracle's options.
  public var options: JSON
  /// The oracle's names of parameters and the keys of the part's state that hold them.
  public var parameters: [String: String]

  /// Names a definition.
  public init(_ oracle: String, options: JSON = [:], parameters: [String: String] = [:]) {
    self.oracle = oracle
    self.options = options
    self.parameters = parameters
  }
}

/// Whether the part reproduces a recorded value of the original zoo.
public enum ReferenceClaim: Sendable, Equatable {
  /// It does.
  case matches
  /// It does not, for a reason.
  case deviates(reason: String)
}
