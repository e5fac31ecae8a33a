/// Merges intervals that overlap.
///
/// - Returns: disjoint intervals, in order, that cover the same numbers.
public func merged(_ intervals: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
  var result: [ClosedRange<Int>] = []
  for next in intervals.sorted(by: { $0.lowerBound < $1.lowerBound }) {
    if let last = result.last, next.lowerBound <= last.upperBound {
      result[result.count - 1] = last.lowerBound...max(last.upperBound, next.upperBound)
    } else {
      result.append(next)
    }
  }
  return result
}
