import Codegen

/// The suites of one attention, one feedforward and a part whose kind has no laws.
let recordedSuites = """
  // Do not edit: the next build overwrites this file.
  // Generated from 3 annotations by partsgen \(generatorVersion).
  // Inputs: c2e6384a630aede2.

  import Catalogue
  import Conformance
  import ConformanceTesting
  import Testing

  /// The parts that these suites judge.
  let manifest = PartManifest(
    hash: "c2e6384a630aede2",
    parts: [
      PartManifest.Part(kind: .attention, name: "nystrom"),
      PartManifest.Part(kind: .feedforward, name: "MLP"),
      PartManifest.Part(kind: .multihead, name: "nystrom"),
      PartManifest.Part(kind: .positionEmbedding, name: "sine"),
    ])

  @Suite(.tags(.attention)) struct `attention nystrom` {
    @Test(.tags(.contract), arguments: kit.cells(.attention, "nystrom", .contract))
    func contract(cell: JudgedCell) throws { try kit.judge(cell) }
    @Test(.tags(.causality), arguments: kit.cells(.attention, "nystrom", .causality))
    func causality(cell: JudgedCell) throws { try kit.judge(cell) }
    @Test(.tags(.sharp), arguments: kit.cells(.attention, "nystrom", .sharp))
    func sharp(cell: JudgedCell) throws { try kit.judge(cell) }
  }

  @Suite(.tags(.feedforward)) struct `feedforward MLP` {
    @Test(.tags(.contract), arguments: kit.cells(.feedforward, "MLP", .contract))
    func contract(cell: JudgedCell) throws { try kit.judge(cell) }
  }

  @Suite(.tags(.multihead)) struct `multihead nystrom` {
    @Test(.tags(.contract), arguments: kit.cells(.multihead, "nystrom", .contract))
    func contract(cell: JudgedCell) throws { try kit.judge(cell) }
    @Test(.tags(.causality), arguments: kit.cells(.multihead, "nystrom", .causality))
    func causality(cell: JudgedCell) throws { try kit.judge(cell) }
  }

  @Suite(.tags(.positionEmbedding)) struct `position_embedding sine` {
  }

  @Suite struct `the kit` {
    @Test func `selection is not empty`() throws { try kit.requireSelection(manifest) }
    @Test func `every registered part has its suites`() throws {
      try kit.requireManifest(manifest)
    }
  }

  """
