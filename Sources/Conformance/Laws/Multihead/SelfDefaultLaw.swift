internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// M04: a key and a value that are left out are the query, a value that is left out is the key.
  static let selfDefault = Law(
    .selfDefault, trials: 24, witness: "valueDefaultsToQuery",
    plan: ScenarioPlan(sameLength: true) { draft in [.tensor("another key", draft.query)] }
  ) { setting, trial in
    let part = try setting.part()
    let given = try setting.inputs()
    let masks = given.filter { $0.key.hasSuffix("_mask") }
    let query = try given.tensor("query")
    let key = try setting.extra("another key")
    func output(_ key: Tensor?, _ value: Tensor?) throws -> Tensor {
      var inputs = masks
      inputs["query"] = query
      inputs["key"] = key
      inputs["value"] = value
      return try part.run(inputs)
    }
    try trial.unchanged(output(nil, nil), output(query, query), label: "key and value left out")
    try trial.unchanged(output(key, nil), output(key, key), label: "value left out")
  }
}
