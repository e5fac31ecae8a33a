internal import Torch

extension Masks {
  /// The real tokens of each folded head, Bool `[N, T]`; nil if all are real.
  func realRows(_ lengths: AttentionLengths, claims: Claims) throws -> Tensor? {
    guard let real = try realTokens(lengths, claims: claims) else { return nil }
    return try real.repeatInterleaved(lengths.folded / real.size(0), 0)
  }
}

extension LogitMask {
  /// Allows the keys that are real, Bool `[N, T]`; nil allows all.
  init(keys real: Tensor?) throws {
    self.init(allowed: try real?.unsqueezed(1))
  }
}

extension Tensor {
  /// Tokens `[N, T, …]` with 0 in place of those that are not real, Bool `[N, T]`; nil keeps all.
  func zeroingPadding(_ real: Tensor?) throws -> Tensor {
    guard let real else { return self }
    return try filled(0, where: .!real.unsqueezed(-1))
  }
}
