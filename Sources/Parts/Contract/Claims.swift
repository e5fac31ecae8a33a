public import JSON
public import Torch

/// What a part promises, and by omission what it does not: each claim is tested in both directions.
///
/// The claims are those of one configuration. They are the only thing that decides which laws
/// apply to a part; no law asks for its name.
public struct Claims: Sendable, Equatable {
  /// Whether outputs can be kept from later positions.
  public var causal = CausalClaim.never
  /// The masks that are honoured; any other throws.
  public var masks: Set<MaskKind> = []
  /// What happens to a query that may see no key.
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
  /// What two calls in evaluation have in common.
  public var evalDeterminism = DeterminismClaim.pure
  /// After how many calls in training what the part drew is drawn anew; nil is never.
  public var redrawsInTraining: Int?
  /// How far the part is from a definition.
  public var accuracy = AccuracyClaim.exact
  /// The lengths it accepts.
  public var sequence = SequenceClaim.any
  /// Queries may be more or fewer than keys.
  public var crossLength = false
  /// Values may have another width than keys.
  public var valueWidth = ValueWidthClaim.same
  /// Batch sizes 1 and B may meet in one call.
  public var batchBroadcast = false
  /// Items of a batch do not meet.
  public var batchIndependent = true
  /// Where a NaN stays.
  public var nanIsolation: Set<IsolationClaim> = []
  /// The floating types it computes in.
  public var dtypes: Set<DType> = [.float64, .float32, .bfloat16, .float16]
  /// The tensors and parameters through which no gradient flows; all others have one.
  public var withoutGradient: Set<String> = []
  /// Where dropout acts while training.
  public var dropout = DropoutClaim.none
  /// The exponent of the sequence length in the memory needed, 1 or 2.
  public var memoryExponent = 2
  /// How it wants its heads.
  public var heads = HeadsClaim.folded
  /// Whether a dispatch projects tokens before it gives them to the part.
  public var inputProjection = true
  /// Softmax over scaled products of queries and keys, one logit for each pair.
  public var softmaxOverProducts = false
  /// Exactly which keys a query sees, without a user's mask.
  public var pattern: PatternClaim?
  /// The definition it computes; nil leaves it unproven.
  public var definition: Definition?

  /// Claims nothing.
  public init() {}
}

/// Whether outputs can be kept from later positions.
public enum CausalClaim: String, Sendable, Codable {
  /// No; asking for it throws.
  case never
  /// On request; this configuration does not ask.
  case option
  /// This configuration does.
  case always
}

/// A form in which a mask may come.
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

/// What happens to a query that may see no key.
public enum EmptyRowClaim: Sendable, Equatable {
  /// Its output is 0.
  case zero
  /// Its output is the offset of a projection that comes after; the key of the parameter.
  case offset(key: String)
  /// The call throws.
  case throwing
}

/// What two calls in evaluation have in common.
public enum DeterminismClaim: Sendable, Equatable {
  /// Every bit.
  case pure
  /// Every bit, given the seed of the part.
  case seeded
  /// Every bit until the draws are renewed, after so many calls.
  case redraws(every: Int)
}

/// How far the part is from a definition.
public enum AccuracyClaim: Sendable, Equatable {
  /// Within rounding of its own definition, which is also the exact one.
  case exact
  /// An approximation of another definition that gets better with an option, as a law says.
  case approximates(oracle: String, knob: String, law: String)
}

/// The lengths that a part accepts.
public enum SequenceClaim: Sendable, Equatable {
  /// All from 1.
  case any
  /// Squares.
  case squared
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
    case .squared: (0...length).contains { $0 * $0 == length }
    case .multipleOf(let block): length % block == 0
    case .exactly(let only): length == only
    case .atMost(let longest): length <= longest
    }
  }
}

/// Whether values may have another width than keys.
public enum ValueWidthClaim: String, Sendable, Codable {
  /// They have the same.
  case same
  /// They have any.
  case free
}

/// Where a NaN stays.
public enum IsolationClaim: String, Sendable, Codable {
  /// In masked keys and values.
  case masked
  /// In its item of the batch.
  case batchRow
  /// In its token.
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
}

/// How an attention wants its heads.
public enum HeadsClaim: String, Sendable, Codable {
  /// Folded into the batch, `[B·H, S, D]`.
  case folded
  /// As an axis, `[B, H, S, D]`.
  case explicit
  /// It makes its own heads of `[B, S, E]`.
  case owned
}

/// Exactly which keys a query sees.
public enum PatternClaim: Sendable, Equatable {
  /// All, or with causality those up to its own position.
  case full
  /// Those whose distance i − j lies in a range; nil is no bound.
  case band(past: Int?, future: Int?)
  /// All from these tokens, and from any other only these, and maybe the token itself.
  case tokens(Set<Int>, andItself: Bool)
  /// Those in blocks of a size that a matrix for each head stores; one matrix serves all heads.
  case blocks(size: Int, stored: [[[Bool]]])
  /// Those that the part reports under this name among what it drew, `[S, T]`, 1 = may attend.
  case drawn(String)
}

/// The definition that a part computes, and how its configuration maps to it.
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

/// What a recorded value of the original zoo is to this part.
public enum ReferenceClaim: Sendable, Equatable {
  /// It is reproduced.
  case matches
  /// It is not, for a reason.
  case deviates(reason: String)
}
