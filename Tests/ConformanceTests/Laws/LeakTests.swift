import Catalogue
import Conformance
import Foundation
import Parts
import Properties
import Reporting
import Testing
import Torch

/// How small a leak from the future becomes, and that the printed line runs it again.
@Suite struct `leaks from the future` {
  private let kit = Kit {
    try $0.parts.add([
      .attention("leaking", Leaking.self, LeakingConfig.self, summary: "Multiplies neighbours."),
      .attention("ahead", SeesOneAhead.self, LeakingConfig.self, summary: "Masks one too late."),
    ])
  }

  private func cell(_ part: String) -> Cell {
    Cell(kind: .attention, part: part, law: .causality, dtype: "f64")
  }

  @Test func `a product with the next token ends at two tokens and one entry`() throws {
    let result = try kit.judge(cell("leaking"), profile: Profile(.ci))
    let failure = try #require(result.failure)
    #expect(result.verdict == .failed(.falsified))
    #expect(failure.printed.contains("v = zeros(1, 2, 2) with [0,0,0] = 1"), "\(failure.printed)")
    #expect(failure.printed.count(of: " with ") == 1, "\(failure.printed)")
    #expect(try #require(failure.shrink).evaluations < 2000)
  }

  @Test func `a mask that is one off ends at two tokens and no entry at all`() throws {
    let result = try kit.judge(cell("ahead"), profile: Profile(.ci))
    let failure = try #require(result.failure)
    #expect(failure.printed.contains("q = zeros(1, 2, 2)"), "\(failure.printed)")
    #expect(failure.printed.count(of: " with ") == 0, "\(failure.printed)")
    #expect(try #require(failure.shrink).evaluations < 2000)
  }

  @Test(arguments: ["leaking", "ahead"])
  func `the printed line runs the same input again`(part: String) throws {
    let failure = try #require(kit.judge(cell(part), profile: Profile(.ci)).failure)
    #expect(failure.reproduce.hasSuffix("swift test --filter '\(part)'"))
    let request = failure.reproduce.split(separator: "'")[1]
    let profile = try Profile.resolve(["ZOO_PROFILE": "ci", "ZOO_REPLAY": String(request)])
    let again = try kit.judge(cell(part), profile: profile)
    #expect(again.verdict == .failed(.falsified) && again.trials == 1)
    #expect(again.failure?.printed == failure.printed)
    #expect(again.failure?.origin == failure.origin)
  }

  @Test(arguments: [
    ("attention leakin/causality f64", "leaking"), ("attention leaking/causalty f64", "causality"),
    ("attention leaking/causality bf16", "not judged in bf16"),
    ("attention leaking causality", "expected a cell"),
  ])
  func `a line that names no cell is an error, with what may be meant`(
    name: String, hint: String
  ) throws {
    var profile = Profile(.ci)
    profile.replay = ReplayRequest(cell: name, blob: "AQ")
    let error = #expect(throws: KitError.self) { try kit.judge(cell("ahead"), profile: profile) }
    #expect(error?.description.contains("ZOO_REPLAY") == true)
    #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
  }

  @Test func `a line for a check that is no part's leaves parts alone`() throws {
    var profile = Profile(.ci)
    profile.replay = ReplayRequest(cell: "sorting/small", blob: "AQ")
    let result = try kit.judge(cell("ahead"), profile: profile)
    #expect(result.verdict == .failed(.falsified) && result.failure?.shrink != nil)
  }
}

extension String {
  fileprivate func count(of text: String) -> Int { components(separatedBy: text).count - 1 }
}

/// No options.
struct LeakingConfig: PartConfig {
  static let sample = Self()

  /// What an attention that is always causal and knows no masks claims.
  static var claims: Claims {
    var claims = Claims()
    claims.causal = .always
    return claims
  }
}

/// Adds to each value its product with the next one.
final class Leaking: Module, Attention {
  let config: LeakingConfig

  init(_ config: LeakingConfig, generator: Generator) throws {
    self.config = config
    super.init()
  }

  static func claims(for config: LeakingConfig) -> Claims { LeakingConfig.claims }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    try checkInputs(query, key, value)
    let length = value.size(-2)
    guard length > 1 else { return try value * 1 }
    let next = try Tensor.cat([value.slice(-2, 1..<length), value.slice(-2, 0..<1) * 0], -2)
    return try value + value * next
  }
}

/// Softmax attention whose causal mask lets one later key in.
final class SeesOneAhead: Module, Attention {
  let config: LeakingConfig

  init(_ config: LeakingConfig, generator: Generator) throws {
    self.config = config
    super.init()
  }

  static func claims(for config: LeakingConfig) -> Claims { LeakingConfig.claims }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    try checkInputs(query, key, value)
    let logits = try query.matmul(key.transposed()) / Double(query.size(-1)).squareRoot()
    let visible = try Tensor.full([query.size(-2), key.size(-2)], 1, .bool).lowerTriangle(1)
    return try logits.filled(-.infinity, where: .!visible).softmax(-1).matmul(value)
  }
}
