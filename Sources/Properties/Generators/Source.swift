/// Where generators draw from, and a record of what they drew.
///
/// Everything random in a value is drawn here as a *choice*: an integer, a boolean, a double or a
/// tensor recipe. The recorded sequence rebuilds the value, and a failing value is made smaller by
/// editing its sequence and building it again, so no generator needs a shrinker.
public struct Source: Sendable {
  /// Where choices come from once the given ones are used up.
  enum Tail: Sendable {
    case simplest
    case random(RandomStream)
  }

  /// The most choices one value may take.
  static let maximumChoices = 8192
  /// The most generators one value may draw from, whether or not they take a choice.
  static let maximumSpans = 1 << 17
  /// The most generators that may draw inside each other, so that endless recursion does not
  /// exhaust the stack.
  static let maximumDepth = 2048

  /// The limits, in words.
  static let limits =
    "more than \(maximumChoices) choices, or \(maximumSpans) draws, or \(maximumDepth) nested ones"

  /// How large values should be, 0 … 100: small in the first tenth of a run.
  public let size: Int

  private(set) var choices: [Choice] = []
  private(set) var spans: [Span] = []
  /// Whether a given choice was not allowed in the place where it was used.
  private(set) var isMisaligned = false
  private(set) var drawnStrata: [DrawnStratum] = []
  /// The labels and domains met, for the hash of the generator's schema.
  private(set) var schema: [String]?

  private var open: [Int] = []
  private let given: [ChoiceValue]
  private var tree: TreeReplay?
  private var tail: Tail
  private var strata: StrataPlan?
  /// Integers drawn so far, without the shift of unsigned domains.
  private var earlierIntegers: [Int64] = []

  init(given: [ChoiceValue] = [], tail: Tail, size: Int = 100, strata: StrataPlan? = nil) {
    self.given = given
    self.tail = tail
    self.size = size
    self.strata = strata
  }

  init(tree: ChoiceTree) {
    self.init(tail: .simplest)
    self.tree = TreeReplay(tree)
  }

  /// The number of given choices that were not used.
  var unusedCount: Int { max(0, given.count - choices.count) }

  /// The plan with what this value drew from it.
  var updatedStrata: StrataPlan? { strata }

  /// Starts to record labels and domains.
  mutating func recordSchema() { schema = [] }

  /// Draws a value from a generator.
  public mutating func draw<Value>(_ generator: Gen<Value>) throws(Rejected) -> Value {
    guard spans.count < Self.maximumSpans, open.count < Self.maximumDepth else {
      throw Rejected(.overrun)
    }
    schema?.append("(" + generator.label.description)
    let span = openSpan(generator.label, generator.labelHash)
    defer {
      closeSpan(span)
      schema?.append(")")
    }
    return try generator.body(&self)
  }

  /// Draws an integer.
  ///
  /// - `toward`: what shrinking moves to; if outside the range, the end nearest to it.
  /// - `isBiased`: whether small, extreme and earlier values come more often than others.
  public mutating func integer(
    _ range: ClosedRange<Int64>, toward: Int64 = 0, isBiased: Bool = true
  ) throws(Rejected) -> Int64 {
    try integer(IntegerDomain(range, toward: toward), isBiased: isBiased)
  }

  mutating func integer(_ domain: IntegerDomain, isBiased: Bool = true) throws(Rejected) -> Int64 {
    let size = size
    let earlier = earlierIntegers
    let value = try choose(.integer(domain)) { random in
      .integer(
        isBiased
          ? domain.drawBiased(&random, earlier: earlier, size: size) : domain.drawEvenly(&random))
    }
    guard case .integer(let integer) = value else { return domain.toward }
    if isBiased, earlierIntegers.count < 64 { earlierIntegers.append(integer &- domain.zero) }
    return integer
  }

  /// Draws a boolean that is true with the given probability; 0 and 1 leave no choice.
  public mutating func boolean(
    _ probability: Double = 0.5, fileID: StaticString = #fileID, line: UInt = #line
  ) throws(Rejected) -> Bool {
    try Rejected.require(
      (0...1).contains(probability), "a probability from 0 to 1", got: probability, fileID, line)
    let forced: Bool? = probability == 0 ? false : probability == 1 ? true : nil
    let domain = ChoiceDomain.boolean(BooleanDomain(forced: forced))
    let value = try choose(domain) { random in .boolean(forced ?? random.chance(probability)) }
    if case .boolean(let boolean) = value { return boolean }
    return false
  }

  /// Draws a double.
  public mutating func double(
    _ range: ClosedRange<Double>, specials: DoubleSpecials = [],
    fileID: StaticString = #fileID, line: UInt = #line
  ) throws(Rejected) -> Double {
    try Rejected.require(
      range.lowerBound < .infinity && range.upperBound > -.infinity,
      "a range that holds a finite number",
      got: range, fileID, line)
    let domain = DoubleDomain(range, specials: specials)
    let earlier = earlierIntegers
    let value = try choose(.double(domain)) { random in
      .double(domain.draw(&random, earlier: earlier))
    }
    guard case .double(let double) = value else { return domain.simplest }
    return double
  }

  /// Draws a position among alternatives with the given weights; the first is the simplest.
  public mutating func alternative(
    _ weights: [Double], fileID: StaticString = #fileID, line: UInt = #line
  ) throws(Rejected) -> Int {
    try Rejected.require(
      !weights.isEmpty, "at least one alternative", got: "none", fileID, line)
    try Rejected.require(weights.areWeights, Self.expectedWeights, got: weights, fileID, line)
    let domain = IntegerDomain(0...Int64(weights.count - 1))
    let value = try choose(.integer(domain)) { random in .integer(Int64(random.weighted(weights))) }
    guard case .integer(let position) = value else { return 0 }
    // Shrinking ignores weights and may propose an alternative of weight 0.
    return weights[Int(position)] > 0
      ? Int(position) : weights.firstIndex { $0 > 0 } ?? Int(position)
  }

  private static let expectedWeights = "finite weights of at least 0, not all of them 0"

  /// Draws the recipe of a tensor.
  public mutating func tensor(
    _ shape: [Int], element: ElementKind, fills: FillSet, fileID: StaticString = #fileID,
    line: UInt = #line
  ) throws(Rejected) -> TensorRecipe {
    try Rejected.require(
      TensorRecipe.count(shape) != nil, TensorRecipe.expectedShape, got: shape, fileID, line)
    try Rejected.require(!fills.entries.isEmpty, "at least one fill", got: "none", fileID, line)
    try Rejected.require(
      fills.entries.map(\.weight).areWeights, Self.expectedWeights,
      got: fills.entries.map(\.weight), fileID, line)
    for case let probability? in fills.entries.map(\.fill.impossibleProbability) {
      try Rejected.require(false, Fill.expectedProbability, got: probability, fileID, line)
    }
    let domain = TensorDomain(shape: shape, element: element, fills: fills)
    let value = try choose(.tensor(domain)) { random in .tensor(domain.draw(&random)) }
    if case .tensor(let recipe) = value { return recipe }
    return domain.simplest
  }

  /// Draws the position of an option's value, so that over a run all its values occur, and all
  /// pairs with values of other options; the first value is the simplest.
  public mutating func stratum(
    _ name: String, values: [String], fileID: StaticString = #fileID, line: UInt = #line
  ) throws(Rejected) -> Int {
    try Rejected.require(
      !values.isEmpty, "at least one value of the option '\(name)'", got: "none", fileID, line)
    let domain = IntegerDomain(0...Int64(values.count - 1))
    let planned = strata?.take(name, count: values.count)
    let value = try choose(.integer(domain)) { random in
      .integer(planned.map(Int64.init) ?? domain.drawEvenly(&random))
    }
    guard case .integer(let position) = value else { return 0 }
    drawnStrata.append(DrawnStratum(name: name, values: values, position: Int(position)))
    return Int(position)
  }

  // MARK: Recording

  private mutating func choose(
    _ domain: ChoiceDomain, random: (inout RandomStream) -> ChoiceValue
  ) throws(Rejected) -> ChoiceValue {
    guard choices.count < Self.maximumChoices else { throw Rejected(.overrun) }
    schema?.append(domain.schema)
    let value: ChoiceValue
    if let wanted = tree?.take() {
      value = domain.nearest(to: wanted)
    } else if choices.count < given.count {
      let wanted = given[choices.count]
      value = domain.nearest(to: wanted)
      if !domain.allows(wanted) { isMisaligned = true }
    } else if case .random(var stream) = tail {
      value = random(&stream)
      tail = .random(stream)
    } else {
      value = domain.simplest
    }
    choices.append(Choice(value: value, domain: domain))
    return value
  }

  mutating func openSpan(_ name: StaticString, _ label: UInt64) -> Int {
    spans.append(
      Span(
        name: name, label: label, start: choices.count, end: choices.count, parent: open.last ?? -1)
    )
    open.append(spans.count - 1)
    tree?.open(label)
    return spans.count - 1
  }

  mutating func closeSpan(_ span: Int, isDiscarded: Bool = false) {
    spans[span].end = choices.count
    spans[span].isDiscarded = isDiscarded
    open.removeLast()
    tree?.close()
  }
}

extension [Double] {
  /// Whether these can serve as weights.
  fileprivate var areWeights: Bool {
    allSatisfy { $0 >= 0 } && reduce(0, +) > 0 && reduce(0, +).isFinite
  }
}
