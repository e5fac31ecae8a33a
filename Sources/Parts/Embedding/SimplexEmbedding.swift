internal import JSON
public import Torch

/// The options of a simplicial embedding.
public struct SimplexEmbeddingConfig: PartConfig {
  /// The number of simplices of a token, L; it divides the number of channels.
  public var simplices: Int
  /// What numbers are divided by before the softmax.
  public var temperature = 1.0

  enum CodingKeys: String, CodingKey {
    case simplices = "L"
    case temperature
  }

  /// Two simplices.
  public static let sample = Self(simplices: 2)
  /// The number of simplices has no default.
  public static let required = ["L"]
  /// A simplex or more; sharper and flatter ones.
  public static let domain: [String: OptionDomain] = [
    "L": .values([2, 1, 3, 4]), "temperature": .values([1, 0.1, 5]),
  ]

  /// Checks the number of simplices and the temperature.
  public func validate() throws {
    try require(size: simplices, "L")
    try require(
      temperature >= 1e-6 && temperature <= 1e6, "temperature", "a number from 1e-6 to 1e6",
      got: temperature)
  }
}

// @register(simplicial_embedding, "simplicial", SimplexEmbeddingConfig)
/// Splits the channels of each token into groups and applies a softmax to each.
///
/// [Lavoie et al., 2022](https://arxiv.org/abs/2204.00616): softmax(group / temperature). The original
/// zoo has this part without a name. Unlike there, the input is not modified.
///
/// - Shapes: `[B, S, E]`, E a multiple of ``SimplexEmbeddingConfig/simplices`` → `[B, S, E]`.
/// - Complexity: O(S·E).
public final class SimplexEmbedding: Module, SimplicialEmbedding {
  /// The options.
  public let config: SimplexEmbeddingConfig

  /// Makes the embedding; it has no parameters.
  public init(_ config: SimplexEmbeddingConfig, generator: Generator) throws {
    self.config = config
    super.init()
  }

  /// Applies the softmax.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try check(x)
    let groups = try x.reshaped([x.size(0), x.size(1), config.simplices, -1])
    // Without the largest entry, which changes no softmax, a quotient cannot overflow.
    let centred = try groups - groups.detached().maximum(-1, keep: true)
    return try (centred / config.temperature).softmax(-1).reshaped(x.shape)
  }
}

// MARK: Contract

extension SimplexEmbedding {
  /// Each token is computed on its own.
  public static func claims(for config: SimplexEmbeddingConfig) -> Claims {
    var claims = Claims.ofEachToken
    claims.definition = Definition(
      "simplicial",
      options: [
        "L": .integer(config.simplices), "temperature": .number(config.temperature),
      ])
    return claims
  }

  /// Tokens in, tokens out.
  public var signature: Signature {
    Signature(
      [.init("x", ["B", "S", "E"])], output: ["B", "S", "E"],
      rules: ["E": .multiple(of: config.simplices)])
  }

  /// An input recorded from the original zoo is the quotient: that divides its input in place.
  public func reference(for inputs: [String: Tensor]) -> ReferenceClaim {
    config.temperature == 1
      ? .matches
      : .deviates(
        reason:
          "the original divides its input in place, so the recorded input is a quotient already")
  }

  private func check(_ x: Tensor) throws {
    guard x.rank == 3 else {
      throw error(.shape(tensor: "x", expected: "[B, S, E]", got: x.shape))
    }
    guard x.size(2) % config.simplices == 0 else {
      throw error(
        .shape(
          tensor: "x", expected: "a width E that is a multiple of L = \(config.simplices)",
          got: x.shape))
    }
    try checkFloating(x, "x")
  }
}
