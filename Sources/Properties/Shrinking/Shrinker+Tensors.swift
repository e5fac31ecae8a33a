extension Shrinker {
  /// `tensor-simplify`: unseeded instead of seeded, few entries instead of many, small whole
  /// numbers instead of others, near the origin instead of far away.
  mutating func simplifyTensors() {
    for position in best.choices.indices {
      guard position < best.choices.count, recipe(at: position) != nil else { continue }
      writeOut(at: position)
      simplifyFill(at: position)
      removeEntries(at: position)
      moveEntries(at: position)
      lowerEntries(at: position)
    }
    shareSeeds()
    closeGaps()
  }

  private func recipe(at position: Int) -> TensorRecipe? {
    if case .tensor(let recipe) = best.choices[safe: position]?.value { recipe } else { nil }
  }

  private func domain(at position: Int) -> TensorDomain? {
    if case .tensor(let domain) = best.choices[safe: position]?.domain { domain } else { nil }
  }

  private mutating func propose(_ recipe: TensorRecipe, at position: Int) -> Bool {
    guard domain(at: position)?.allows(recipe) == true else { return false }
    return propose(replacing([position: .tensor(recipe)]))
  }

  /// Fills that are simpler than the drawn one.
  private mutating func simplifyFill(at position: Int) {
    guard let recipe = recipe(at: position), !recipe.fill.isPlain,
      let domain = domain(at: position)
    else { return }
    let fills: [Fill] =
      domain.fills.isMask
      ? domain.fills.entries.map(\.fill)
      : [.ones, .iota, .identityRows] + domain.fills.entries.map(\.fill)
    for fill in fills.sorted(by: { $0.rank < $1.rank }) where fill.rank < recipe.fill.rank {
      let simpler = TensorRecipe(valid: recipe.shape, recipe.element, fill, recipe.seed)
      if propose(simpler, at: position) { return }
    }
  }

  /// A small seeded tensor as its simplest fill with every other entry written out.
  private mutating func writeOut(at position: Int) {
    guard let recipe = recipe(at: position), let base = domain(at: position)?.simplest,
      !recipe.fill.isPlain, recipe.count <= TensorRecipe.maximumOverrides
    else { return }
    let plain = base.values()
    var overrides: [TensorRecipe.Override] = []
    for (flat, value) in recipe.values().enumerated() where value != plain[flat] {
      overrides.append(TensorRecipe.Override(recipe.multiIndex(flat), value))
    }
    _ = propose(base.with(overrides: overrides), at: position)
  }

  /// Drops overrides, half of them first, then quarters, down to single ones.
  private mutating func removeEntries(at position: Int) {
    guard var recipe = recipe(at: position) else { return }
    var size = max(1, recipe.overrides.count / 2)
    while size > 0, !recipe.overrides.isEmpty, mayGoOn {
      var start = 0
      while start < recipe.overrides.count, mayGoOn {
        var rest = recipe.overrides
        rest.removeSubrange(start..<min(start + size, rest.count))
        if propose(recipe.with(overrides: rest), at: position) {
          guard let now = self.recipe(at: position) else { return }
          recipe = now
        } else {
          start += size
        }
      }
      size = size == 1 ? 0 : max(1, min(size, recipe.overrides.count) / 2)
    }
  }

  /// Moves overrides toward the origin, axis by axis.
  private mutating func moveEntries(at position: Int) {
    guard let first = recipe(at: position), first.overrides.count <= 16 else { return }
    for entry in first.overrides.indices {
      for axis in first.shape.indices {
        var goal = 0
        while let recipe = recipe(at: position), let override = recipe.overrides[safe: entry],
          override.index.indices.contains(axis), goal < override.index[axis], mayGoOn
        {
          var index = override.index
          index[axis] = goal
          var moved = recipe.overrides
          moved[entry] = TensorRecipe.Override(index, override.value)
          let isTaken = recipe.overrides.contains { $0.index == index }
          if !isTaken, propose(recipe.with(overrides: moved), at: position) { break }
          goal += 1
        }
      }
    }
  }

  /// Makes the values of overrides simple.
  private mutating func lowerEntries(at position: Int) {
    guard let first = recipe(at: position), domain(at: position)?.fills.isMask == false else {
      return
    }
    for entry in first.overrides.indices.prefix(32) {
      guard let value = recipe(at: position)?.overrides[safe: entry]?.value else { return }
      if DoubleOrder.key(value) <= DoubleOrder.key(1) { continue }
      if set(1, entry, position) { continue }
      if value < 0, set(-value, entry, position) || set(-1, entry, position) {}
      guard let now = recipe(at: position)?.overrides[safe: entry]?.value, now.isFinite else {
        continue
      }
      let sign: Double = now < 0 ? -1 : 1
      if now.magnitude != now.magnitude.rounded() {
        _ =
          set(sign * now.magnitude.rounded(.down), entry, position)
          || set(sign * now.magnitude.rounded(.up), entry, position)
          || set(sign * (now.magnitude * 2).rounded(.up) / 2, entry, position)
      }
      guard let whole = recipe(at: position)?.overrides[safe: entry]?.value.magnitude,
        whole == whole.rounded(), whole < 0x1p53
      else { continue }
      minimize(UInt64(whole)) { shrinker, amount in
        amount > 0 && shrinker.set(sign * Double(amount), entry, position)
      }
    }
  }

  private mutating func set(_ value: Double, _ entry: Int, _ position: Int) -> Bool {
    guard let recipe = recipe(at: position), let old = recipe.overrides[safe: entry] else {
      return false
    }
    var overrides = recipe.overrides
    overrides[entry] = TensorRecipe.Override(old.index, value)
    return propose(recipe.with(overrides: overrides), at: position)
  }

  /// One small seed for all tensors that have one.
  private mutating func shareSeeds() {
    var seeded: [(position: Int, recipe: TensorRecipe)] = []
    for position in best.choices.indices {
      guard let recipe = recipe(at: position), recipe.fill.isSeeded else { continue }
      seeded.append((position, recipe))
    }
    guard let least = seeded.map(\.recipe.seed).min() else { return }
    for seed in [0, 1, 2, least] where mayGoOn {
      var changes: [Int: ChoiceValue] = [:]
      for (position, recipe) in seeded {
        changes[position] = .tensor(
          TensorRecipe(
            valid: recipe.shape, recipe.element, recipe.fill, seed, recipe.overrides))
      }
      if propose(replacing(changes)) { return }
    }
  }

  /// Moves everything behind a position of an axis one step forward, in all tensors that have an
  /// axis of that extent: what `delete-span` is to lists.
  private mutating func closeGaps() {
    var extents: Set<Int> = []
    for position in best.choices.indices {
      if let recipe = recipe(at: position), !recipe.overrides.isEmpty {
        extents.formUnion(recipe.shape)
      }
    }
    for extent in extents.sorted() where extent > 1 && extent <= 16 {
      var gap = 0
      while gap < extent, mayGoOn {
        if !closeGap(gap, extent) { gap += 1 }
      }
    }
  }

  private mutating func closeGap(_ gap: Int, _ extent: Int) -> Bool {
    var changes: [Int: ChoiceValue] = [:]
    for position in best.choices.indices {
      guard let recipe = recipe(at: position), recipe.shape.contains(extent) else { continue }
      var isChanged = false
      let moved = recipe.overrides.compactMap { override -> TensorRecipe.Override? in
        var index = override.index
        for axis in index.indices where recipe.shape[axis] == extent {
          if index[axis] > gap {
            index[axis] -= 1
            isChanged = true
          } else if index[axis] == gap, gap < extent - 1 {
            return nil
          }
        }
        return TensorRecipe.Override(index, override.value)
      }
      if isChanged { changes[position] = .tensor(recipe.with(overrides: moved)) }
    }
    return !changes.isEmpty && propose(replacing(changes))
  }
}

extension TensorRecipe {
  /// The multi-index of a row-major position.
  func multiIndex(_ flat: Int) -> [Int] {
    var rest = flat
    var index = [Int](repeating: 0, count: shape.count)
    for axis in shape.indices.reversed() {
      index[axis] = rest % shape[axis]
      rest /= shape[axis]
    }
    return index
  }

  /// The same recipe with other overrides.
  func with(overrides: [Override]) -> Self {
    Self(valid: shape, element, fill, seed, overrides)
  }
}
