internal import JSON
internal import Torch

/// The definition of a model of these layers; nil if a part has none.
func definition(_ encoder: ModelEncoder, _ decoders: [ModelLayer]) -> Definition? {
  var all = Definition("model")
  var options = JSONObject()
  guard let own = encoder.layersDefined(&all.parameters) else { return nil }
  for (key, value) in own { options[key] = value }
  if !decoders.isEmpty {
    let groups = decoders.enumerated().compactMap { number, layer in
      layer.defined(at: "decoders.\(number)", &all.parameters)
    }
    guard groups.count == decoders.count else { return nil }
    options["decoders"] = .array(groups)
  }
  all.options = .object(options)
  return all
}

/// A group of options of a definition, and the keys of the parameters that it names.
struct DefinedGroup {
  var options = JSONObject()
  var parameters: [String: String] = [:]
  /// Whether every part has a definition.
  var isComplete = true

  /// Adds the definition of a part under a name; the part is at a key.
  mutating func add(_ name: String, _ part: (any PartModule)?, at key: String) {
    guard let part else { return }
    guard let own = part.claims.definition else {
      isComplete = false
      return
    }
    options[name] = .object(
      (own.options.object ?? [:]).merging(["name": .string(own.oracle)]))
    for (role, parameter) in own.parameters {
      parameters["\(name).\(role)"] = "\(key).\(parameter)"
    }
  }

  /// Adds a group under a name.
  mutating func add(_ name: String, _ group: DefinedGroup) {
    isComplete = isComplete && group.isComplete
    options[name] = .object(group.options)
    for (role, key) in group.parameters { parameters["\(name).\(role)"] = key }
  }

  /// Adds the linear layer of a stem.
  mutating func add(projection: Linear?, at key: String) {
    guard projection != nil else { return }
    options["projection"] = true
    for name in ["weight", "bias"] { parameters["projection.\(name)"] = "\(key).\(name)" }
  }
}

extension ModelEncoder {
  /// The options of the encoder's layers; nil if a part has no definition.
  fileprivate func layersDefined(_ parameters: inout [String: String]) -> JSONObject? {
    if let reversible { return reversible.defined(&parameters) }
    let groups = layers.enumerated().compactMap { number, layer in
      layer.defined(at: "encoders.\(number)", &parameters)
    }
    return groups.count == layers.count ? ["encoders": .array(groups)] : nil
  }
}

extension ReversibleEncoder {
  /// The options of the encoder; nil if a part has no definition.
  fileprivate func defined(_ parameters: inout [String: String]) -> JSONObject? {
    var groups: [JSON] = []
    for (number, layer) in layers.enumerated() {
      var group = DefinedGroup()
      if number == 0 {
        group.add("patch", stem.patch, at: "rev_enc_patch_emb")
        group.add("position", stem.position, at: "rev_enc_pose_encoding")
        group.add(projection: stem.projection, at: "rev_enc_embedding_projector")
      }
      let sublayers: [any PartModule] = [layer.attention, layer.feedforward]
      for (place, (name, part)) in zip(["f", "g"], sublayers).enumerated() {
        let key = "encoders.blocks.\(number).\(name).net"
        var branch = DefinedGroup()
        branch.options = [
          "style": layer.normalizesFirst ? "pre" : "post", "key": .string("\(key).sublayer"),
        ]
        branch.add("norm", layer.norms[place], at: "\(key).norm")
        branch.add("sublayer", part, at: "\(key).sublayer")
        group.add(name, branch)
      }
      if number == layers.count - 1 {
        group.add("final_norm", finalNorm, at: "rev_enc_norm")
        group.add("simplicial", simplicial, at: "rev_enc_simplicial")
      }
      guard group.isComplete else { return nil }
      for (role, key) in group.parameters { parameters["encoders.\(number).\(role)"] = key }
      groups.append(.object(group.options))
    }
    return ["reversible": true, "encoders": .array(groups)]
  }
}

extension ModelLayer {
  /// The options of the layer; nil if a part has no definition.
  fileprivate func defined(at key: String, _ parameters: inout [String: String]) -> JSON? {
    var group = DefinedGroup()
    group.add("patch", stem.patch, at: "\(key).patch_emb")
    group.add("position", stem.position, at: "\(key).pose_encoding")
    group.add(projection: stem.projection, at: "\(key).embedding_projector")
    let sublayers: [(String, (any PartModule)?)] = [
      ("wrap_att", attention), ("wrap_cross", cross), ("wrap_ff", feedforward),
    ]
    let given = sublayers.compactMap { name, part in part.map { (name, $0) } }
    for ((name, part), residual) in zip(given, residuals) {
      let place = name == "wrap_ff" && finalNorm != nil ? "wrap_ff.sublayer" : name
      group.add(name, residual.defined(around: part, at: "\(key).\(place)"))
    }
    group.add("final_norm", finalNorm, at: "\(key).wrap_ff.norm")
    group.add("simplicial", simplicial, at: "\(key).simplicial")
    for (role, name) in group.parameters { parameters["\(key).\(role)"] = name }
    return group.isComplete ? .object(group.options) : nil
  }
}

extension Residual {
  /// The options of the residual around a part.
  fileprivate func defined(around part: any PartModule, at key: String) -> DefinedGroup {
    var group = DefinedGroup()
    guard let own = claims.definition, let place = own.parameters["sublayer.weight"] else {
      group.isComplete = false
      return group
    }
    // The claims are those around a linear layer, which is where the part is.
    let inside = "\(key).\(place.dropLast(".weight".count))"
    group.options = (own.options.object ?? [:]).merging(["key": .string(inside)])
    for (role, name) in own.parameters where !role.hasPrefix("sublayer.") {
      group.parameters[role] = "\(key).\(name)"
    }
    group.add("sublayer", part, at: inside)
    return group
  }
}
