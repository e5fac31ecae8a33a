import Catalogue
import Conformance
import Foundation
import JSON
import Parts
import Properties
import Reporting
import Synchronization
import Testing
import Torch

/// Laws that would pass but prove nothing; each gets a specific failing verdict.
@Suite struct `sabotaged laws` {
  private let cell = Cell(
    kind: .attention, part: "scaled_dot_product", law: Self.id, dtype: "f64")
  private static let id = LawID(
    "T99", "test-sabotage", kinds: [.attention], .contract, tags: [.config])

  private func judge(
    _ profile: Profile = Profile(.ci), needs: [Need] = [], of object: LawObject = .itself,
    plan: ScenarioPlan = ScenarioPlan(),
    _ property: @escaping @Sendable (Setting, inout Trial) throws -> Void
  ) throws -> CellResult {
    let kit = Kit {
      try $0.laws.add([
        Law(
          Self.id, trials: 64, witness: nil, needs: needs, of: object, plan: plan,
          property: property)
      ])
    }
    return try kit.judge(cell, profile: profile)
  }

  @Test func `a law that throws its comparison away is vacuous`() throws {
    let result = try judge { setting, _ in
      let inputs = try setting.inputs()
      _ = try compare(setting.part().run(inputs), setting.part().run(inputs), .bits)
    }
    #expect(result.verdict == .failed(.vacuous))
    #expect(result.failure?.message.contains("compared nothing") == true)
  }

  @Test func `a law whose assumption never holds is unhealthy`() throws {
    let result = try judge { _, trial in
      try trial.assume(false)
      trial.expect(true)
    }
    #expect(result.verdict == .failed(.unhealthy))
    #expect(result.failure?.message.contains("rejected") == true)
  }

  @Test func `an option that is drawn and never reaches the part is undercovered`() throws {
    let result = try judge(needs: [.notCausal]) { setting, trial in
      trial.cover(atLeast: 8, "causal reached the part", setting.claims.causal == .always)
      trial.expect(true)
    }
    #expect(result.verdict == .failed(.undercovered))
    #expect(result.failure?.message.contains("'causal reached the part' held in 0 of 64") == true)
  }

  @Test func `a law with a memory is flaky`() throws {
    let runs = Mutex(0)
    let result = try judge { _, trial in
      let run = runs.withLock { count in
        count += 1
        return count
      }
      trial.expect(run != 9, label: "ninth")
    }
    #expect(result.verdict == .failed(.flaky))
    #expect(result.failure?.message.contains("then passed") == true)
  }

  @Test func `extras that a law draws are made smaller, printed and drawn again`() throws {
    let plan = ScenarioPlan { draft in
      [
        .tensor("direction", draft.query), .number("row", below: 9), .order("turned", of: 3),
        .mask("pairs", [2, 2]),
      ]
    }
    let property = { @Sendable (setting: Setting, trial: inout Trial) throws -> Void in
      let largest = try setting.extra("direction").abs().maximum().item()
      let isHidden = try !setting.extra("pairs").allTrue()
      trial.expect(
        try largest < 1 || setting.number("row") < 2 || setting.order("turned")[0] == 2 || !isHidden
      )
    }
    let result = try judge(plan: plan, property)
    let failure = try #require(result.failure)
    #expect(result.verdict == .failed(.falsified))
    #expect(failure.printed.contains("direction = zeros(1, 1, 2) with [0,0,0] = 1"), "\(failure)")
    #expect(failure.printed.contains("row = 2\n"), "\(failure)")
    #expect(failure.printed.contains("turned = [0, 2, 1]"), "\(failure)")
    #expect(failure.printed.contains("pairs = true where mask(2, 2, allTrue) with"), "\(failure)")

    var profile = Profile(.ci)
    profile.replay = ReplayRequest(cell: cell.path, blob: failure.choices)
    let again = try judge(profile, plan: plan, property)
    #expect(again.verdict == .failed(.falsified) && again.trials == 1)
    #expect(again.failure?.printed == failure.printed)
    let unknown = try judge(plan: plan) { setting, _ in _ = try setting.extra("size") }
    #expect(
      unknown.failure?.message.contains(
        "the law draws no `size`; its extras are: direction, row, turned, pairs") == true)
  }

  @Test func `an error in what a law needs is neither made smaller nor stored`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("regressions-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var profile = Profile(.ci)
    profile.regressions = folder.path
    profile.writesRegressions = true
    let result = try judge(profile) { _, _ in throw KitError("the kit lacks a scale") }
    #expect(result.verdict == .failed(.unhealthy))
    #expect(result.failure?.message == "the kit lacks a scale")
    #expect(!FileManager.default.fileExists(atPath: folder.path))
    _ = try judge(profile) { _, trial in trial.fail("a finding") }
    #expect(FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func `queries and keys are printed as they ran`() throws {
    let result = try judge(plan: ScenarioPlan(fills: .only(.spike), masks: .none)) {
      setting, trial in
      let inputs = try setting.inputs()
      guard let query = inputs["q"], let key = inputs["k"] else { return }
      let recipe = setting.scenario.input("q")?.recipe.values() ?? []
      let width = Double(query.size(-1)).squareRoot()
      trial.expect(
        try query.abs().maximum().item() * key.abs().maximum().item() * width <= 1e4,
        label: "moderate")
      trial.expect(try query.doubles() == recipe, label: "as drawn")
    }
    let failure = try #require(result.failure)
    #expect(failure.origin == "T99/as drawn")
    let line = try #require(failure.printed.split(separator: "\n").first { $0.contains("q = ") })
    #expect(line.contains(" · 2^-"), "\(failure.printed)")
  }

  @Test func `a law that compares an output with itself is vacuous`() throws {
    let result = try judge { setting, trial in
      let output = try setting.part().run(setting.inputs())
      try trial.equal(output, output, .bits, label: "same")
    }
    #expect(result.verdict == .failed(.vacuous))
  }

  @Test func `outputs that never vary are unhealthy`() throws {
    let result = try judge { _, trial in
      let (a, b) = (try Tensor([1.0, 2], shape: [2]), try Tensor([1.0, 2], shape: [2]))
      try trial.equal(a, b, .bits, label: "same")
    }
    #expect(result.verdict == .failed(.unhealthy))
    #expect(result.failure?.message.contains("same output") == true)
  }

  @Test func `a law that never calls the part is unhealthy`() throws {
    let property = { @Sendable (setting: Setting, trial: inout Trial) throws -> Void in
      trial.expect(!(try setting.part().parameters.contains { $0.key.isEmpty }))
    }
    let result = try judge(of: .calls, property)
    #expect(result.verdict == .failed(.unhealthy))
    #expect(result.failure?.message.contains("no trial called the part") == true)
    #expect(try judge(of: .itself, property).verdict == .passed)
  }

  @Test func `lengths that are mostly equal are unhealthy`() {
    var health = LawHealth(object: .calls)
    for trial in 0..<16 { health.count(calls: 1, equalLengths: trial < 8) }
    #expect(health.problem == nil)
    health.count(calls: 1, equalLengths: true)
    #expect(health.problem == "9 of 17 trials had two equal lengths")
  }

  @Test func `stored failures that were edited are stale, each for its reason`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("sabotage-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var profile = Profile(.ci)
    profile.regressions = folder.path
    profile.writesRegressions = true
    let found = try judge(profile) { setting, trial in
      trial.expect(setting.scenario.lengths[.queryLength] < 3, label: "short")
    }
    #expect(found.verdict == .failed(.falsified))
    let file = folder.appendingPathComponent("attention-scaled_dot_product/test-sabotage.json")
    let stored = try Regression.list(parsing: Array(Data(contentsOf: file)))
    #expect(stored.count == 1 && stored[0].origin == "T99/short")
    profile.writesRegressions = false

    func outcome(_ edit: (inout Regression) -> Void) throws -> CellResult {
      var entry = stored[0]
      edit(&entry)
      try Data(Regression.text([entry]).utf8).write(to: file)
      return try judge(profile) { _, trial in trial.expect(true) }
    }
    #expect(try outcome { _ in }.verdict == .passed)
    let edits: [(reason: String, edit: (inout Regression) -> Void)] = [
      ("damaged", { $0.choices.removeLast(5) }),
      ("generatorHash", { $0.generatorHash = "0000000000000000" }),
    ]
    for (reason, edit) in edits {
      let result = try outcome(edit)
      #expect(result.verdict == .failed(.stale))
      #expect(result.failure?.message.contains(reason) == true, "\(result.text)")
    }
    try Data("[{".utf8).write(to: file)
    #expect(try judge(profile) { _, trial in trial.expect(true) }.verdict == .failed(.stale))

    var entry = stored[0]
    entry.origin = "T99/elsewhere"
    try Data(Regression.text([entry]).utf8).write(to: file)
    let moved = try judge(profile) { setting, trial in
      trial.expect(setting.scenario.lengths[.queryLength] < 3, label: "short")
    }
    #expect(moved.verdict == .failed(.falsified))
    #expect(
      moved.failure?.message.contains("stored at T99/elsewhere is one at T99/short") == true)
  }

  @Test func `mistakes at other origins are in the report, made as small as possible`() throws {
    let result = try judge { setting, trial in
      let length = setting.scenario.lengths[.queryLength]
      trial.expect(length < 7, label: "long")
      trial.expect(length < 3, label: "short")
    }
    #expect(result.verdict == .failed(.falsified))
    let all = [result.failure].compactMap { $0 } + result.otherFailures
    #expect(all.map(\.origin).sorted() == ["T99/long", "T99/short"], "\(result.text)")
    #expect(all.allSatisfy { $0.shrink != nil && $0.reproduce.contains("ZOO_REPLAY") })
  }
}
