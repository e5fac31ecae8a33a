/// The recipes a tensor choice may take.
struct TensorDomain: Sendable {
  let shape: [Int]
  let element: ElementKind
  let fills: FillSet

  var simplest: TensorRecipe {
    TensorRecipe(valid: shape, element, fills.simplest, 0)
  }

  func allows(_ recipe: TensorRecipe) -> Bool {
    recipe.shape == shape && recipe.element == element && fills.allows(recipe.fill)
      && (!fills.isMask || recipe.overrides.allSatisfy { $0.value == 0 || $0.value == 1 })
  }

  /// The recipe at this shape; the simplest if its fill is not offered here.
  func nearest(to recipe: TensorRecipe) -> TensorRecipe {
    guard fills.allows(recipe.fill) else { return simplest }
    var overrides = recipe.overrides
    if fills.isMask { overrides.removeAll { $0.value != 0 && $0.value != 1 } }
    return TensorRecipe(valid: shape, element, recipe.fill, recipe.seed, overrides)
  }

  func draw(_ random: inout RandomStream) -> TensorRecipe {
    let position = random.weighted(fills.entries.map(\.weight))
    // 32 bits keep printed recipes short, and collisions are harmless.
    let seed = random.next() & 0xFFFF_FFFF
    return TensorRecipe(valid: shape, element, fills.entries[position].fill, seed)
  }
}

/// The order in which shrinking prefers recipes.
enum TensorOrder {
  /// Unseeded first; then fewer overrides; then the fill; then the seed; then the entries.
  static func isSimpler(_ a: TensorRecipe, _ b: TensorRecipe) -> Bool {
    if a.fill.isPlain != b.fill.isPlain { return a.fill.isPlain }
    if a.overrides.count != b.overrides.count { return a.overrides.count < b.overrides.count }
    if a.fill != b.fill {
      if a.fill.rank != b.fill.rank { return a.fill.rank < b.fill.rank }
      if case (.constant(let x), .constant(let y)) = (a.fill, b.fill) {
        return DoubleOrder.key(x) < DoubleOrder.key(y)
      }
      return a.description < b.description
    }
    if a.seed != b.seed { return a.seed < b.seed }
    for (x, y) in zip(a.overrides, b.overrides) {
      let (left, right) = (DoubleOrder.key(x.value), DoubleOrder.key(y.value))
      if left != right { return left < right }
      if x.index != y.index { return x.index.lexicographicallyPrecedes(y.index) }
    }
    return false
  }
}
