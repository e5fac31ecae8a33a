import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `errors of calls` {
  private func build(_ kind: Kind, _ name: String, _ config: JSON) throws -> any PartModule {
    try Registry.zoo.build(kind, name, config, generator: Generator(seed: 0)).part
  }

  @Test func `a registered part is called by its kind and name`() throws {
    let part = try build(.attention, "nystrom", ["num_heads": 2])
    let zeros = try Tensor.zeros([2, 3, 4])
    #expect(
      message { _ = try part.run(["q": zeros, "k": zeros]) }
        == "attention nystrom: tensor `v` is missing; "
        + "the part takes q, k, v, att_mask, key_padding_mask")
    let attention = try #require(part as? NystromAttention)
    #expect(
      message { _ = try attention(zeros, zeros, Tensor.zeros([2, 2, 4])) }
        == "attention nystrom: tensor `v`: expected the keys' length T = 3, got the shape [2, 2, 4]"
    )
    let masks = Masks(attention: try Tensor.full([3, 3], 1, .bool))
    #expect(
      message { _ = try attention(zeros, zeros, zeros, masks: masks) }
        .hasPrefix("attention nystrom: att_mask is not supported"))
  }

  @Test func `a part made by hand is called by its type`() throws {
    let mlp = try MLP(.sample, generator: Generator(seed: 0))
    #expect(
      message { _ = try mlp(Tensor.zeros([2, 3, 7])) }
        == "MLP: tensor `inputs`: expected [B, S, E] with E = 8, got the shape [2, 3, 7]")
  }

  @Test func `a rotary embedding refuses mixed types however it is called`() throws {
    let part = try RotaryEmbedding(.sample, generator: Generator(seed: 0))
    let (query, key) = (try Tensor.zeros([2, 3, 8]), try Tensor.zeros([2, 5, 8], .float64))
    #expect(
      message { _ = try part(query, key) }
        == "RotaryEmbedding: tensor `k`: expected f32, the type of q, got f64")
  }

  @Test func `errors of a dispatch use its tensors and shapes`() throws {
    let part = try build(
      .multihead, "local", ["dim_model": 6, "num_heads": 3, "attention": ["name": "local"]])
    let query = try Tensor.zeros([2, 4, 6])
    let key = try Tensor.zeros([2, 5, 6])
    #expect(
      message { _ = try part.run(["query": query, "key": key]) }
        == "multihead local: tensor `key`: expected the query's length S = 4: "
        + "S and T must be equal, got the shape [2, 5, 6]")
  }

  @Test(
    arguments: [
      ([4, 4], true), ([1, 4, 4], true), ([2, 4, 4], true), ([6, 4, 4], true),
      ([2, 3, 4, 4], true),
      ([3, 4, 4], false), ([3, 2, 4, 4], false), ([6, 1, 4, 4], false), ([2, 1, 4, 4], false),
      ([2, 4, 1], false), ([2, 1, 4], false), ([4], false),
    ])
  func `a dispatch takes masks for its items and heads only`(shape: [Int], fits: Bool) throws {
    let part = try build(
      .multihead, "scaled_dot_product",
      ["dim_model": 6, "num_heads": 3, "attention": ["name": "scaled_dot_product"]])
    let text = message {
      _ = try part.run([
        "query": Tensor.zeros([2, 4, 6]), "att_mask": Tensor.full(shape, 1, .bool),
      ])
    }
    #expect((text == "nothing was thrown") == fits)
    #expect(fits || text.contains("B = 2, H = 3"), "\(text)")
  }

  @Test func `sizes beyond any memory are refused without being tried`() throws {
    for size in [1 << 31, 1 << 40, Int.max] {
      let text = message {
        _ = try build(
          .feedforward, "MLP",
          ["dim_model": .integer(size), "hidden_layer_multiplier": .integer(size)])
      }
      #expect(
        text
          == "feedforward MLP: key `dim_model`: expected a whole number from 1 to 2147483647, "
          + "got \(size)")
    }
    let text = message {
      _ = try build(
        .feedforward, "MLP", ["dim_model": 2_147_483_647, "hidden_layer_multiplier": 1])
    }
    #expect(text.hasPrefix("feedforward MLP: this configuration is not supported"), "\(text)")
  }

  @Test func `a matrix that is not finite does not affect the others of its batch`() throws {
    let part = try build(
      .attention, "nystrom",
      ["num_heads": 1, "num_landmarks": 2, "use_razavi_pinverse": false])
    part.eval()
    let clean = try Tensor.normal([2, 5, 3], generator: Generator(seed: 1))
    let broken = try Tensor.cat([clean.slice(0, 0..<1) * .nan, clean.slice(0, 1..<2)], 0)
    let expected = try part.run(["q": clean, "k": clean, "v": clean])
    let output = try part.run(["q": broken, "k": broken, "v": broken])
    #expect(try output.slice(0, 1..<2).doubles() == expected.slice(0, 1..<2).doubles())
    #expect(try output.slice(0, 0..<1).isNaN().allTrue())
  }

  /// Valid inputs of a part with its sample configuration.
  private func inputs(_ part: any PartModule) throws -> [String: Tensor] {
    let length = try #require((4...64).first { part.claims.sequence.accepts($0) })
    let lengths = ["S": length, "T": length, "N": 4, "B": 2, "H": 2, "D": 4, "V": 4, "E": 8]
    let signature = part.signature
    return try signature.inputs.reduce(into: [:]) { made, input in
      let shape = input.axes.map { signature.fixed[$0.letter] ?? lengths[$0.letter] ?? 1 }
      made[input.name] = try Tensor.zeros(shape, input.element == .floating ? .float32 : .int64)
    }
  }

  /// The parameters of a module and those inside it.
  private func parameters(_ module: Module, _ prefix: String = "") -> [(String, Parameter)] {
    module.members.flatMap { key, member -> [(String, Parameter)] in
      switch member {
      case let inner as Module: parameters(inner, "\(prefix)\(key).")
      case let parameter as Parameter: [(prefix + key, parameter)]
      default: []
      }
    }
  }

  @Test(arguments: Registry.zoo.entries.map(\.title))
  func `every part refuses types that are mixed, by the name of a tensor`(_ title: String) throws {
    let entry = try #require(Registry.zoo.entries.first { $0.title == title })
    func made() throws -> any PartModule { try build(entry.kind, entry.name, entry.sample) }
    func isRefused(_ part: any PartModule, _ inputs: [String: Tensor]) -> Bool {
      do { _ = try part.run(inputs) } catch let error as PartError {
        guard case .dtype(let tensor, let expected, let got) = error.problem else { return false }
        return !tensor.isEmpty && expected.contains("the type of") && expected != got
      } catch {}
      return false
    }
    let part = try made()
    let valid = try inputs(part)
    _ = try part.run(valid)
    let floating = valid.filter { $0.value.dtype.isFloating }
    for (name, tensor) in floating where floating.count > 1 || part.parameterCount > 0 {
      #expect(isRefused(part, valid.merging([name: try tensor.to(.float64)]) { $1 }), "\(name)")
    }
    for (key, _) in parameters(part) {
      let mixed = try made()
      for (other, parameter) in parameters(mixed) where other == key {
        try parameter.replace(parameter.value.to(.float64))
      }
      if floating.isEmpty, mixed.parameters.count == 1 { continue }
      #expect(isRefused(mixed, valid), "\(key)")
    }
    let length = valid.values.first?.size(1) ?? 0
    if part.claims.masks.contains(.additive) {
      let mask = try Tensor.zeros([length, length], .float64)
      #expect(isRefused(part, valid.merging(["att_mask": mask]) { $1 }))
    }
    if part.claims.masks.contains(.keyPadding) {
      let padding = try Tensor.zeros([2, length], .float64)
      #expect(isRefused(part, valid.merging(["key_padding_mask": padding]) { $1 }))
    }
  }

  @Test(arguments: Registry.zoo.entries.map(\.title))
  func `an empty axis is called empty`(_ title: String) throws {
    let entry = try #require(Registry.zoo.entries.first { $0.title == title })
    let part = try build(entry.kind, entry.name, entry.sample)
    let empty = try inputs(part).mapValues { try $0.slice(0, 0..<0) }
    #expect(
      message { _ = try part.run(empty) }
        .contains("expected at least 1 along axis 0, which has length 0, got the shape [0, "))
  }

  @Test(arguments: [
    ("nystrom", "num_heads", 3 as JSON, "num_heads = 2"),
    ("scaled_dot_product", "num_heads", 3, "num_heads = 2"),
    ("compositional", "dim_model", 16, "dim_model = 8"),
    ("lambda", "dim_head", 8, "dim_model / num_heads = 4"),
  ])
  func `a dispatch refuses sizes of its attention that contradict its own`(
    name: String, key: String, value: JSON, own: String
  ) throws {
    func config(_ value: JSON) -> JSON {
      [
        "dim_model": 8, "num_heads": 2,
        "attention": .object(["name": .string(name), "seq_len": 6, key: value]),
      ]
    }
    #expect(
      message { _ = try build(.multihead, name, config(value)) }
        == "multihead \(name): key `attention.\(key)`: expected \(own), the dispatch's own, "
        + "got \(value)")
  }
}
