internal import Foundation
public import Torch

/// The outcome of comparing two tensors.
public struct Comparison: Sendable, CustomStringConvertible {
  /// Whether every element is close enough.
  public let isEqual: Bool
  /// The number of elements compared.
  public let count: Int
  /// The largest error as a share of what was allowed; 0 for bits that agree.
  public let worst: Double
  /// The largest absolute error.
  public let absolute: Double
  /// What differs first and most, on one line.
  public let description: String

  fileprivate init(
    failed description: String, worst: Double = .infinity, absolute: Double = .infinity,
    count: Int = 0
  ) {
    isEqual = false
    self.count = count
    self.worst = worst
    self.absolute = absolute
    self.description = description
  }

  fileprivate init(count: Int, worst: Double, absolute: Double) {
    isEqual = true
    self.count = count
    self.worst = worst
    self.absolute = absolute
    description = "equal"
  }
}

/// Compares two tensors; nothing else decides whether they are close.
///
/// Shapes must agree and have elements. With T0 the types must agree, too; otherwise both sides are
/// widened. An infinite value must be the same on both sides. NaN equals nothing, except that T0
/// compares bits.
public func compare(_ actual: Tensor, _ expected: Tensor, _ tolerance: Tolerance) throws
  -> Comparison
{
  guard actual.shape == expected.shape else {
    return Comparison(failed: "the shape is \(actual.shape), expected \(expected.shape)")
  }
  guard actual.count > 0 else {
    return Comparison(failed: "there is nothing to compare in the shape \(actual.shape)")
  }
  if tolerance == .bits, actual.dtype != expected.dtype {
    return Comparison(failed: "the type is \(actual.dtype), expected \(expected.dtype)")
  }
  let (a, b) = (try actual.detached().doubles(), try expected.detached().doubles())
  var (worst, absolute, worstIndex) = (0.0, 0.0, 0)
  for index in a.indices {
    let (x, y) = (a[index], b[index])
    if x == y || (x.isNaN && y.isNaN && tolerance == .bits) { continue }
    guard x.isFinite, y.isFinite else {
      return Comparison(
        failed: "\(place(index, actual.shape)) is \(x), expected \(y)", count: a.count)
    }
    let error = Swift.abs(x - y)
    let bound = tolerance.bound(y, at: index)
    let ratio = bound > 0 ? error / bound : .infinity
    absolute = max(absolute, error)
    if ratio > worst { (worst, worstIndex) = (ratio, index) }
  }
  guard worst > 1 else { return Comparison(count: a.count, worst: worst, absolute: absolute) }
  let (x, y) = (a[worstIndex], b[worstIndex])
  let relative = y == 0 ? .infinity : Swift.abs((x - y) / y)
  return Comparison(
    failed: "\(place(worstIndex, actual.shape)) is \(x), expected \(y): off by "
      + "\(short(Swift.abs(x - y))), relative \(short(relative)), "
      + (tolerance.bound(y, at: worstIndex) > 0
        ? "\(short(worst)) times the bound" : "no difference allowed")
      + " of \(tolerance.code)",
    worst: worst, absolute: absolute, count: a.count)
}

/// Compares a result with a recorded one, which must have the same type and shape, and elements.
///
/// Recorded values that are not finite must be declared; then NaN matches NaN. A comparison that these
/// conditions fail has compared no elements.
func compareRecorded(
  _ actual: Tensor, _ expected: Tensor, _ tolerance: Tolerance, nonFinite: Bool
) throws -> Comparison {
  func form(_ tensor: Tensor) -> String { "\(tensor.dtype) \(tensor.shape)" }
  guard actual.dtype == expected.dtype, actual.shape == expected.shape, expected.count > 0 else {
    return Comparison(
      failed: "differs in type or shape: \(form(actual)), recorded \(form(expected))")
  }
  let recorded = try expected.detached().doubles()
  guard let index = recorded.firstIndex(where: { !$0.isFinite }) else {
    return try compare(actual, expected, tolerance)
  }
  guard nonFinite else {
    return Comparison(
      failed:
        "\(place(index, expected.shape)) was recorded as \(recorded[index]): values that are not "
        + "finite match nothing unless the header declares them, `nonFinite`: `true`")
  }
  let isNaN = try expected.detached().isNaN()
  guard try actual.detached().isNaN().equals(isNaN).allTrue() else {
    return Comparison(failed: "NaN is not in the recorded places", count: recorded.count)
  }
  return try compare(actual.filled(0, where: isNaN), expected.filled(0, where: isNaN), tolerance)
}

/// The index of an element as `[1, 0, 2]`.
private func place(_ index: Int, _ shape: [Int]) -> String {
  var (rest, places) = (index, [Int]())
  for length in shape.reversed() {
    places.insert(rest % length, at: 0)
    rest /= length
  }
  return "\(places)"
}

private func short(_ value: Double) -> String { String(format: "%.3g", value) }
