import Properties

/// A number, or two formulas joined by an operator.
indirect enum Formula: Sendable, CustomStringConvertible {
  case literal(Int)
  case node(Character, Formula, Formula)

  /// Formulas whose operators are those of a text, simplest first.
  static func generator(_ operators: String, depth: Int = 6) -> Gen<Formula> {
    let symbols = Array(operators)
    return Gen<Formula>("formula") { source throws(Rejected) in
      let kind = try source.alternative(
        [Double](repeating: 1, count: depth > 0 ? symbols.count + 1 : 1))
      guard kind > 0 else { return .literal(try source.draw(.int(-0x8000_0000...0x7FFF_FFFF))) }
      let inner = generator(operators, depth: depth - 1)
      return .node(symbols[kind - 1], try source.draw(inner), try source.draw(inner))
    }
  }

  var description: String {
    switch self {
    case .literal(let value): "\(value)"
    case .node(let symbol, let a, let b): "(\(symbol), \(a), \(b))"
    }
  }

  var depth: Int {
    switch self {
    case .literal: 0
    case .node(_, let a, let b): 1 + max(a.depth, b.depth)
    }
  }

  /// Whether some division has the number 0 written as its divisor.
  var dividesByZero: Bool {
    switch self {
    case .literal: false
    case .node("/", _, .literal(0)): true
    case .node(_, let a, let b): a.dividesByZero || b.dividesByZero
    }
  }

  /// Whether no divisor is 0.
  var isDefined: Bool { value != nil }

  private var value: Int? {
    switch self {
    case .literal(let value): return value
    case .node(let symbol, let a, let b):
      guard let x = a.value, let y = b.value else { return nil }
      switch symbol {
      case "+": return x &+ y
      case "-": return x &- y
      case "*": return x &* y
      default: return y == 0 ? nil : x.dividedReportingOverflow(by: y).partialValue
      }
    }
  }
}

/// A heap that may be empty, whose merging forgets the order.
indirect enum Heap: Sendable, CustomStringConvertible {
  case empty
  case node(Int, Heap, Heap)

  static func tree(atLeast low: Int, atMost high: Int, size: Int) -> Gen<Heap> {
    Gen<Heap>("tree") { source throws(Rejected) in
      guard size > 0, try source.boolean() else { return .empty }
      let key = try source.draw(.int(low...high))
      let inner = tree(atLeast: key, atMost: high, size: size / 2)
      return .node(key, try source.draw(inner), try source.draw(inner))
    }
  }

  var description: String {
    switch self {
    case .empty: "nil"
    case .node(let key, let left, let right): "(\(key), \(left), \(right))"
    }
  }

  private var keys: [Int] {
    var (stack, keys) = ([self], [Int]())
    while let top = stack.popLast() {
      guard case .node(let key, let left, let right) = top else { continue }
      keys.append(key)
      stack += [left, right]
    }
    return keys
  }

  private func merged(with other: Heap) -> Heap {
    guard case .node(let key, let left, let right) = self else { return other }
    guard case .node(let otherKey, let otherLeft, let otherRight) = other else { return self }
    return key <= otherKey
      ? .node(key, right.merged(with: other), left)
      : .node(otherKey, otherRight.merged(with: self), otherLeft)
  }

  var isSortedByMerging: Bool {
    guard case .node(let key, let left, let right) = self else { return true }
    let sorted = [key] + left.merged(with: right).keys
    return sorted == sorted.sorted() && keys.sorted() == sorted
  }
}
