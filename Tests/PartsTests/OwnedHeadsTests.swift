import Catalogue
import JSON
import Parts
import Testing
import Torch

/// The options of the attentions below; each takes any dropout, which they have none of.
struct TokensConfig: PartConfig {
  var dimModel: Int
  static let sample = Self(dimModel: 8)
  static let required = ["dim_model"]
}

/// An attention that makes its own heads: the query times a weight for each channel.
private final class OwnHeads: Module, Attention {
  let config: TokensConfig
  let gain: Parameter

  init(_ config: TokensConfig, generator: Generator) throws {
    self.config = config
    gain = try Parameter(Tensor.uniform([config.dimModel], generator: generator))
    super.init(["gain": gain])
  }

  static func claims(for config: TokensConfig) -> Claims {
    var claims = Claims()
    claims.heads = .owned
    claims.masks = [.boolean3D]
    claims.withoutGradient = ["k", "v"]
    claims.definition = Definition("own", options: ["power": 1], parameters: ["g": "gain"])
    return claims
  }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    let lengths = try checkInputs(query, key, value)
    try masks.check(lengths, dtype: query.dtype, claims: claims)
    return try query * gain.value
  }
}

/// An attention of single heads that wants tokens as they are.
private final class Unprojected: Module, Attention {
  let config: TokensConfig

  init(_ config: TokensConfig, generator: Generator) throws {
    self.config = config
    super.init()
  }

  static func claims(for config: TokensConfig) -> Claims {
    var claims = Claims()
    claims.inputProjection = false
    claims.definition = Definition("unprojected")
    return claims
  }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    try checkInputs(query, key, value)
    return try query + value
  }
}

@Suite struct `attentions that do without projections` {
  private func build(_ attention: String, _ changes: JSONObject = [:]) throws -> MultiHeadDispatch {
    let registry = try Registry.zoo.adding([
      .attention("own", OwnHeads.self, TokensConfig.self, summary: "Makes its own heads."),
      .attention("bare", Unprojected.self, TokensConfig.self, summary: "Wants no projection."),
    ])
    let plain: JSONObject = [
      "dim_model": 8, "num_heads": 2, "attention": ["name": .string(attention)],
    ]
    let built = try registry.build(
      .multihead, attention, .object(plain.merging(changes)), generator: Generator(seed: 1))
    built.part.eval()
    return try #require(built.part as? MultiHeadDispatch)
  }

  private let x: Tensor

  init() throws { x = try Tensor.normal([2, 3, 8], generator: Generator(seed: 2)) }

  @Test func `one that makes its own heads is all there is`() throws {
    let dispatch = try build("own")
    #expect(dispatch.stateKeys == ["attention.gain"])
    let attention = dispatch.attention
    #expect(try dispatch(x).doubles() == attention(x, x, x).doubles())
    #expect(dispatch.claims.withoutGradient == ["key", "value"])
    #expect(dispatch.claims.definition?.parameters == ["attention.g": "attention.gain"])
    #expect(dispatch.claims.definition?.options["heads"] == "owned")
  }

  @Test func `one that wants no projection is split and projected back`() throws {
    let dispatch = try build("bare")
    #expect(dispatch.stateKeys == ["proj.weight", "proj.bias"])
    let projection = try #require(dispatch.outputProjection)
    #expect(try dispatch(x).doubles() == projection(x + x).doubles())
    #expect(try build("bare", ["bias": [true, true, true, false]]).stateKeys == ["proj.weight"])
  }

  @Test func `one item's queries and masks serve all`() throws {
    let dispatch = try build("own")
    let mask = try Tensor.full([1, 3, 3], 1, .bool)
    let short = try dispatch(x.slice(0, 0..<1), x, masks: Masks(attention: mask))
    #expect(short.shape == [2, 3, 8])
    #expect(try short.index(0, 0).doubles() == short.index(0, 1).doubles())
  }

  @Test(
    arguments: [
      ("own", "use_rotary_embeddings", true), ("own", "residual_dropout", 0.25),
      ("own", "bias", false), ("own", "bias", [true, true, true, false]),
      ("own", "use_separate_proj_weight", false), ("own", "dim_key", 4), ("own", "dim_value", 4),
      ("bare", "bias", false), ("bare", "bias", [true, false, true, true]),
      ("bare", "use_separate_proj_weight", false), ("bare", "dim_key", 4),
    ] as [(String, String, JSON)])
  func `options of what is not there are refused`(
    attention: String, key: String, value: JSON
  ) throws {
    let text = message { _ = try build(attention, [key: value]) }
    #expect(text.hasPrefix("multihead \(attention): `\(key)`: \(value) is not supported: "))
  }

  @Test func `parameters of the original that did nothing are dropped, and listed`() throws {
    let dispatch = try build("own")
    var state = dispatch.stateDict
    #expect(try dispatch.load(state).dropped.isEmpty)
    state["proj.weight"] = x
    state["in_proj_container.k_proj.bias"] = x
    #expect(
      try dispatch.load(state).dropped == ["in_proj_container.k_proj.bias", "proj.weight"])
    #expect(throws: StateError.unexpected(key: "proj.weights", known: ["attention.gain"])) {
      try dispatch.load(state.merging(["proj.weights": x]) { old, _ in old })
    }
    // Elsewhere they are not dead.
    #expect(throws: StateError.self) {
      try build("bare").load(["in_proj_container.q_proj.weight": x])
    }
  }
}
