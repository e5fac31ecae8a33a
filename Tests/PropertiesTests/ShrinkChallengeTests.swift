import Properties
import Testing

@testable import Challenges

@Suite struct `shrinking challenge` {
  @Test(arguments: Challenge.all)
  func `every seed ends at the smallest answer within the runs allowed`(challenge: Challenge) {
    let result = challenge.run(seeds: 100)
    print(result)
    #expect(result.isMet, "\(result): \(result.commonest)")
  }

  @Test(arguments: Challenge.quality)
  func `every seed ends at the exact answer`(challenge: Challenge) {
    let result = challenge.run(seeds: 100)
    print(result)
    #expect(result.isMet, "\(result): \(result.commonest)")
  }

  @Test(arguments: Challenge.all + Challenge.quality)
  func `the answer does not depend on the order of the passes`(challenge: Challenge) {
    for order in 1...2 {
      let result = challenge.run(seeds: 25, shuffledBy: UInt64(order))
      #expect(result.hits == 25, "order \(order), \(result): \(result.commonest)")
    }
  }

  @Test func `there are thirteen cases, and each prints its line`() {
    #expect(Challenge.all.count == 13)
    let line = Challenge.all[2].run(seeds: 5).description
    #expect(line.hasPrefix("reverse"))
    #expect(line.contains("5/5"))
  }

  @Test func `names are unique, since seeds are made from them`() {
    let names = (Challenge.all + Challenge.quality).map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test func `a wrong expectation is not met`() {
    let wrong = Challenge("wrong", expected: "[0, 0]", bar: 50, .list(of: .int())) {
      $1.expect(Array($0.reversed()) == $0)
    }
    let result = wrong.run(seeds: 5)
    #expect(result.hits == 0 && !result.isMet)
    let dear = Challenge("dear", expected: "[0, 1]", bar: 2, .list(of: .int())) {
      $1.expect(Array($0.reversed()) == $0)
    }
    #expect(!dear.run(seeds: 5).isMet)
    #expect(dear.run(seeds: 5, shuffledBy: 1).isMet)
    let none = Challenge("none", expected: "[]", bar: 2, .constant([0])) { $1.expect($0 == [0]) }
    #expect(none.run(seeds: 1).answers == ["no failure found": 1])
  }
}

extension Challenge.Result {
  /// The answers that were found most often.
  var commonest: String {
    let most = answers.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(4)
    return most.map { "\($0.value) × \($0.key)" }.joined(separator: "; ")
  }
}
