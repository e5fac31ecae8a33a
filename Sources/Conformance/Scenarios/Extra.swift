public import Parts
public import Properties

/// Something that a law draws besides the call: a tensor, a mask, a number or an order.
///
/// A law lists its extras in its ``ScenarioPlan``. They are choices of the trial like the call
/// itself, so that a failure makes them smaller, prints them and draws them again.
public struct Extra: Sendable {
  enum Kind: Sendable {
    case tensor([Int], FillSet)
    case mask([Int])
    case number(below: Int)
    case order(of: Int)
  }

  let name: String
  let kind: Kind

  /// A tensor of numbers, by default normal ones; a smaller failure may have zeros instead.
  public static func tensor(
    _ name: String, _ shape: [Int], fills: FillSet = .only(.normal)
  ) -> Self {
    Self(name: name, kind: .tensor(shape, fills))
  }

  /// A Boolean tensor, half of whose entries are true.
  public static func mask(_ name: String, _ shape: [Int]) -> Self {
    Self(name: name, kind: .mask(shape))
  }

  /// A whole number from 0 below a bound of at least 1.
  public static func number(_ name: String, below bound: Int) -> Self {
    Self(name: name, kind: .number(below: bound))
  }

  /// An order of a number of things that is not their own, where there is another.
  public static func order(_ name: String, of count: Int) -> Self {
    Self(name: name, kind: .order(of: count))
  }

  /// What was drawn.
  public enum Value: Sendable {
    /// A tensor, as a recipe.
    case tensor(Scenario.Input)
    /// A whole number.
    case number(Int)
    /// An order.
    case order([Int])
  }

  func draw(_ source: inout Source, _ element: ElementKind) throws(Rejected) -> Value {
    switch kind {
    case .tensor(let shape, let fills):
      let recipe = try source.tensor(shape, element: element, fills: fills)
      return .tensor(Scenario.Input(name: name, recipe: recipe, element: .floating))
    case .mask(let shape):
      let recipe = try source.tensor(
        shape, element: .boolean, fills: .only(.mask(.random(0.5), .any)))
      return .tensor(Scenario.Input(name: name, recipe: recipe, element: .truth))
    case .number(let bound):
      return .number(Int(try source.integer(0...Int64(max(bound, 1) - 1), isBiased: false)))
    case .order(let count):
      let order = try source.draw(Gen.permutation(count))
      return .order(order == order.sorted() ? order.reversed() : order)
    }
  }
}

/// A call that has been drawn, for which a law says what else it needs.
public struct Draft {
  /// The part in the configuration of the call; its parameters are not those of the trial.
  public let part: any PartModule
  /// The call, without extras.
  public let scenario: Scenario

  /// The shape of the first input.
  public var query: [Int] { shape(at: 0) }
  /// The shape of the second input; one that is left out is the first.
  public var key: [Int] { shape(at: 1) }
  /// The shape of the third input; one that is left out is the second.
  public var value: [Int] { shape(at: 2) }

  /// The number of queries, the length of the first input's last axis but one.
  public var queries: Int { query.dropLast().last ?? 1 }
  /// The number of keys.
  public var keys: Int { key.dropLast().last ?? 1 }

  /// The shape of the output.
  public var output: [Int] {
    CallShape(
      part.signature,
      shapes: Dictionary(
        scenario.inputs.map { ($0.name, $0.recipe.shape) }, uniquingKeysWith: { first, _ in first })
    ).output ?? []
  }

  private func shape(at position: Int) -> [Int] {
    let names = part.signature.inputs.prefix(position + 1).map(\.name)
    return names.reversed().lazy.compactMap { scenario.input($0)?.recipe.shape }.first ?? []
  }
}
