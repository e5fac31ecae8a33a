internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

/// One case that a part's options ask for: everything that determines it, before anything runs.
struct DeclaredFixture: Sendable {
  /// The version of the files' format.
  static let format = 1
  /// The version of how recipes become tensors.
  static let generator = 1

  /// What the part is, its name and that of the case.
  let id: FixtureID
  /// The configuration, lengths and tensors.
  let scenario: Scenario
  /// How each parameter is made, by its key.
  let parameters: [String: TensorRecipe]
  /// The definition that gives the output.
  let definition: Definition
  /// The hash of the definition's sources.
  let sourceHash: String
  /// Whether the definition gives the same bits on every machine.
  let exactArithmetic: Bool

  /// How closely the part must give the output, by type.
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
  /// The input as JSON: its recipe and what its elements become.
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

/// The tensors of a case: what goes in, and what the definition gives.
struct MadeFixture {
  /// `input.*`, `param.*` and `state.*`.
  let given: [String: SafetensorsEntry]
  /// What the definition gives, in float64.
  let output: SafetensorsEntry

  /// All tensors by their names in a file.
  var tensors: [String: SafetensorsEntry] {
    given.merging(["output": output]) { given, _ in given }
  }
}

extension DeclaredFixture {
  /// Makes the tensors that go in; every number is one that single precision holds, so that parts
  /// in single and in double precision are given the same.
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

  /// Makes the case; the output comes from the definition and never from the part.
  ///
  /// - Throws: what the part says of the configuration, the definition of the call, or `KitError`
  ///   for an output that is not finite.
  func make(_ subject: Subject) throws -> MadeFixture {
    let part = try part(subject)
    let inputs = try inputs(subject)
    let drawn = try settle(part, inputs)
    let output = try subject.oracles.evaluate(part, inputs)
    guard try output.doubles().allSatisfy(\.isFinite) else {
      throw KitError("\(id): the definition \(definition.oracle) gives numbers that are not finite")
    }
    var given: [String: SafetensorsEntry] = [:]
    for (name, tensor) in inputs { given["input.\(name)"] = try tensor.safetensorsEntry() }
    for (key, tensor) in part.stateDict {
      given["param.\(key)"] = try tensor.detached().safetensorsEntry()
    }
    for (name, tensor) in drawn { given["state.\(name)"] = try tensor.safetensorsEntry() }
    return MadeFixture(given: given, output: try output.safetensorsEntry())
  }

  /// Makes a part draw, and gives it back its draws as single precision holds them.
  func settle(_ part: any PartModule, _ inputs: [String: Tensor]) throws
    -> [String: Tensor]
  {
    // Only a call makes a part draw; what it gives is of no interest here.
    if part.drawn.isEmpty { _ = try? part.run(inputs) }
    let drawn = try part.drawn.mapValues { tensor in
      tensor.dtype.isFloating ? try tensor.to(.float32).to(tensor.dtype) : tensor
    }
    if !drawn.isEmpty { try part.inject(drawn) }
    return drawn
  }
}
