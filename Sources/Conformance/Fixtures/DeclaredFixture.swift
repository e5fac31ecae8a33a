internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

/// One case that follows from a part's options: everything that determines it, before it is run.
struct DeclaredFixture: Sendable {
  /// The version of the files' format.
  static let format = 1
  /// The version of how recipes become tensors.
  static let generator = 1

  /// The kind and name of the part, and the name of the case.
  let id: FixtureID
  /// The configuration, lengths and tensors.
  let scenario: Scenario
  /// The recipe of each parameter, by its key.
  let parameters: [String: TensorRecipe]
  /// The oracle that computes the output.
  let definition: Definition
  /// The hash of the oracle's sources.
  let sourceHash: String
  /// Whether the oracle gives the same bits on every machine.
  let exactArithmetic: Bool

  /// The tolerances for the output of the part, by type.
  static let tolerances: JSON = [
    "f64": .string(Tolerance.exact().code), "f32": .string(Tolerance.recorded.code),
  ]

  /// Everything that determines the case, as JSON.
  var recipe: JSON {
    let inputs = scenario.inputs.map { ($0.name, $0.json) }
    let parameters = parameters.sorted { $0.key < $1.key }
      .map { ($0.key, JSON.string($0.value.description)) }
    let roles = definition.parameters.sorted { $0.key < $1.key }
      .map { ($0.key, JSON.string($0.value)) }
    return [
      "format": .integer(Self.format), "generator": .integer(Self.generator),
      "kind": .string(id.kind.rawValue), "part": .string(id.part), "class": "oracle",
      "config": scenario.config, "mode": "eval", "dtype": "f64",
      "inputs": .object(JSONObject(inputs)), "parameters": .object(JSONObject(parameters)),
      "seed": .integer(Int(scenario.parameterSeed)),
      "oracle": [
        "name": .string(definition.oracle), "options": definition.options,
        "parameters": .object(JSONObject(roles)), "sourceHash": .string(sourceHash),
      ],
      "tolerance": Self.tolerances,
    ]
  }
}

extension Scenario.Input {
  /// The input as JSON: its recipe and the meaning of its elements.
  fileprivate var json: JSON {
    var object: JSONObject = ["recipe": .string(recipe.description)]
    switch element {
    case .floating: object["element"] = "floating"
    case .truth: object["element"] = "truth"
    case .index(let bound):
      object["element"] = "index"
      object["below"] = .integer(bound)
    case .additive(let bias):
      object["element"] = "additive"
      object["bias"] = bias.map { .string($0.description) } ?? .null
    }
    return .object(object)
  }
}

/// The tensors of a case: the inputs, and the output of the oracle.
struct MadeFixture {
  /// `input.*`, `param.*` and `state.*`.
  let given: [String: SafetensorsEntry]
  /// The output of the oracle, in float64.
  let output: SafetensorsEntry

  /// All tensors by their names in a file.
  var tensors: [String: SafetensorsEntry] {
    given.merging(["output": output]) { given, _ in given }
  }
}

extension DeclaredFixture {
  /// Makes the inputs; single precision holds all numbers exactly, so that parts in single and in
  /// double precision get the same.
  func inputs(_ subject: Subject) throws -> [String: Tensor] {
    let setting = Setting(subject: subject, scenario: scenario, dtype: .float32)
    var made: [String: Tensor] = [:]
    for input in scenario.inputs {
      let tensor = try setting.tensor(input)
      made[input.name] = tensor.dtype.isFloating ? try tensor.to(.float64) : tensor
    }
    return made
  }

  /// The part in evaluation mode at double precision, with the parameters of the recipes.
  func part(_ subject: Subject) throws -> any PartModule {
    let part = try subject.build(scenario.config, seed: scenario.parameterSeed)
    try part.to(.float64)
    var state: [String: Tensor] = [:]
    for (key, recipe) in parameters {
      state[key] = try Tensor(recipe.values(), shape: recipe.shape).to(.float32)
    }
    try part.load(state, strict: false)
    try part.reseed(scenario.parameterSeed)
    part.eval()
    return part
  }

  /// Makes the case; the output comes from the oracle and never from the part.
  ///
  /// - Throws: the error of the part or the oracle, or `KitError` for an output that is not
  ///   finite.
  func make(_ subject: Subject) throws -> MadeFixture {
    let part = try part(subject)
    let inputs = try inputs(subject)
    let drawn = try settle(part, inputs)
    let output = try subject.oracles.evaluate(part, inputs)
    guard try output.doubles().allSatisfy(\.isFinite) else {
      throw KitError("\(id): the oracle \(definition.oracle) gives values that are not finite")
    }
    var given: [String: SafetensorsEntry] = [:]
    for (name, tensor) in inputs { given["input.\(name)"] = try tensor.safetensorsEntry() }
    for (key, tensor) in part.stateDict {
      given["param.\(key)"] = try tensor.detached().safetensorsEntry()
    }
    for (name, tensor) in drawn { given["state.\(name)"] = try tensor.safetensorsEntry() }
    return MadeFixture(given: given, output: try output.safetensorsEntry())
  }

  /// Makes a part draw, and replaces its draws by their values in single precision.
  func settle(_ part: any PartModule, _ inputs: [String: Tensor]) throws
    -> [String: Tensor]
  {
    // A part draws only in a call, whose result does not matter here.
    if part.drawn.isEmpty { _ = try? part.run(inputs) }
    let drawn = try part.drawn.mapValues { tensor in
      tensor.dtype.isFloating ? try tensor.to(.float32).to(tensor.dtype) : tensor
    }
    if !drawn.isEmpty { try part.inject(drawn) }
    return drawn
  }
}
