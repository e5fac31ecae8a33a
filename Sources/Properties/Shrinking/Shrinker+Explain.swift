extension Shrinker {
  /// How many other values are tried in the place of each.
  private static var tries: Int { 16 }
  /// The most choices that are looked at.
  private static var mostChoices: Int { 24 }

  /// Says which parts of the smallest input could be anything.
  ///
  /// Each choice is replaced by random ones; if every such input fails at the same origin, its
  /// value does not matter.
  mutating func explain() -> [String] {
    var lines: [String] = []
    for position in best.choices.indices.prefix(Self.mostChoices) {
      if case .tensor(let recipe) = best.choices[position].value {
        lines += explainTensor(recipe, at: position)
      } else if isAnything(at: position, { $0.random(&$1) }) {
        lines.append("\(place(of: position)) = \(text(of: position)): or any other value")
      }
    }
    return lines
  }

  private mutating func explainTensor(_ recipe: TensorRecipe, at position: Int) -> [String] {
    if isAnything(at: position, { $0.random(&$1) }) {
      return ["\(place(of: position)) = \(recipe): or any other tensor"]
    }
    var lines: [String] = []
    for (entry, override) in recipe.overrides.enumerated().prefix(Self.mostChoices) {
      let isFree = isAnything(at: position) { _, random in
        var overrides = recipe.overrides
        overrides[entry] = TensorRecipe.Override(override.index, random.fraction() * 20 - 10)
        return .tensor(recipe.with(overrides: overrides))
      }
      if isFree { lines.append("\(recipe), entry \(override.index): or any other value") }
    }
    guard recipe.count <= 64 else { return lines }
    for (axis, extent) in recipe.shape.enumerated() where extent > 1 {
      let free = (0..<extent).filter { index in
        isAnything(at: position) { _, random in
          let flats = (0..<recipe.count).filter { recipe.multiIndex($0)[axis] == index }
          return .tensor(
            flats.reduce(recipe) { $0.with(recipe.multiIndex($1), random.fraction() * 20 - 10) })
        }
      }
      if !free.isEmpty { lines.append("\(recipe), axis \(axis) at \(free): or any other values") }
    }
    return lines
  }

  /// Whether inputs with other values at a position all fail in the same way.
  private mutating func isAnything(
    at position: Int, _ other: (ChoiceDomain, inout RandomStream) -> ChoiceValue?
  ) -> Bool {
    let domain = best.choices[position].domain
    var random = RandomStream(seed: UInt64(position))
    for _ in 0..<Self.tries {
      guard let value = other(domain, &random), domain.allows(value) else { return false }
      guard failsAlike(replacing([position: value])) else { return false }
    }
    return true
  }

  private func place(of position: Int) -> String {
    let around = best.spans.filter { $0.range.contains(position) }
    let names = around.map(\.name.description)
    return (names.isEmpty ? "choice" : names.joined(separator: " › ")) + " (choice \(position))"
  }

  private func text(of position: Int) -> String {
    switch best.choices[position].value {
    case .integer(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .double(let value): "\(value)"
    case .tensor(let recipe): "\(recipe)"
    }
  }
}

extension ChoiceDomain {
  /// Any value of the domain; nil if there is only one.
  func random(_ random: inout RandomStream) -> ChoiceValue? {
    switch self {
    case .integer(let domain):
      domain.lastIndex > 0 ? .integer(domain.drawBiased(&random, earlier: [], size: 100)) : nil
    case .boolean(let domain): domain.forced == nil ? .boolean(random.chance(0.5)) : nil
    case .double(let domain): .double(domain.draw(&random, earlier: []))
    case .tensor(let domain): .tensor(domain.draw(&random))
    }
  }
}
