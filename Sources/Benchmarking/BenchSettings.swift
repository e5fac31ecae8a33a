public import Catalogue
public import Torch

/// Settings by name. One never changes once it is released, so that its figures stay comparable.
public enum BenchPreset: String, Sendable, Codable, CaseIterable {
  /// One item of four heads of 32 channels, in single precision on one thread.
  case v1

  /// The lengths, S.
  public var lengths: [Int] { [256, 512, 1024, 2048] }
}

/// What all cases of a benchmark have in common.
public struct BenchSettings: Sendable, Codable, Equatable {
  /// The name of the preset.
  public var preset: BenchPreset
  /// Attentions or feedforwards.
  public var kind: Kind
  /// The number of items, B.
  public var batch = 1
  /// The number of heads, H.
  public var heads = 4
  /// The channels of a head, D.
  public var width = 32
  /// The type of the numbers.
  public var dtype = DType.float32
  /// Whether queries see only keys up to their own position.
  public var causal = false
  /// The threads of libtorch.
  public var threads = 1
  /// The calls before the timed ones.
  public var warmups = 3
  /// For how long calls are timed, in seconds.
  public var seconds = 1.0
  /// The fewest timed calls, however long they take.
  public var fewestRuns = 3
  /// The most timed calls.
  public var mostRuns = 20

  /// The settings of a preset.
  public init(_ kind: Kind, _ preset: BenchPreset = .v1) {
    self.kind = kind
    self.preset = preset
  }

  /// The channels of a token, E.
  public var tokenWidth: Int { heads * width }

  /// The part that all others are compared with.
  public var baseline: String { kind == .attention ? "scaled_dot_product" : "MLP" }
}
