internal import JSON
internal import Parts
internal import Torch

/// One key of a configuration and what property tests try for it.
struct OptionAxis: Sendable {
  /// A value as a function of the lengths of the trial.
  struct Value: Sendable {
    let label: String
    let isListed: Bool
    let resolve: @Sendable (Lengths) -> JSON

    init(_ json: JSON) {
      label = json.description
      isListed = true
      resolve = { _ in json }
    }

    init(_ label: String, _ resolve: @escaping @Sendable (Lengths) -> Int) {
      self.label = label
      isListed = false
      self.resolve = { .integer(resolve($0)) }
    }
  }

  /// Where the value goes, from the outermost object inward.
  private(set) var path: [String]
  /// The values, the first being the sample's or the simplest.
  let values: [Value]
  /// Whether the key must follow the lengths of a call, and is not merely tried around them.
  let isBound: Bool
  /// Whether the values are listed, and do not follow from lengths.
  let isListed: Bool
  /// Whether the key is documented to change no result.
  let isInert: Bool

  var name: String { path.joined(separator: ".") }

  private func inside(_ key: String) -> OptionAxis {
    var moved = self
    moved.path.insert(key, at: 0)
    return moved
  }

  /// The axes of a part's configuration, those of parts inside it included.
  static func all(of entry: PartEntry) -> [OptionAxis] {
    var axes = entry.keys.compactMap { key -> OptionAxis? in
      guard entry.nested[key] == nil else { return nil }
      let values = values(key, entry)
      guard !values.isEmpty else { return nil }
      let isAround = if case .around = entry.domain[key] { true } else { false }
      return OptionAxis(
        path: [key], values: values, isBound: !isAround,
        isListed: values.allSatisfy(\.isListed), isInert: entry.inert.contains(key))
    }
    for (key, inner) in entry.nested.sorted(by: { $0.key < $1.key }) {
      axes += all(of: inner).filter { entry.filledIn[$0.path[0]] == nil }
        .map { $0.inside(key) }
    }
    return axes
  }

  private static func values(_ key: String, _ entry: PartEntry) -> [Value] {
    let sample = entry.sample[key] ?? .null
    switch entry.domain[key] {
    case .fixed: return []
    case .values(let list): return ordered(list, first: sample).map { Value($0) }
    case .around(let dimension):
      let letter = dimension.rawValue
      return [
        Value(letter) { $0[dimension] }, Value("1") { _ in 1 },
        Value("\(letter) - 1") { max(1, $0[dimension] - 1) },
        Value("\(letter) + 1") { $0[dimension] + 1 },
        Value("\(letter) / 2") { max(1, $0[dimension] / 2) },
      ]
    case .atLeast(let dimension):
      let letter = dimension.rawValue
      return [
        Value(letter) { $0[dimension] }, Value("\(letter) + 1") { $0[dimension] + 1 },
        Value("2·\(letter) + 3") { 2 * $0[dimension] + 3 },
      ]
    case .equal(let dimension): return [Value(dimension.rawValue) { $0[dimension] }]
    case nil: return standard(key, sample, entry)
    }
  }

  /// The values that follow from the claims, the key's name and the type of its sample.
  private static func standard(_ key: String, _ sample: JSON, _ entry: PartEntry) -> [Value] {
    let dimensions: [String: Dimension] = [
      "dim_model": .modelWidth, "num_heads": .heads, "dim_head": .headWidth,
    ]
    if let dimension = dimensions[key] { return [Value(dimension.rawValue) { $0[dimension] }] }
    if key == "seq_len", sample.int != nil {
      return [Value("S") { $0[.queryLength] }, Value("S + 1") { $0[.queryLength] + 1 }]
    }
    if let truth = sample.bool { return [Value(.bool(truth)), Value(.bool(!truth))] }
    let dropout = try? entry.claims(for: entry.sample).dropout.key
    return dropout == key ? [Value(0.0), Value(0.25)] : []
  }

  private static func ordered(_ list: [JSON], first: JSON) -> [JSON] {
    guard let index = list.firstIndex(of: first) else { return list }
    return [list[index]] + list[..<index] + list[(index + 1)...]
  }

  /// A configuration with a value chosen for some axes, the first for the others.
  static func config(
    _ entry: PartEntry, _ axes: [OptionAxis], _ choices: [Int: Int], _ lengths: Lengths
  ) -> JSON {
    var config = JSON.object(sample(entry))
    for (index, axis) in axes.enumerated() {
      let value = axis.values[choices[index] ?? 0].resolve(lengths)
      config = setting(value, at: axis.path[...], in: config)
    }
    return config
  }

  /// The sample without the keys that take their default anyway.
  private static func sample(_ entry: PartEntry) -> JSONObject {
    var object = JSONObject()
    for key in entry.keys where entry.required.contains(key) {
      object[key] =
        entry.nested[key].map { inner in
          var own = sample(inner)
          for key in entry.filledIn.keys { own[key] = nil }
          own["name"] = .string(inner.name)
          return .object(own)
        } ?? entry.sample[key]
    }
    return object
  }

  /// A configuration in which the keys that must follow lengths have moved from some to others.
  ///
  /// - Parameter scaling: whether those that are tried around a length move, too.
  static func moved(
    _ config: JSON, _ axes: [OptionAxis], from old: Lengths, to new: Lengths,
    scaling: Bool = false
  ) -> JSON {
    var result = config
    for axis in axes where axis.isBound || scaling {
      let current = axis.path.reduce(config) { $0[$1] ?? .null }
      guard let value = axis.values.first(where: { $0.resolve(old) == current }) else { continue }
      if value.resolve(new) != current {
        result = setting(value.resolve(new), at: axis.path[...], in: result)
      }
    }
    return result
  }

  static func setting(_ value: JSON, at path: ArraySlice<String>, in json: JSON) -> JSON {
    guard let key = path.first else { return value }
    var object = json.object ?? [:]
    object[key] = setting(value, at: path.dropFirst(), in: object[key] ?? [:])
    return .object(object)
  }
}
