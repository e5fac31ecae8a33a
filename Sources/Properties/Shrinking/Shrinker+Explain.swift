extension Shrinker {
  /// How many other values are tried in the place of each.
  private static var tries: Int { 16 }
  /// The most choices that are looked at.
  private static var mostChoices: Int { 24 }
  /// The most entries of a tensor that are looked at.
  private static var mostEntries: Int { 64 }

  /// Finds which parts of the smallest input could be anything.
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
    guard recipe.count <= Self.mostEntries else { return [] }
    var lines: [String] = []
    let all = (0..<recipe.count).map { recipe.multiIndex($0) }
    let vital = all.filter { !isAnything(recipe, $0, at: position) }
    if vital.count < all.count {
      lines.append("\(recipe): of its entries, only \(vital) may not be any other value")
    }
    for (axis, extent) in recipe.shape.enumerated() where extent > 1 {
      let free = (0..<extent).filter { index in
        isAnything(recipe, all.filter { $0[axis] == index }, at: position)
      }
      if !free.isEmpty {
        lines.append("\(recipe): along axis \(axis), \(free) or any other values")
      }
    }
    return lines
  }

  /// Whether entries of a tensor may be anything, all at once.
  private mutating func isAnything(
    _ recipe: TensorRecipe, _ entries: [[Int]], at position: Int
  ) -> Bool {
    let isMask = recipe.element == .boolean
    func written(_ value: () -> Double) -> ChoiceValue {
      .tensor(recipe.with(overrides: recipe.overrides + entries.map { .init($0, value()) }))
    }
    return isAnything(at: position, others: [written { 0 }]) { _, random in
      written { isMask ? Double(random.upTo(1)) : random.fraction() * 20 - 10 }
    }
  }

  private mutating func isAnything(
    _ recipe: TensorRecipe, _ entry: [Int], at position: Int
  ) -> Bool {
    isAnything(recipe, [entry], at: position)
  }

  /// Whether inputs with other values at a position all fail in the same way.
  ///
  /// - Parameter others: values to try besides random ones; by default the simplest, which often
  ///   is the one that does not fail.
  private mutating func isAnything(
    at position: Int, others: [ChoiceValue]? = nil,
    _ random: (ChoiceDomain, inout RandomStream) -> ChoiceValue?
  ) -> Bool {
    let domain = best.choices[position].domain
    for value in others ?? [domain.simplest] {
      guard failsAlike(replacing([position: value])) else { return false }
    }
    var stream = RandomStream(seed: UInt64(position))
    for _ in 0..<Self.tries {
      guard let value = random(domain, &stream), domain.allows(value) else { return false }
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
    switch (best.choices[position].value, best.choices[position].domain) {
    case (.integer(let value), .integer(let domain)): domain.text(value)
    case (.integer(let value), _): "\(value)"
    case (.boolean(let value), _): "\(value)"
    case (.double(let value), _): "\(value)"
    case (.tensor(let recipe), _): "\(recipe)"
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
