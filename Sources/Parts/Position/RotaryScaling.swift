internal import Foundation
internal import JSON

/// A change of rotary angles for inputs longer than those a model was trained on.
///
/// Keys and defaults are those of Hugging Face's `rope_scaling`; a rule takes the keys that it uses.
public struct RotaryScaling: PartConfig {
  /// What happens to the angle ω = base^(−2c/d) for each position of pair c of d/2.
  public enum Rule: String, Codable, CaseIterable, Sendable {
    /// ω/s for a factor s: positions are interpolated
    /// ([Chen et al., 2023](https://arxiv.org/abs/2306.15595)).
    case linear
    /// The base times s^(d/(d − 2)), so that the slowest pair is s times slower and the fastest is kept.
    case ntk
    /// The same for s·S/L − (s − 1) instead of s, in calls of S > L tokens.
    case dynamicNTK = "dynamic_ntk"
    /// ω/s for slow pairs, ω for fast ones, a blend between; cosines and sines times 0.1 ln s + 1
    /// ([Peng et al., 2023](https://arxiv.org/abs/2309.00071)).
    case yarn
    /// The same with other limits, and cosines and sines as they are
    /// ([Llama Team, 2024](https://arxiv.org/abs/2407.21783)).
    case llama3
  }

  /// The rule.
  public var type: Rule
  /// How many times longer inputs are, s, at least 1.
  public var factor: Double
  /// The length L that the model was trained on, in tokens; `linear` and `ntk` need none.
  public var originalMaxPositionEmbeddings: Int?
  /// What cosines and sines are multiplied by (`yarn`); by default 0.1 ln s + 1.
  public var attentionFactor: Double?
  /// A pair that turns more often than this over L tokens keeps its angle (`yarn`).
  public var betaFast = 32.0
  /// A pair that turns less often is interpolated (`yarn`).
  public var betaSlow = 1.0
  /// A pair that turns less often than this over L tokens is interpolated (`llama3`).
  public var lowFreqFactor = 1.0
  /// A pair that turns more often keeps its angle (`llama3`).
  public var highFreqFactor = 4.0

  /// Inputs twice as long.
  public static let sample = Self(type: .linear, factor: 2)
  /// The rule and the factor have no default.
  public static let required = ["type", "factor"]

  /// The options of a JSON object.
  ///
  /// - Throws: `PartError` for a key that the rule does not use, or a value out of range.
  static func read(_ json: JSON) throws -> Self {
    guard let object = json.object else {
      throw PartError(
        .value(
          key: "scaling", expected: "an object with type and factor",
          got: "\(json.kindName) \(json)"))
    }
    do {
      let scaling = try decode(json)
      let known = scaling.type.keys
      for (key, value) in object where !value.isNull && !known.contains(key) {
        throw PartError(.unknownKey(key: key, known: known))
      }
      if known.contains(length), scaling.originalMaxPositionEmbeddings == nil {
        throw PartError(.missingKey(key: length))
      }
      return scaling
    } catch let error as PartError {
      throw error.inside("scaling")
    }
  }

  fileprivate static let length = "original_max_position_embeddings"

  /// Checks the ranges.
  public func validate() throws {
    try require(factor >= 1 && factor.isFinite, "factor", "a number from 1", got: factor)
    try require(size: originalMaxPositionEmbeddings ?? 1, Self.length)
    let magnitude = attentionFactor ?? 1
    try require(
      magnitude > 0 && magnitude.isFinite, "attention_factor", "a number above 0", got: magnitude)
    for (low, high, slow, fast) in [
      ("beta_slow", "beta_fast", betaSlow, betaFast),
      ("low_freq_factor", "high_freq_factor", lowFreqFactor, highFreqFactor),
    ] {
      try require(slow > 0, low, "a number above 0", got: slow)
      try require(fast > slow && fast.isFinite, high, "a number above \(low) = \(slow)", got: fast)
    }
  }
}

extension RotaryScaling.Rule {
  fileprivate var keys: [String] {
    let common = ["type", "factor"]
    switch self {
    case .linear, .ntk: return common
    case .dynamicNTK: return common + [RotaryScaling.length]
    case .yarn:
      return common + [RotaryScaling.length, "attention_factor", "beta_fast", "beta_slow"]
    case .llama3: return common + [RotaryScaling.length, "low_freq_factor", "high_freq_factor"]
    }
  }
}

// MARK: Angles

extension RotaryScaling {
  /// What cosines and sines are multiplied by.
  var magnitude: Double { type == .yarn ? attentionFactor ?? 0.1 * log(factor) + 1 : 1 }

  /// The angles for each position, in radians, one for each pair of `width` channels, in a call that
  /// ends at the position `length`.
  func frequencies(base: Double, width: Int, length: Int) -> [Double] {
    let plain = Self.frequencies(base: base, width: width)
    let limit = Double(originalMaxPositionEmbeddings ?? 1)
    func stretched(_ factor: Double) -> [Double] {
      // With two channels there is no slowest pair besides the fastest.
      let power = Double(width) / Double(max(width - 2, 1))
      return Self.frequencies(base: base * pow(factor, power), width: width)
    }
    /// Interpolates by a share from 0 to 1, for each pair.
    func interpolated(_ share: (Int) -> Double) -> [Double] {
      plain.enumerated().map { pair, angle in
        let share = min(max(share(pair), 0), 1)
        return angle * (1 - share) + angle / factor * share
      }
    }
    switch type {
    case .linear: return interpolated { _ in 1 }
    case .ntk: return stretched(factor)
    case .dynamicNTK:
      return Double(length) > limit
        ? stretched(factor * Double(length) / limit - (factor - 1)) : plain
    case .yarn:
      /// The pair that turns so often, not rounded.
      func pair(turning times: Double) -> Double {
        Double(width) * log(limit / (times * 2 * .pi)) / (2 * log(base))
      }
      let first = max(pair(turning: betaFast).rounded(.down), 0)
      let last = min(pair(turning: betaSlow).rounded(.up), Double(width - 1))
      // Two equal limits make a step.
      return interpolated { (Double($0) - first) / (last == first ? 0.001 : last - first) }
    case .llama3:
      return interpolated { pair in
        let turns = limit * plain[pair] / (2 * .pi)
        return (highFreqFactor - turns) / (highFreqFactor - lowFreqFactor)
      }
    }
  }

  /// base^(−2c/d) for each pair c.
  static func frequencies(base: Double, width: Int) -> [Double] {
    (0..<width / 2).map { pow(base, -2 * Double($0) / Double(width)) }
  }
}
