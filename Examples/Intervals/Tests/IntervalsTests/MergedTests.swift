import Foundation
import Intervals
import Properties
import PropertiesTesting
import Testing

let interval = Gen<ClosedRange<Int>>("interval") { source throws(Rejected) in
  let start = try source.draw(.int(0...1000))
  let length = try source.draw(.int(0...100))
  return start...(start + length)
}

@Suite(.properties) struct `merging intervals` {
  @Test func `keeps every number`() {
    checkProperty(
      "intervals/keeps every number", .list(of: interval, count: 0...20), profile: .remembering
    ) { intervals, trial in
      let result = merged(intervals)
      trial.note("merged: \(result)")
      for number in intervals.joined() {
        #expect(result.contains { $0.contains(number) }, "\(number) is lost")
      }
    }
  }

  @Test func `leaves intervals apart`() {
    checkProperty(
      "intervals/are apart", .list(of: interval, count: 0...20), profile: .remembering
    ) { intervals, trial in
      let result = merged(intervals)
      trial.classify("no interval", intervals.isEmpty)
      trial.collect("intervals", min(intervals.count, 5))
      trial.cover(0.2, "something to join", result.count < intervals.count)
      trial.expect(zip(result, result.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    }
  }
}

extension Profile {
  /// The profile from the environment, with failures stored next to these tests.
  static var remembering: Profile {
    var profile = Profile.current
    profile.regressions =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Regressions").path
    return profile
  }
}
