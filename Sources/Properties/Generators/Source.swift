/// Where generators take their choices from, and the record of what they took.
///
/// Everything random in a value passes through here as a *choice*: an integer, a boolean, a double
/// or a tensor recipe. The recorded sequence rebuilds the value, and a failing value is made
/// smaller by editing its sequence and building it again, so no generator needs a shrinker.
public struct Source: Sendable {
  /// Where choices come from once the given ones are used up.
  enum Tail: Sendable {
    case simplest
    case random(RandomStream)
  }

  /// The most choices one value may take.
  static let maximumChoices = 8192

  /// How large values should be, 0 … 100: small in the first tenth of a run.
  public let size: Int

  private(set) var choices: [Choice] = []
  private(set) var spans: [Span] = []
  /// Whether a given choice did not fit the place where it was used.
  private(set) var isMisaligned = false
  private(set) var drawnStrata: [DrawnStratum] = []
  /// The labels met, for the hash of the generator's schema.
  private(set) var schema: [String]?

  private var open: [Int] = []
  private let given: [ChoiceValue]
  private var tree: TreeReplay?
  private var tail: Tail
  private var strata: StrataPlan?
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

  /// The number of given choices that nobody asked for.
  var unusedCount: Int { max(0, given.count - choices.count) }

  /// The plan with what this value drew from it.
  var updatedStrata: StrataPlan? { strata }

  /// Starts to note labels and domains.
  mutating func recordSchema() { schema = [] }

  /// Draws a value from a generator.
  public mutating func draw<Value>(_ generator: Gen<Value>) throws(Rejected) -> Value {
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
  /// - `toward`: what shrinking moves to; 0, or the end of the range nearest to it.
  /// - `isBiased`: whether small, extreme and earlier values come more often than others.
  public mutating func integer(
    _ range: ClosedRange<Int64>, toward: Int64 = 0, isBiased: Bool = true
  ) throws(Rejected) -> Int64 {
    let domain = IntegerDomain(range, toward: toward)
    let size = size
    let earlier = earlierIntegers
    let value = try choose(.integer(domain)) { random in
      .integer(
        isBiased
          ? domain.drawBiased(&random, earlier: earlier, size: size) : domain.drawEvenly(&random))
    }
    guard case .integer(let integer) = value else { return domain.toward }
    if isBiased, earlierIntegers.count < 64 { earlierIntegers.append(integer) }
    return integer
  }

  /// Draws a boolean that is true with the given probability; 0 and 1 force it.
  public mutating func boolean(_ probability: Double = 0.5) throws(Rejected) -> Bool {
    let forced: Bool? = probability <= 0 ? false : probability >= 1 ? true : nil
    let domain = ChoiceDomain.boolean(BooleanDomain(forced: forced))
    let value = try choose(domain) { random in .boolean(forced ?? random.chance(probability)) }
    if case .boolean(let boolean) = value { return boolean }
    return false
  }

  /// Draws a double.
  public mutating func double(
    _ range: ClosedRange<Double>, specials: DoubleSpecials = []
  ) throws(Rejected) -> Double {
    let domain = DoubleDomain(range, specials: specials)
    let earlier = earlierIntegers
    let value = try choose(.double(domain)) { random in
      .double(domain.draw(&random, earlier: earlier))
    }
    guard case .double(let double) = value else { return domain.simplest }
    return double
  }

  /// Draws a position among alternatives with the given weights; the first is the simplest.
  public mutating func alternative(_ weights: [Double]) throws(Rejected) -> Int {
    precondition(!weights.isEmpty, "nothing to choose from")
    let domain = IntegerDomain(0...Int64(weights.count - 1))
    let value = try choose(.integer(domain)) { random in .integer(Int64(random.weighted(weights))) }
    if case .integer(let position) = value { return Int(position) }
    return 0
  }

  /// Draws the recipe of a tensor.
  public mutating func tensor(
    _ shape: [Int], element: ElementKind, fills: FillSet
  ) throws(Rejected) -> TensorRecipe {
    let domain = TensorDomain(shape: shape, element: element, fills: fills)
    let value = try choose(.tensor(domain)) { random in .tensor(domain.draw(&random)) }
    if case .tensor(let recipe) = value { return recipe }
    return domain.simplest
  }

  /// Draws the position of an option's value, such that in a run all values, and all pairs with
  /// those of other options, occur; the first value is the simplest.
  public mutating func stratum(_ name: String, values: [String]) throws(Rejected) -> Int {
    precondition(!values.isEmpty, "option '\(name)' has no values")
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
