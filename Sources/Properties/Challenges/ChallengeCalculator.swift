/// A sum or quotient of integers.
private indirect enum Expression: Sendable, CustomStringConvertible {
  case literal(Int)
  case sum(Expression, Expression)
  case quotient(Expression, Expression)

  /// Division by an expression, not a literal, that evaluates to zero.
  struct DivisionByZero: Error {}

  var description: String {
    switch self {
    case .literal(let value): "\(value)"
    case .sum(let a, let b): "(+, \(a), \(b))"
    case .quotient(let a, let b): "(/, \(a), \(b))"
    }
  }

  var dividesByLiteralZero: Bool {
    switch self {
    case .literal: false
    case .quotient(_, .literal(0)): true
    case .sum(let a, let b), .quotient(let a, let b):
      a.dividesByLiteralZero || b.dividesByLiteralZero
    }
  }

  func evaluate() throws(DivisionByZero) -> Int {
    switch self {
    case .literal(let value): return value
    case .sum(let a, let b): return try a.evaluate() &+ b.evaluate()
    case .quotient(let a, let b):
      let (x, y) = (try a.evaluate(), try b.evaluate())
      guard y != 0 else { throw DivisionByZero() }
      let (quotient, remainder) =
        x.remainderReportingOverflow(dividingBy: y).overflow
        ? (x, 0) : x.quotientAndRemainder(dividingBy: y)
      // Rounded down, also for operands of different signs.
      return remainder != 0 && (remainder < 0) != (y < 0) ? quotient - 1 : quotient
    }
  }

  static func generator(depth: Int) -> Gen<Expression> {
    Gen<Expression>("expression") { source throws(Rejected) in
      let weights = depth > 0 ? [1.0, 1, 1] : [1]
      switch try source.alternative(weights) {
      case 0: return .literal(try source.draw(.int(-0x8000_0000...0x7FFF_FFFF)))
      case 1:
        let inner = generator(depth: depth - 1)
        return .sum(try source.draw(inner), try source.draw(inner))
      default:
        let inner = generator(depth: depth - 1)
        return .quotient(try source.draw(inner), try source.draw(inner))
      }
    }
  }
}

extension Challenge {
  static let calculator = Challenge(
    "calculator", expected: "(/, 0, (+, 0, 0))", bar: 97, Expression.generator(depth: 6)
  ) { expression, trial in
    try trial.assume(!expression.dividesByLiteralZero)
    let isDefined = (try? expression.evaluate()) != nil
    trial.expect(isDefined)
  }
}
