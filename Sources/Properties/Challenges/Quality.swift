extension Challenge {
  /// Small cases whose answers tell whether each kind of value becomes as simple as it can.
  public static let quality: [Challenge] =
    scalars + sums + collections + structures + tensors

  /// A case without a bar, of a condition that inputs should meet.
  static func exact<Value: Sendable>(
    _ name: String, _ expected: String, bar: Double? = nil, _ generator: Gen<Value>,
    _ isTrue: @escaping @Sendable (Value) -> Bool
  ) -> Challenge {
    Challenge(name, expected: expected, bar: bar, generator) { $1.expect(isTrue($0)) }
  }

  private static let scalars: [Challenge] = {
    let pair = Gen.zip(Gen.int(), .int())
    let cases = [
      exact("threshold", "101", .int()) { $0 < 101 },
      exact("threshold below", "-101", .int()) { $0 > -101 },
      exact("distance", "(0, 11)", pair) { !($0.0 < $0.1 && $0.1 &- $0.0 > 10) },
      exact("neighbours", "(1000001, 1000000)", bar: 200, pair) {
        !($0.0 > 1_000_000 && ($0.0 &- $0.1 == 1 || $0.1 &- $0.0 == 1))
      },
      exact("positive double", "1.0", .double()) { !($0 > 0) },
      exact("double above one", "2.0", .double()) { !($0 > 1) },
      exact("not a number", "nan", .double(specials: .all)) { !$0.isNaN },
    ]
    return cases
      + [0.0, 5, 100, 12345].map { bound in
        exact("fraction above \(Int(bound))", "\(bound + 0.5)", .double()) {
          !($0 > bound && $0 < 0x1p53 && $0 != $0.rounded())
        }
      }
  }()

  private static let sums: [Challenge] = {
    let (number, real) = (Gen.int(0...1000), Gen.double(0...1000))
    return [
      exact("sum", "(1, 1000)", .zip(number, number)) { $0.0 + $0.1 <= 1000 },
      exact("sum of doubles", "(1.0, 1000.0)", .zip(real, real)) { $0.0 + $0.1 <= 1000 },
      exact("mixed sum", "(1, 1000.0)", .zip(number, real)) { Double($0.0) + $0.1 <= 1000 },
      exact("other mixed sum", "(1.0, 1000)", .zip(real, number)) { $0.0 + Double($0.1) <= 1000 },
      exact(
        "sum of far numbers", "(1, 0, false, 0, 1000)",
        .zip(number, .int(), .bool(), .int(0...9), number)
      ) { $0.0 + $0.4 <= 1000 },
    ]
  }()
}
