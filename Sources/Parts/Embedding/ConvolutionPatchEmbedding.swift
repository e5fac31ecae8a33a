internal import JSON
public import Torch

/// The options of a patch embedding by a convolution.
public struct PatchEmbeddingConfig: PartConfig {
  /// How a patch becomes a token.
  public enum Pooling: String, Codable, Sendable, CaseIterable {
    /// By a convolution.
    case convolution = "CONV_2D"
  }

  /// The number of channels of an image, C.
  public var inChannels: Int
  /// The width of a token, E, in channels.
  public var outChannels: Int
  /// The side of a patch, in cells.
  public var kernelSize: Int
  /// The distance between patches, in cells.
  public var stride: Int
  /// The number of zero cells added at each border.
  public var padding = 0
  /// How a patch becomes a token; there is one way.
  public var poolType = Pooling.convolution

  /// Patches of 2 × 2 cells that do not overlap, of images with 3 channels.
  public static let sample = Self(inChannels: 3, outChannels: 8, kernelSize: 2, stride: 2)
  /// Only the padding and the way have a default.
  public static let required = ["in_channels", "out_channels", "kernel_size", "stride"]
  /// Patches that overlap, touch or leave gaps, with and without a border.
  public static let domain: [String: OptionDomain] = [
    "in_channels": .equal(.headWidth), "out_channels": .equal(.modelWidth),
    "kernel_size": .values([2, 1, 3]), "stride": .values([2, 1, 3]),
    "padding": .values([0, 1, 2]), "pool_type": .values(["CONV_2D"]),
  ]
  /// There is one way.
  public static let inert: Set = ["pool_type"]

  /// Checks the sizes.
  public func validate() throws {
    try require(size: inChannels, "in_channels")
    try require(size: outChannels, "out_channels")
    try require(size: kernelSize, "kernel_size")
    try require(size: stride, "stride")
    try require(
      padding >= 0 && padding <= Int(Int32.max), "padding",
      "a whole number from 0 to \(Int32.max)", got: padding)
  }
}

// @register(patch_embedding, "conv", PatchEmbeddingConfig)
/// Makes a token of each patch of an image, by a convolution.
///
/// [Dosovitskiy et al., 2020](https://arxiv.org/abs/2010.11929), with patches that may overlap. The
/// original zoo has this part without a name, as the `pool_type` `CONV_2D`. Unlike there, a number of
/// tokens that is no square throws. Tokens are in the order of their patches, row by row.
///
/// - Shapes: `[B, C, Y, X]` → `[B, P·Q, E]`, P = ⌊(Y + 2·padding − kernel) / stride⌋ + 1, Q the same
///   of X; tokens `[B, L, C]` are the cells of a √L × √L image, row by row.
/// - Complexity: O(P·Q·E·C·kernel²).
public final class ConvolutionPatchEmbedding: Module, PatchEmbedding {
  /// The options.
  public let config: PatchEmbeddingConfig
  /// The kernels, and an offset for each channel of a token.
  public let convolution: Convolution

  /// Draws kernels and offsets as torch does.
  public init(_ config: PatchEmbeddingConfig, generator: Generator) throws {
    self.config = config
    convolution = try Convolution(
      config.inChannels, config.outChannels, width: config.kernelSize, stride: config.stride,
      padding: config.padding, generator: generator)
    super.init(["1": convolution])
  }

  /// Makes tokens.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try check(x)
    return try convolution(x.rank == 4 ? x : x.tokenGrid()).gridTokens()
  }
}

// MARK: Contract

extension ConvolutionPatchEmbedding {
  /// The side of the smallest image without its border: a patch fits into it.
  private static func leastSide(_ config: PatchEmbeddingConfig) -> Int {
    max(1, config.kernelSize - 2 * config.padding)
  }

  /// Patches are computed on their own, but may share cells.
  public static func claims(for config: PatchEmbeddingConfig) -> Claims {
    var claims = Claims()
    claims.sequence = .squaredFrom(leastSide(config))
    claims.nanIsolation = [.batchRow]
    claims.memoryExponent = 1
    claims.parameters.addConvolution(
      "1", config.inChannels, config.outChannels, taps: config.kernelSize)
    claims.definition = Definition(
      "patch_convolution",
      options: ["stride": .integer(config.stride), "padding": .integer(config.padding)],
      parameters: ["weight": "1.weight", "bias": "1.bias"])
    return claims
  }

  /// Images or square grids of tokens in, a token for each patch out.
  public var signature: Signature {
    Signature(
      [.init("x", ["B", "S", "C"], alternatives: [["B", "C", "Y", "X"]])], output: ["B", "P", "E"],
      fixed: ["C": config.inChannels, "E": config.outChannels],
      rules: [
        "Y": .side(of: "S"), "X": .side(of: "S"),
        "P": .windows(
          on: "S", width: config.kernelSize, stride: config.stride, padding: config.padding),
      ])
  }

  private func check(_ x: Tensor) throws {
    let channels = config.inChannels
    guard x.rank == 3 && x.size(2) == channels || x.rank == 4 && x.size(1) == channels else {
      throw error(
        .shape(
          tensor: "x", expected: "[B, L, C] or [B, C, Y, X] with C = \(channels)", got: x.shape))
    }
    try checkFloating(x, "x")
    let least = Self.leastSide(config)
    guard x.rank == 4 || claims.sequence.accepts(x.size(1)) else {
      throw error(
        .shape(tensor: "x", expected: "a length L \(claims.sequence.text)", got: x.shape))
    }
    guard x.rank == 3 || min(x.size(2), x.size(3)) >= least else {
      throw error(
        .shape(tensor: "x", expected: "an image with sides of at least \(least)", got: x.shape))
    }
  }
}
