internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U15: saving and loading, through a file and through another type, restores every bit; a
  /// missing, unknown or misshapen key throws and changes nothing. What was loaded or injected is the
  /// part's own: overwriting the tensors that were given changes nothing, and neither does what was
  /// injected count after a new seed. A buffer that no output depends on is a constant, which is
  /// checked when it is loaded.
  static let stateDictRoundtrip = Law(
    .stateDictRoundtrip, trials: 16, witness: "wordsNotSaved", dtypes: DType.floating,
    effects: ["another value of"]
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    let output = try part.run(inputs)
    try expectKeys(part, setting, &trial)

    let other = try another(setting, &trial, of: part)
    let given = try throughFile(part.stateDict)
    try other.load(given)
    let draws = try part.drawn.mapValues { try $0.clone() }
    try other.inject(draws)
    for tensor in Array(given.values) + draws.values {
      try tensor.copy(from: Tensor.zeros(tensor.shape, tensor.dtype))
    }
    try expectEqual(other, part, "loaded from a file", &trial)
    try trial.unchanged(other.run(inputs), output, label: "the output after loading")
    try expectRefusals(other, &trial, seed: setting.scenario.parameterSeed)
    try expectEqual(other, part, "after refused states", &trial)

    try expectReseeded(part, inputs, setting, &trial)
    for buffer in part.buffers where !buffer.isConstant {
      let moved = try setting.part()
      try moved.load([buffer.key: buffer.value + 1], strict: false)
      let isSame = try compare(moved.run(inputs), output, .bits).isEqual
      trial.classify("another value of `\(buffer.key)`, another output", !isSame)
    }

    // After conversion to single precision and back, loading and converting must round alike.
    try part.to(.float32)
    let narrow = try throughFile(part.stateDict)
    try part.to(setting.dtype)
    // One key of a shared tensor suffices.
    let first = Set(part.parameters.map(\.key) + part.buffers.map(\.key))
    try other.load(narrow.filter { first.contains($0.key) })
    try expectEqual(other, part, "loaded from single precision", &trial)
    try trial.unchanged(
      other.run(inputs), part.run(inputs), label: "the output after single precision")
  }

  /// Checks that after a new seed a part draws as one into which nothing was injected.
  private static func expectReseeded(
    _ injected: any PartModule, _ inputs: [String: Tensor], _ setting: Setting,
    _ trial: inout Trial
  ) throws {
    let fresh = try setting.part(settled: false)
    let part = try setting.part(settled: false)
    try part.inject(injected.drawn)
    _ = try part.run(inputs)
    for part in [fresh, part] { try part.reseed(setting.scenario.parameterSeed &+ 2) }
    try part.load(fresh.stateDict)
    try trial.unchanged(
      part.run(inputs), fresh.run(inputs), label: "a new seed after an injection")
    for part in [fresh, part] { part.train() }
    try trial.unchanged(
      part.run(inputs), fresh.run(inputs), label: "training with a new seed after an injection")
  }

  /// The part with the same options and other values.
  private static func another(
    _ setting: Setting, _ trial: inout Trial, of part: any PartModule
  ) throws -> any PartModule {
    let seed = setting.scenario.parameterSeed &+ 1_000_003
    let other = try setting.subject.build(setting.scenario.config, seed: seed)
    try other.to(setting.dtype)
    other.eval()
    if let path = setting.scenario.path { other.choosing?.path = path }
    trial.expect(
      other.stateKeys == part.stateKeys, label: "keys of another instance",
      "another instance has the keys \(other.stateKeys), expected \(part.stateKeys)")
    return other
  }

  /// Writes a state to the bytes of a file and reads it back.
  private static func throughFile(_ state: [String: Tensor]) throws -> [String: Tensor] {
    let bytes = try SafetensorsFile(
      tensors: state.mapValues { try $0.safetensorsEntry() }
    ).encoded()
    return try SafetensorsFile(bytes: bytes, name: "state").tensors.mapValues { try Tensor($0) }
  }

  private static func expectKeys(
    _ part: any PartModule, _ setting: Setting, _ trial: inout Trial
  ) throws {
    let keys = part.stateKeys
    trial.expect(
      Set(keys).count == keys.count, label: "keys are distinct",
      "the state has a duplicate key: \(keys)")
    trial.expect(
      keys.sorted() == part.stateDict.keys.sorted(), label: "keys of the state",
      "the state has \(part.stateDict.keys.sorted()), the declared keys are \(keys)")
    let named =
      part.parameters.map(\.key) + (setting.claims.definition?.parameters.values.sorted() ?? [])
    for key in named {
      trial.expect(
        keys.contains(key), label: "declared keys",
        "the parameter \(key) is not in the state: \(keys)")
    }
    trial.observe(output: XXH3.hash64(keys.joined(separator: " ")))
  }

  private static func expectEqual(
    _ part: any PartModule, _ other: any PartModule, _ what: String, _ trial: inout Trial
  ) throws {
    let (state, expected) = (part.stateDict, other.stateDict)
    trial.expect(state.keys.sorted() == expected.keys.sorted(), label: "\(what): keys")
    for (key, value) in state.sorted(by: { $0.key < $1.key }) {
      guard let old = expected[key] else { continue }
      try trial.unchanged(value, old, label: "\(what): \(key)")
    }
  }

  /// States that do not fit; of many keys, a trial tries some.
  private static func expectRefusals(_ part: any PartModule, _ trial: inout Trial, seed: UInt64)
    throws
  {
    let state = part.stateDict
    var wrong: [(label: String, key: String, state: [String: Tensor])] = []
    let constants = Set(part.buffers.filter(\.isConstant).map(\.key))
    var moved = state
    for (key, value) in state where !constants.contains(key) { moved[key] = try value + 1 }
    let step = max(1, state.count / 12)
    for (place, (key, value)) in state.sorted(by: { $0.key < $1.key }).enumerated()
    where place % step == Int(seed % UInt64(step)) {
      func with(_ tensor: Tensor?) -> [String: Tensor] {
        // All other values change too, to expose a partial load.
        var changed = moved
        changed[key] = tensor
        return changed
      }
      if constants.contains(key) {
        wrong.append(("of another value", key, with(try value + 1)))
      } else if part.stateKeys.first(where: { state[$0] === value }) == key {
        // One key of a shared tensor suffices.
        wrong.append(("missing", key, with(nil).filter { state[$0.key] !== value }))
      }
      let shape = value.shape
      for other in [[1] + shape, Array(shape.dropLast()), [shape[0] + 1] + shape.dropFirst()] {
        wrong.append(("of the shape \(other)", key, with(try Tensor.zeros(other, value.dtype))))
      }
      wrong.append(("of integers", key, with(try Tensor.zeros(shape, .int64))))
      var extra = moved
      extra[key + "s"] = value
      wrong.append(("unknown", key + "s", extra))
    }
    wrong.append(("unknown", "zoo", moved.merging(["zoo": try Tensor.zeros([1])]) { $1 }))
    for (label, key, state) in wrong.sorted(by: { ($0.key, $0.label) < ($1.key, $1.label) }) {
      let error = trial.throwsError(StateError.self, label: "\(label): \(key)") {
        try part.load(state)
      }
      guard let error else { continue }
      trial.expect(
        error.description.contains("`\(key)`"), label: "the key named",
        "\(key), \(label): the error does not name it: \(error)")
    }
  }
}
