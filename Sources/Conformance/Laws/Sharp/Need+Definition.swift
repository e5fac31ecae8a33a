internal import Parts
internal import Torch

extension Need {
  /// The part is defined as a Linformer attention.
  static let linformer = Need.definition("linformer")
  /// The part is defined as a Nyström attention.
  static let nystrom = Need.definition("nystrom")
  /// The part is defined as a lambda layer.
  static let lambda = Need.definition("lambda")
  /// The part is defined as a FAVOR+ attention.
  static let favor = Need.definition("favor")
  /// The features estimate the softmax kernel without bias.
  static let unbiasedFeatures = option("features of a biased kernel", "feature_map") {
    $0?.string != "sm_reg"
  }
  /// Whether inputs are normalised is an option.
  static let normalisedInputs = option("no normalised inputs", "normalize_inputs") { $0 != nil }

  /// There is one projected slot.
  static let oneSlot = option("more than one slot", "k") { $0?.int == 1 }
  /// The pseudo-inverse is exact.
  static let exactInverse = option("no exact inverse", "use_razavi_pinverse") {
    $0?.bool == false
  }
  /// The pseudo-inverse is found by iteration.
  static let iterativeInverse = option("no iterative inverse", "use_razavi_pinverse") {
    $0?.bool ?? true
  }
  /// A convolution of the values is added.
  static let convolution = Need("no convolution") { $0.definition?.parameters["skip"] != nil }
  /// Nothing is added to the attention.
  static let noConvolution = Need("always a convolution") {
    $0.definition?.parameters["skip"] == nil
  }
  /// The part approximates another definition, for these lengths.
  static let approximate = Need("exact") { $0.accuracy != .exact }
  /// The part is exact, for these lengths.
  static let exact = Need("approximate") { $0.accuracy == .exact }
  /// Values may have any width.
  static let freeValueWidth = Need("values as wide as keys") { $0.valueWidth == .free }

  /// An option of the definition has a certain value; it may have no key in the configuration.
  private static func option(
    _ reason: String, _ name: String, _ holds: @escaping @Sendable (JSON?) -> Bool
  ) -> Need {
    Need(reason) { claims in claims.definition.map { holds($0.options[name]) } ?? false }
  }
}
