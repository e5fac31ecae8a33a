import Catalogue
import Conformance
import Parts
import Properties
import Reporting
import Testing
import Torch

/// The laws of attentions on parts from outside the zoo, with one mistake each.
struct AttentionLawTests {
  @Test func `a correct attention from outside passes every law`() throws {
    for law in attentionLaws { #expect(try verdict(of: NoMistake.self, law) == .passed) }
  }

  @Test func `an attention that sees one token ahead is not causal`() throws {
    #expect(try isFalsified(SeesAhead.self, .causality))
    #expect(try isFalsified(SeesAhead.self, .receptiveField))
  }

  @Test func `an attention that drops the oldest key has another receptive field`() throws {
    #expect(try isFalsified(ForgetsFirst.self, .receptiveField))
    #expect(try verdict(of: ForgetsFirst.self, .causality) == .passed)
  }

  @Test func `a weight of one part in a trillion on hidden keys is seen`() throws {
    #expect(try isFalsified(LeaksSlightly.self, .maskedContentIrrelevance))
  }

  @Test func `an empty row that becomes a mean is seen`() throws {
    #expect(try isFalsified(MeanForEmptyRows.self, .emptyRow))
  }

  @Test func `empty rows are refused exactly where that is claimed`() throws {
    #expect(try verdict(of: RefusesEmptyRows.self, .emptyRow) == .passed)
    #expect(try isFalsified(OnlySaysThatItRefuses.self, .emptyRow))
  }

  @Test func `a preference for early keys depends on their order`() throws {
    #expect(try isFalsified(PrefersEarlyKeys.self, .keyValuePermutation))
    #expect(try isFalsified(PrefersEarlyKeys.self, .zeroQuery))
    #expect(try verdict(of: PrefersEarlyKeys.self, .permutationEquivariance) == .passed)
  }

  @Test func `a temperature that grows with the position depends on the order of queries`() throws {
    #expect(try isFalsified(HotterLater.self, .permutationEquivariance))
    #expect(try isFalsified(HotterLater.self, .scaleLaw))
    #expect(try verdict(of: HotterLater.self, .keyValuePermutation) == .passed)
  }

  @Test func `logits of normalised keys do not survive a shift`() throws {
    #expect(try isFalsified(NormalisedKeys.self, .shiftStability))
    #expect(try isFalsified(NormalisedKeys.self, .scaleLaw))
  }

  @Test func `a floor of the weights keeps a match from being exact`() throws {
    #expect(try isFalsified(FloorOfWeights.self, .retrievalLimit))
  }

  @Test func `a bias that is clamped is not the bias that was given`() throws {
    #expect(try isFalsified(ClampedLogits.self, .additiveBias))
  }

  @Test func `weights that sum to more than 1 where lengths differ are seen`() throws {
    #expect(try isFalsified(SumsGrowAcrossLengths.self, .constantValue))
  }

  private let attentionLaws: [LawID] = [
    .constantValue, .causality, .receptiveField, .maskedContentIrrelevance, .emptyRow,
    .keyValuePermutation,
    .permutationEquivariance, .shiftStability, .additiveBias, .scaleLaw, .zeroQuery,
    .retrievalLimit,
  ]

  private func isFalsified<M: Mistake>(_ mistake: M.Type, _ law: LawID) throws -> Bool {
    try verdict(of: mistake, law) == .failed(.falsified)
  }

  private func verdict<M: Mistake>(of mistake: M.Type, _ law: LawID) throws -> Reporting.Verdict {
    let kit = Kit {
      try $0.parts.add([
        .attention(
          "mistaken", MistakenAttention<M>.self, MistakenConfig.self, summary: "A mistake.")
      ])
    }
    let cell = Cell(kind: .attention, part: "mistaken", law: law, dtype: "f64")
    return try kit.judge(cell, profile: Profile(.faults)).verdict
  }
}

private enum NoMistake: Mistake {}

private enum SeesAhead: Mistake {
  static func allowed(_ allowed: Tensor, _ causal: Tensor?) throws -> Tensor {
    guard causal != nil else { return allowed }
    return try allowed .& Tensor.full(allowed.shape, 1, .bool).lowerTriangle(1)
  }
}

private enum ForgetsFirst: Mistake {
  static func allowed(_ allowed: Tensor, _ causal: Tensor?) throws -> Tensor {
    let seen = try causal.map { try allowed .& $0 } ?? allowed
    let keys = allowed.size(-1)
    guard keys > 3 else { return seen }
    return try seen .& Tensor((0..<keys).map { $0 > 0 }, shape: [keys])
  }
}

private enum LeaksSlightly: Mistake {
  static func weights(_ weights: Tensor, _ allowed: Tensor) throws -> Tensor {
    try weights + (.!allowed).to(weights.dtype) * 1e-12
  }
}

private enum MeanForEmptyRows: Mistake {
  static func weights(_ weights: Tensor, _ allowed: Tensor) throws -> Tensor {
    try weights.filled(1 / Double(weights.size(-1)), where: .!allowed.any(-1, keep: true))
  }
}

private enum RefusesEmptyRows: Mistake {
  static let emptyRow = EmptyRowClaim.throwing
  static func weights(_ weights: Tensor, _ allowed: Tensor) throws -> Tensor {
    guard try allowed.any(-1).allTrue() else {
      throw PartError(
        .content(tensor: "att_mask", expected: "a key for each query", got: "an empty row"))
    }
    return weights
  }
}

private enum OnlySaysThatItRefuses: Mistake {
  static let emptyRow = EmptyRowClaim.throwing
}

private enum PrefersEarlyKeys: Mistake {
  static func logits(_ logits: Tensor, _ query: Tensor, _ key: Tensor) throws -> Tensor {
    try logits - Tensor.range(key.size(-2), logits.dtype) * 1e-6
  }
}

private enum HotterLater: Mistake {
  static func logits(_ logits: Tensor, _ query: Tensor, _ key: Tensor) throws -> Tensor {
    try logits / (Tensor.range(query.size(-2), logits.dtype).unsqueezed(-1) * 1e-6 + 1)
  }
}

private enum NormalisedKeys: Mistake {
  static func logits(_ logits: Tensor, _ query: Tensor, _ key: Tensor) throws -> Tensor {
    try logits / ((key * key).sum(-1).unsqueezed(-2) + 1).sqrt()
  }
}

private enum FloorOfWeights: Mistake {
  static func weights(_ weights: Tensor, _ allowed: Tensor) throws -> Tensor {
    let floored = try weights.clamp(1e-6, nil).filled(0, where: .!allowed)
    let sum = try floored.sum(-1, keep: true)
    return try floored / sum.filled(1, where: sum.equals(0))
  }
}

private enum SumsGrowAcrossLengths: Mistake {
  static func weights(_ weights: Tensor, _ allowed: Tensor) throws -> Tensor {
    weights.size(-2) == weights.size(-1) ? weights : try weights * 1.000_001
  }
}

private enum ClampedLogits: Mistake {
  static func logits(_ logits: Tensor, _ query: Tensor, _ key: Tensor) throws -> Tensor {
    try logits.clamp(nil, 50)
  }
}
