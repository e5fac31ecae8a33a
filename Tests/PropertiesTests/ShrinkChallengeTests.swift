import Testing

@testable import Properties

@Suite struct `shrinking challenge` {
  @Test(arguments: Challenge.all)
  func `every seed ends at the smallest answer within the runs allowed`(challenge: Challenge) {
    let result = challenge.run(seeds: 100)
    print(result)
    #expect(result.hits == 100, "\(result.answers)")
    #expect(result.mean <= result.bar)
  }

  @Test func `there are thirteen cases, and each prints its line`() {
    #expect(Challenge.all.count == 13)
    let line = Challenge.all[2].run(seeds: 5).description
    #expect(line.hasPrefix("reverse"))
    #expect(line.contains("5/5"))
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
    let none = Challenge("none", expected: "[]", bar: 2, .constant([0])) { $1.expect($0 == [0]) }
    #expect(none.run(seeds: 1).answers == ["no failure found": 1])
  }
}
