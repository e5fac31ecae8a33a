internal import Foundation
internal import Properties
internal import Torch

extension Trial {
  /// T6: asserts that the mean of independent numbers lies within `Threshold.standardErrors` of what
  /// it should be, and notes both.
  mutating func mean(of samples: Tensor, is expected: Double, label: String) throws {
    let mean = try samples.mean(0).item()
    let spread = try ((samples - mean) * (samples - mean)).sum().item()
    let count = Double(samples.count)
    let error = (spread / (count - 1) / count).squareRoot()
    // Samples without spread are held to rounding.
    let bound = Threshold.standardErrors * error + Tolerance.exact().bound(expected)
    judge(
      "\(label): mean \(mean) of \(samples.count), expected \(expected)", abs(mean - expected),
      bound, label)
    observe(output: mean.bitPattern)
  }

  /// T6: asserts by Kolmogorov's statistic that independent numbers have a distribution, given by
  /// its cumulative function.
  mutating func distribution(
    of samples: [Double], is cumulative: (Double) -> Double, label: String
  ) {
    let sorted = samples.sorted()
    let count = Double(sorted.count)
    var distance = 0.0
    for (index, sample) in sorted.enumerated() {
      let share = cumulative(sample)
      distance = max(distance, share - Double(index) / count, Double(index + 1) / count - share)
    }
    // Massart's constant in the inequality of Dvoretzky, Kiefer and Wolfowitz.
    let bound = (log(2 / Threshold.falseAlarm) / (2 * count)).squareRoot()
    judge("\(label): \(sorted.count) numbers, largest distance", distance, bound, label)
    observe(output: distance.bitPattern)
  }

  /// Asserts that a number is at most a bound, and notes both.
  mutating func judge(_ what: String, _ value: Double, _ bound: Double, _ label: String) {
    note("\(what): \(value), at most \(bound)")
    compared(1, worst: value / bound)
    expect(value <= bound, label: label, "\(what): off by \(value), allowed is \(bound)")
  }
}

/// ₀F₁(; c; z) = Σ zⁿ / (n!·c·(c + 1)…(c + n − 1)), for c > 0 and z ≥ 0.
func hypergeometric(_ c: Double, _ z: Double) -> Double {
  var (term, sum, n) = (1.0, 1.0, 0.0)
  while term > sum * .ulpOfOne {
    term *= z / ((n + 1) * (c + n))
    sum += term
    n += 1
  }
  return sum
}

/// The share of sums of `degrees` squared standard normal numbers that is at most x.
func chiSquared(_ x: Double, degrees: Int) -> Double {
  // The series of the incomplete gamma function, xᵃ e⁻ˣ / Γ(a + 1) · Σ xⁿ / ((a + 1)…(a + n)).
  let (a, half) = (Double(degrees) / 2, x / 2)
  guard half > 0 else { return 0 }
  var (term, sum, n) = (1.0, 1.0, 1.0)
  while term > sum * .ulpOfOne {
    term *= half / (a + n)
    sum += term
    n += 1
  }
  return min(1, sum * pow(half, a) * exp(-half) / tgamma(a + 1))
}

/// How far observed counts are from what chance gives, in standard deviations of a normal number.
enum Deviation {
  /// Of a count among independent trials that each succeed with a probability.
  static func binomial(_ count: Int, of trials: Int, probability: Double) -> Double {
    let variance = Double(trials) * probability * (1 - probability)
    return (Double(count) - Double(trials) * probability) / variance.squareRoot()
  }

  /// Of several such counts together: the sum of squares of their deviations, by Wilson and
  /// Hilferty's cube root (1931).
  static func chiSquare(_ deviations: [Double]) -> Double {
    let degrees = Double(deviations.count)
    let sum = deviations.reduce(0) { $0 + $1 * $1 }
    let spread = 2 / (9 * degrees)
    return (cbrt(sum / degrees) - (1 - spread)) / spread.squareRoot()
  }
}
