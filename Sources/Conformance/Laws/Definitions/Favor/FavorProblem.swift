internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Need {
  /// The part is defined as a FAVOR+ attention.
  static let favor = Need.definition("favor")
  /// The features estimate the softmax kernel without bias.
  static let unbiasedFeatures = option("features of a biased kernel", "feature_map") {
    $0?.string != "sm_reg"
  }
  /// Whether inputs are normalised is an option.
  static let normalisedInputs = option("no normalised inputs", "normalize_inputs") { $0 != nil }
}

/// The random features of a FAVOR+ attention, as its definition has them.
struct FavorProblem {
  /// Whether each vector gives one feature; else one for it and one for its opposite.
  let isOneSided: Bool
  /// Whether all vectors have the length √D, which estimates another kernel.
  let isRegular: Bool
  private let setting: Setting

  init(_ setting: Setting) throws {
    let map = try setting.definition.options["feature_map"]?.string
    isOneSided = map == "sm_orf"
    isRegular = map == "sm_reg"
    self.setting = setting
  }

  /// The width of a head, D, and of a block of vectors.
  var width: Int { setting.scenario.lengths[.headWidth] }

  /// A part with so many blocks of vectors.
  func part(blocks: Int) throws -> any PartModule {
    let count = blocks * width * (isOneSided ? 1 : 2)
    return try setting.part(defining: OptionChange("dim_features", count))
  }

  /// So many blocks of vectors that a part drew, `[D, blocks·D]`.
  func vectors(blocks: Int) throws -> Tensor { try Self.vectors(of: part(blocks: blocks)) }

  /// The vectors that a part reports, `[D, F]`.
  static func vectors(of part: any PartModule) throws -> Tensor {
    try part.drawn.tensor("features")
  }

  /// What a block of vectors makes of the kernel of two tokens a and b, `[blocks]`: the mean of
  /// φᵣ(a)·φᵣ(b) over its features, without any stabiliser; tokens are divided by D^¼ already.
  func estimates(_ vectors: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    let products = try (a + b).unsqueezed(0).matmul(vectors)
    let offset = try ((a * a).sum().item() + (b * b).sum().item()) / 2
    var terms = try (products - offset).exp()
    if !isOneSided { terms = try (terms + (products * -1 - offset).exp()) * 0.5 }
    return try terms.reshaped([-1, width]).mean(-1)
  }

  /// The kernel that the features estimate: exp(a·b), or for vectors of length √D
  /// e^(−(‖a‖² + ‖b‖²)/2)·₀F₁(; D/2; D‖a + b‖²/4).
  func kernel(_ a: Tensor, _ b: Tensor) throws -> Double {
    guard isRegular else { return try (a * b).sum().exp().item() }
    let lengths = try ((a * a) + (b * b)).sum() * -0.5
    let both = try ((a + b) * (a + b)).sum().item()
    let size = Double(width)
    return try lengths.exp().item() * hypergeometric(size / 2, size * both / 4)
  }

  /// The two tokens that are drawn besides the call.
  static let tokens: @Sendable (Draft) -> [Extra] = { draft in
    ["one token", "another token"].map { .tensor($0, Array(draft.query.suffix(1))) }
  }

  /// The two tokens brought to a length below 1 and divided by D^¼; zeros stay.
  func tokens(length: Double) throws -> (Tensor, Tensor) {
    func token(_ name: String) throws -> Tensor {
      let drawn = try setting.extra(name)
      let size = try (drawn * drawn).sum().item().squareRoot()
      let root = Double(width).squareRoot().squareRoot()
      return size > 0 ? try drawn * (length / size / root) : drawn
    }
    return (try token("one token"), try token("another token"))
  }

  /// What the definition gives for a folded call by plain products of features: oᵢ is
  /// Σⱼ φ(qᵢ)·φ(kⱼ) vⱼ / Σⱼ φ(qᵢ)·φ(kⱼ), nothing taken off.
  func attention(_ inputs: [String: Tensor], _ vectors: Tensor) throws -> Tensor {
    let query = try inputs.tensor("q").folded()
    let (key, value) = (try inputs.tensor("k").folded(), try inputs.tensor("v").folded())
    var weights = try Elementary.featureLogarithms(query, key, vectors, isOneSided: isOneSided)
      .exp().sum(-1)
    if let real = try inputs["key_padding_mask"]?.marks(for: key.size(0)) {
      weights = try weights.filled(0, where: .!real.unsqueezed(1))
    }
    if try setting.definition.options["causal"]?.bool ?? false {
      weights = try weights.lowerTriangle()
    }
    let sum = try weights.sum(-1, keep: true)
    let output = try weights.matmul(value) / sum.filled(1, where: sum.equals(0))
    let shape = try inputs.tensor("q").shape
    return try output.reshaped(Array(shape.dropLast()) + [value.size(-1)])
  }
}
