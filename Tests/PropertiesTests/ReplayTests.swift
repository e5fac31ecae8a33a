import Testing

@testable import Properties

@Suite struct `replays` {
  private let gen = Gen.zip(
    Gen.int(), .double(specials: .all), .list(of: .bool()), .tensor([2, 3]))

  private func failing(_ value: (Int, Double, [Bool], TensorRecipe), _ trial: inout Trial) {
    trial.observe(output: trial.seed)
    trial.expect(value.2.count < 3, label: "short")
  }

  private func report() -> CellReport {
    check("replay/subject", gen, profile: Profile(.faults)) { failing($0, &$1) }
  }

  @Test func `a blob runs the same input with the same seed`() throws {
    let failure = try #require(report().failure)
    let again = Properties.replay("replay/subject", gen, blob: failure.choices) { failing($0, &$1) }
    #expect(again.verdict == .failed(.falsified))
    #expect(again.failure?.printed == failure.printed)
    #expect(again.failure?.choices == failure.choices)
  }

  @Test func `a blob with any character changed is stale, never a crash`() throws {
    let blob = try #require(report().failure).choices
    for position in blob.indices {
      var edited = blob
      let letter = edited.remove(at: position)
      edited.insert(letter == "A" ? "B" : "A", at: position)
      let again = Properties.replay("replay/subject", gen, blob: edited) { failing($0, &$1) }
      #expect(again.verdict == .failed(.stale), "\(position)")
    }
    let cut = Properties.replay("replay/subject", gen, blob: String(blob.dropLast(3))) {
      failing($0, &$1)
    }
    #expect(cut.verdict == .failed(.stale))
  }

  @Test(arguments: ["", "A", "====", "!", "AQ", "ünïcödé", "AAAAAAAAAAAAAAAAAAAAAAAA"])
  func `malformed text is stale`(text: String) {
    let again = Properties.replay("replay/subject", gen, blob: text) { failing($0, &$1) }
    #expect(again.verdict == .failed(.stale))
  }

  @Test func `random bytes behind a valid check sum are refused`() {
    let report = check(
      "blobs/garbage", .list(of: Gen<UInt8>.int()), trials: 2000, profile: Profile(.ci)
    ) { bytes, trial in
      let content = [ReplayBlob.formatVersion] + bytes
      let hash = XXH3.hash64(content)
      let sum = (0..<4).map { UInt8(truncatingIfNeeded: hash >> (8 * $0)) }
      trial.compared()
      guard let blob = try? ReplayBlob(Base64URL.encode(content + sum)) else { return }
      trial.expect((try? ReplayBlob(blob.text)) != nil)
    }
    #expect(report.isPassed, "\(report.summary)")
  }

  @Test func `base 64 is exact in both directions`() {
    let report = check(
      "base64/round trip", .list(of: Gen<UInt8>.int()), trials: 500, profile: Profile(.ci)
    ) { bytes, trial in
      trial.expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }
    #expect(report.isPassed, "\(report.summary)")
    #expect(Base64URL.encode(Array("light w".utf8)) == "bGlnaHQgdw")
    #expect(Base64URL.decode("bGlnaHQgdx") == nil)
  }

  @Test func `choices that no longer fit a changed generator are stale`() throws {
    let small = Gen.int(0...100)
    let report = check("replay/changed", small, profile: Profile(.faults)) { $1.expect($0 < 50) }
    let blob = try #require(report.failure).choices
    let narrower = Properties.replay("replay/changed", .int(0...9), blob: blob) {
      $1.expect($0 < 50)
    }
    #expect(narrower.verdict == .failed(.stale))
    let longer = Properties.replay("replay/changed", .list(of: .int(0...100)), blob: blob) {
      $1.expect($0.count < 50)
    }
    #expect(longer.verdict == .failed(.stale))
    let wider = Properties.replay("replay/changed", .int(0...1000), blob: blob) {
      $1.expect($0 < 50)
    }
    #expect(wider.verdict == .failed(.falsified))
  }

  @Test func `a replayed input that no longer fails passes`() throws {
    let blob = try #require(report().failure).choices
    let again = Properties.replay("replay/subject", gen, blob: blob) { $1.compared() }
    #expect(again.verdict == .passed && again.trials == 1)
  }

  @Test func `a profile with a request replays that cell and searches the others`() throws {
    let failure = try #require(report().failure)
    var profile = Profile(.ci)
    profile.replay = ReplayRequest(cell: "replay/subject", blob: failure.choices)
    let one = check("replay/subject", gen, profile: profile) { failing($0, &$1) }
    #expect(one.trials == 1 && one.failure?.printed == failure.printed)
    let other = check("replay/other", .int(), profile: profile) { $1.compared() }
    #expect(other.trials == 100)
  }
}

@Suite struct `profiles` {
  @Test func `budgets, seeds and writing follow the name`() {
    #expect(Profile(.dev).budget(62) == 16 && Profile(.dev).budget(400) == 100)
    #expect(Profile(.ci).budget(62) == 62 && Profile(.nightly).budget(62) == 496)
    #expect(Profile(.ci).seed == 0 && Profile(.faults).shrinkEvaluations == 0)
    #expect(Profile(.dev, day: "2026-11-25").seed != Profile(.dev, day: "2026-11-26").seed)
    #expect(!Profile(.ci).writesRegressions && Profile(.dev).writesRegressions)
  }

  @Test func `the environment overrides`() throws {
    let profile = try Profile.resolve([
      "ZOO_PROFILE": "ci", "ZOO_SEED": "17", "ZOO_TRIALS": "5", "ZOO_REPLAY": "a b/c f64@AQ",
    ])
    #expect(profile.name == .ci && profile.seed == 17 && profile.budget(100) == 5)
    #expect(profile.replay == ReplayRequest(cell: "a b/c f64", blob: "AQ"))
    #expect(try Profile.resolve([:]).name == .dev)
  }

  @Test(arguments: [
    ["ZOO_PROFILE": "nightli"], ["ZOO_PROFILE": ""], ["ZOO_SEED": "x"], ["ZOO_SEED": "-1"],
    ["ZOO_TRIALS": "0"], ["ZOO_TRIALS": "many"], ["ZOO_REPLAY": "no blob"], ["ZOO_REPLAY": "a@"],
  ])
  func `an unknown value is an error that names it`(environment: [String: String]) throws {
    let error = try #require(throws: ProfileError.self) { try Profile.resolve(environment) }
    let (name, value) = try #require(environment.first)
    #expect(error.description.contains(name) && error.description.contains("'\(value)'"))
  }

  @Test func `the error for a misspelt profile suggests the nearest name`() throws {
    let error = #expect(throws: ProfileError.self) {
      try Profile.resolve(["ZOO_PROFILE": "nightli"])
    }
    #expect(error?.description.contains("did you mean 'nightly'?") == true)
  }

  @Test func `a seed that is new each day is announced, with the way back to it`() throws {
    let line = try #require(Profile(.dev, day: "2026-11-25").announcement)
    let seed = Profile(.dev, day: "2026-11-25").seed
    #expect(line.hasPrefix("profile dev, seed \(seed): ZOO_PROFILE=dev ZOO_SEED=\(seed) "))
    #expect(Profile(.nightly).announcement != nil)
    #expect(Profile(.ci).announcement == nil && Profile(.faults).announcement == nil)
  }

  @Test func `a profile with a problem refuses to run`() {
    var profile = Profile(.ci)
    profile.problem = "ZOO_SEED is 'x'"
    let report = check("profiles/problem", .int(), profile: profile) { $1.compared() }
    #expect(report.verdict == .failed(.unhealthy) && report.reason == "ZOO_SEED is 'x'")
  }
}
