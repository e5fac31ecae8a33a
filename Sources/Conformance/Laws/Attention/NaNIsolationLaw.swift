internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// A06: NaN in keys and values hidden from a query does not reach its output.
  static let nanIsolation = Law(
    .nanIsolation, trials: 24, witness: "maskedValueNaN", dtypes: [.float64, .float32],
    needs: [.someMask, .isolatesMasked], plan: ScenarioPlan(masks: .always())
  ) { setting, trial in
    try expectIrrelevant(setting, &trial, label: "NaN behind the mask") { key, value, _ in
      (try key * .nan, try value * .nan)
    }
  }
}

extension Need {
  /// NaN behind masks does not spread.
  static let isolatesMasked = Need("NaN behind masks is not isolated", .isolation(.masked))
}
