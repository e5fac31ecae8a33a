public import Catalogue

/// One thing to measure, in a process of its own.
public struct BenchCase: Sendable, Codable, Hashable {
  /// How much is around the part.
  public enum Level: String, Sendable, Codable, CaseIterable {
    /// The part alone: an attention with given queries, keys and values.
    case core
    /// The multi-head layer: the projections, and the attention in every head.
    case layer
    /// The pre-norm block: attention and feedforward, each with its normalization and residual.
    case block

    /// The levels of a kind: a feedforward has no heads.
    public static func all(of kind: Kind) -> [Level] {
      kind == .attention ? allCases : [.core, .block]
    }
  }

  /// Which way.
  public enum Pass: String, Sendable, Codable, CaseIterable {
    /// Without recording for autograd.
    case forward
    /// With derivatives, of the core by its inputs, of all else by inputs and parameters.
    case both = "forward+backward"
  }

  /// The registered name.
  public let part: String
  /// How much is around the part.
  public let level: Level
  /// The number of tokens, S.
  public let length: Int
  /// Which way.
  public let pass: Pass

  /// Names a case.
  public init(part: String, level: Level, length: Int, pass: Pass) {
    self.part = part
    self.level = level
    self.length = length
    self.pass = pass
  }

  /// The case in words.
  public var title: String { "\(part) \(level.rawValue) S=\(length) \(pass.rawValue)" }
}

/// What came of a case.
public struct BenchRow: Sendable, Codable, Equatable {
  /// The case.
  public let key: BenchCase
  /// The figures; nil if the case was skipped.
  public var measured: BenchFigures?
  /// Why the case has no figures.
  public var skipped: String?
  /// The median as a multiple of that of the baseline; nil if that has none.
  public var timesBaseline: Double?

  /// A case with figures.
  public init(_ key: BenchCase, _ measured: BenchFigures) {
    self.key = key
    self.measured = measured
  }

  /// A case without figures.
  public init(_ key: BenchCase, skipped reason: String) {
    self.key = key
    skipped = reason
  }
}

/// The figures of a case.
public struct BenchFigures: Sendable, Codable, Equatable {
  /// The median time of a call, in milliseconds.
  public var medianMs: Double
  /// The inter-quartile range of the times, in milliseconds.
  public var iqrMs: Double
  /// The number of timed calls.
  public var runs: Int
  /// The most memory that the process held during the calls, besides what it held before, in MB
  /// (10⁶ bytes); nil where the system does not say.
  public var peakMb: Double?
  /// The largest difference from exact softmax attention on the same inputs; only of cores.
  public var error: Double?
  /// Why there is no such difference.
  public var noError: String?
  /// The time that the formula needs at least on this machine, in milliseconds.
  public var limitMs: Double
  /// The median as a multiple of the limit.
  public var timesLimit: Double

  /// Makes figures.
  public init(
    medianMs: Double, iqrMs: Double, runs: Int, peakMb: Double? = nil, error: Double? = nil,
    noError: String? = nil, limitMs: Double
  ) {
    self.medianMs = medianMs
    self.iqrMs = iqrMs
    self.runs = runs
    self.peakMb = peakMb
    self.error = error
    self.noError = noError
    self.limitMs = limitMs
    timesLimit = medianMs / limitMs
  }
}
