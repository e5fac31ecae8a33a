internal import Catalogue
internal import JSON
internal import Parts
internal import Support
internal import Torch

extension WrongConfigs {
  /// Keys of one kind of options, in an object that names another kind.
  var variants: [WrongConfig] {
    entry.keys.flatMap { key in
      // Parts accept the keys of others.
      let listed = known(key).compactMap(\.object).filter { $0["name"] == nil }
      return listed.flatMap { object -> [WrongConfig] in
        func words(_ object: JSONObject) -> JSONObject {
          JSONObject(object.filter { $0.value.string != nil })
        }
        let own = listed.filter { words($0) == words(object) }.flatMap(\.keys)
        let others = listed.flatMap { $0.filter { !own.contains($0.key) } }
        return others.map { foreign, value in
          WrongConfig(
            label: "`\(key).\(foreign)` in \(object)",
            config: with(key, .object(object.merging([foreign: value]))), problem: .key,
            mentions: [foreign])
        }
      }
    }
  }

  /// Another width of tokens than this part fills in for the part that an option names.
  var filled: [WrongConfig] {
    let other = 2 * (Dimension.allCases.map { lengths[$0] }.max() ?? 1) + 1
    return config.filter { !isNested && entry.nested[$0.key] == nil }.flatMap { key, value in
      guard let name = value.string ?? value["name"]?.string else { return [WrongConfig]() }
      let inner = Kind.allCases.compactMap { try? registry.entry($0, name) }
      let own = (value.object ?? [:]).merging(["name": .string(name)])
      guard inner.count == 1, (try? subject.build(with(key, .object(own)), seed: 0)) != nil else {
        return []
      }
      func isWidth(_ size: String) -> Bool {
        let wide = OptionAxis.setting(.integer(other), at: [size], in: inner[0].sample)
        let generator = Generator(seed: 0)
        let built = try? registry.build(inner[0].kind, name, wide, generator: generator)
        return built?.part.signature.fixed["E"] == other
      }
      let missing = inner[0].required.filter { own[$0]?.isNull ?? true }
      return missing.filter(isWidth).map { size in
        WrongConfig(
          label: "`\(key).\(size)`: \(other)",
          config: with(key, .object(own.merging([size: .integer(other)]))), problem: .value,
          mentions: [size, "\(other)"])
      }
    }
  }

  /// The wrong configurations of the nested parts, and sizes in them that contradict this part.
  var nested: [WrongConfig] {
    get throws {
      try entry.nested.flatMap { key, inner -> [WrongConfig] in
        guard var own = config[key]?.object else { return [] }
        let name = own.removeValue(forKey: "name")
        let wrong = WrongConfigs(
          inner, subject, own, try inner.claims(for: inner.sample), lengths, spelling: spelling,
          isNested: true)
        var found = try wrong.all
        for (size, dimension) in entry.filledIn.sorted(by: { $0.key < $1.key }) {
          for other in [lengths[dimension] - 1, lengths[dimension] + 1] where other > 0 {
            found.append(
              WrongConfig(
                label: "`\(size)`: \(other) for \(lengths[dimension])",
                config: .object(own.merging([size: .integer(other)])), problem: .value,
                mentions: [size, "\(other)", "\(lengths[dimension])"]))
          }
        }
        for typo in misspellings(inner.name) {
          found.append(
            WrongConfig(
              label: "the name `\(typo)`", config: .object(own.merging(["name": .string(typo)])),
              problem: .part, mentions: ["`\(typo)`"], suggestions: [inner.name]))
        }
        return found.map { found in
          var object = found.config.object ?? [:]
          if object["name"] == nil { object["name"] = name }
          return WrongConfig(
            label: "\(key): \(found.label)", config: with(key, .object(object)),
            problem: found.problem, mentions: found.mentions, suggestions: found.suggestions)
        }
      }
    }
  }
}
