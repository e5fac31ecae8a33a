/// What was chosen, without what could have been.
enum ChoiceValue: Sendable {
  case integer(Int64)
  case boolean(Bool)
  case double(Double)
  case tensor(TensorRecipe)
}

/// What could have been chosen at a point of a generator.
enum ChoiceDomain: Sendable {
  case integer(IntegerDomain)
  case boolean(BooleanDomain)
  case double(DoubleDomain)
  case tensor(TensorDomain)
}

/// One entry of a choice sequence: a value and the domain it was drawn from.
struct Choice: Sendable {
  var value: ChoiceValue
  var domain: ChoiceDomain

  /// Whether nothing simpler is left to choose here.
  var isSimplest: Bool {
    switch (value, domain) {
    case (.integer(let value), .integer(let domain)): value == domain.toward
    case (.boolean(let value), .boolean(let domain)): value == domain.simplest
    case (.double(let value), .double(let domain)):
      DoubleOrder.key(value) == DoubleOrder.key(domain.simplest)
    case (.tensor(let value), .tensor(let domain)): value == domain.simplest
    default: false
    }
  }

  /// The order of two choices from the same domain, simpler first.
  static func isSimpler(_ a: Choice, _ b: Choice) -> Bool? {
    switch (a.value, b.value) {
    case (.integer(let x), .integer(let y)):
      guard case .integer(let domain) = a.domain else { return nil }
      let (left, right) = (domain.index(of: x), domain.index(of: y))
      return left == right ? nil : left < right
    case (.boolean(let x), .boolean(let y)):
      return x == y ? nil : !x
    case (.double(let x), .double(let y)):
      let (left, right) = (DoubleOrder.key(x), DoubleOrder.key(y))
      return left == right ? nil : left < right
    case (.tensor(let x), .tensor(let y)):
      return x == y ? nil : TensorOrder.isSimpler(x, y)
    default:
      return nil
    }
  }
}

extension ChoiceDomain {
  /// The value with index 0.
  var simplest: ChoiceValue {
    switch self {
    case .integer(let domain): .integer(domain.toward)
    case .boolean(let domain): .boolean(domain.simplest)
    case .double(let domain): .double(domain.simplest)
    case .tensor(let domain): .tensor(domain.simplest)
    }
  }

  /// The legal value nearest to one recorded elsewhere; the simplest if the types differ.
  func nearest(to value: ChoiceValue) -> ChoiceValue {
    switch (self, value) {
    case (.integer(let domain), .integer(let value)): .integer(domain.clamp(value))
    case (.boolean(let domain), .boolean(let value)): .boolean(domain.forced ?? value)
    case (.double(let domain), .double(let value)): .double(domain.nearest(to: value))
    case (.tensor(let domain), .tensor(let value)): .tensor(domain.nearest(to: value))
    default: simplest
    }
  }

  /// Whether the value may be chosen here as it is.
  func allows(_ value: ChoiceValue) -> Bool {
    switch (self, value) {
    case (.integer(let domain), .integer(let value)): domain.range.contains(value)
    case (.boolean(let domain), .boolean(let value)): domain.forced.map { $0 == value } ?? true
    case (.double(let domain), .double(let value)): domain.allows(value)
    case (.tensor(let domain), .tensor(let value)): domain.allows(value)
    default: false
    }
  }

  /// The domain in words, for the hash of a generator's schema.
  var schema: String {
    switch self {
    case .integer(let domain):
      "\(domain.zero == 0 ? "integer" : "unsigned") \(domain.range) toward \(domain.toward)"
    case .boolean(let domain): "boolean \(domain.forced.map(String.init) ?? "")"
    case .double(let domain): "double \(domain.range) \(domain.specials.rawValue)"
    case .tensor(let domain): "tensor \(domain.shape.count) \(domain.element) \(domain.fills)"
    }
  }
}
