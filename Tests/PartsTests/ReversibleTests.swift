import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `reversible sequences` {
  private func build(_ config: JSON) throws -> ReversibleSequence {
    let part = try Registry.zoo.unary(
      .reversible, "sequence", config, generator: Generator(seed: 1))
    return try #require(part as? ReversibleSequence)
  }

  @Test(
    arguments: [
      (["blocks": 0, "dim": 4], "key `blocks`: expected a whole number from 1"),
      (["blocks": 1, "dim": 4, "f": "Linear,GEL"], "Linear,GELU, "),
      (["blocks": 1, "dim": 4, "g": "Mlp"], "key `g`: expected one of Linear, "),
      (
        ["blocks": 1, "dim": 4, "f": ["name": "MLP", "dim_model": 8]],
        "key `f.dim_model`: expected 4, that of a half, got 8"
      ),
      (
        ["blocks": 1, "dim": 4, "g": ["name": "Conv2DFeedforward", "dim_model_out": 6]],
        "key `g`: expected a feedforward to the width of a token"
      ),
    ] as [(JSON, String)])
  func `refuse options that make no sequence`(config: JSON, text: String) {
    let error = #expect(throws: PartError.self) { _ = try build(config) }
    #expect(error?.description.hasPrefix("reversible sequence: ") == true)
    #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
  }

  @Test func `have the keys of the original`() throws {
    #expect(
      try build(["blocks": 1, "dim": 2]).stateKeys == [
        "blocks.0.f.net.0.weight", "blocks.0.f.net.0.bias", "blocks.0.g.net.0.weight",
        "blocks.0.g.net.0.bias",
      ])
    let generator = Generator(seed: 1)
    let norm = try Registry.zoo.unary(
      .normalization, "rmsnorm", ["dim_model": 2], generator: generator)
    let linear = try Linear(2, 2, bias: false, generator: generator)
    let own = try ReversibleSequence(dim: 2, around: [(norm, linear)])
    #expect(own.stateKeys == ["blocks.0.f.net.weight", "blocks.0.g.net.weight"])
    #expect(throws: PartError.self) { _ = try ReversibleSequence(dim: 2, around: []) }
    #expect(throws: PartError.self) { _ = try own(Tensor.ones([1, 1, 4])) }
  }

  @Test func `compute and undo an example by hand`() throws {
    // f doubles and g triples: (1, 2) becomes (5, 17), and that (39, 134).
    let empty = Module()
    let sequence = try ReversibleSequence(dim: 1, around: [(empty, empty), (empty, empty)])
    let x = try Tensor([1.0, 2], shape: [1, 1, 2]).requireGrad()
    let output = try sequence(x, f: { try $1 * 2 }, g: { try $1 * 3 })
    #expect(try output.doubles() == [39, 134])
    let undone = try sequence.inverse(output.detached(), f: { try $1 * 2 }, g: { try $1 * 3 })
    #expect(try undone.doubles() == [1, 2])
    // Each block is the matrix (1 2; 3 7), whose square is (7 16; 24 55).
    let derivative = try output.gradients(of: [x], cotangent: Tensor([1.0, 10], shape: [1, 1, 2]))
    #expect(try derivative[0]?.doubles() == [247, 566])
  }

  @Test func `train parameters although the input has no gradient`() throws {
    let sequence = try build(["blocks": 2, "dim": 3])
    let x = try Tensor.normal([2, 4, 6], generator: Generator(seed: 2))
    try sequence(x).sum().backward()
    for (key, value) in sequence.parameters {
      #expect(try value.grad?.abs().maximum().item() ?? 0 > 0, "\(key)")
    }
  }

  /// Attentions as a model has them, with draws of their own.
  @Test(arguments: ["scaled_dot_product", "random", "orthoformer", "favor", "local"])
  func `repeat the draws of an attention and a mixture of experts`(name: String) throws {
    let (width, generator) = (4, Generator(seed: 3))
    let sample = try Registry.zoo.entry(.attention, name).sample.object ?? [:]
    let own = JSON.object(sample.merging(["dropout": 0.3]))
    let blocks = try (0..<3).map { _ in
      (
        f: try Registry.zoo.attention(name, own, generator: generator),
        g: try Registry.zoo.unary(
          .feedforward, "MixtureOfExperts",
          [
            "dim_model": .integer(width), "number_of_experts": 4, "gate": "top_2",
            "dropout": 0.3,
          ], generator: generator)
      )
    }
    let sequence = try ReversibleSequence(dim: width, around: blocks.map { ($0.f, $0.g) })
    try sequence.to(.float64)
    func f(_ block: Int, _ x: Tensor) throws -> Tensor { try blocks[block].f(x, x, x) }
    func g(_ block: Int, _ x: Tensor) throws -> Tensor { try blocks[block].g(x) }
    func plain(_ x: Tensor) throws -> Tensor {
      var (first, second) = try (x.slice(-1, 0..<width), x.slice(-1, width..<2 * width))
      for block in blocks.indices {
        first = try first + f(block, second)
        second = try second + g(block, first)
      }
      return try Tensor.cat([first, second], -1)
    }
    let values = try Tensor.normal([2, 6, 2 * width], .float64, generator: Generator(seed: 4))
    func results(_ call: (Tensor) throws -> Tensor) throws -> [[Double]] {
      try sequence.reseed(5)
      let x = try values.clone().requireGrad()
      let outputs = try [call(x), call(x)]
      let found = try outputs.flatMap {
        try $0.gradients(
          of: [x] + sequence.parameters.map(\.value), cotangent: values)
      }
      return try (outputs + found.map { $0 ?? values } + [call(x)]).map { try $0.doubles() }
    }
    let expected = try results(plain)
    let actual = try results { try sequence($0, f: f, g: g) }
    #expect(actual.count == expected.count)
    for (one, other) in zip(actual.joined(), expected.joined()) {
      #expect(abs(one - other) <= 1e-9 * (1 + abs(other)))
    }
  }

  @Test func `add the gradients of a parameter that blocks share`() throws {
    let shared = try Linear(2, 2, generator: Generator(seed: 6))
    let sequence = try ReversibleSequence(dim: 2, around: [(shared, shared), (shared, shared)])
    #expect(sequence.parameters.count == 2)
    let x = try Tensor.normal([1, 3, 4], generator: Generator(seed: 7))
    let before = try #require(sequence.parameters.first).value
    func slope(_ call: (Tensor) throws -> Tensor) throws -> [Double] {
      try #require(try call(x).sum().gradients(of: [before])[0]).doubles()
    }
    func f(_ block: Int, _ x: Tensor) throws -> Tensor { try shared(x) }
    let actual = try slope { try sequence($0, f: f, g: f) }
    let expected = try slope { x in
      var (first, second) = try (x.slice(-1, 0..<2), x.slice(-1, 2..<4))
      for _ in 0..<2 {
        first = try first + shared(second)
        second = try second + shared(first)
      }
      return try Tensor.cat([first, second], -1)
    }
    for (one, other) in zip(actual, expected) { #expect(abs(one - other) < 1e-4) }
  }

  @Test func `refuse sublayers of another shape`() throws {
    let sequence = try ReversibleSequence(dim: 2, around: [(Module(), Module())])
    let x = try Tensor.ones([1, 3, 4])
    let error = #expect(throws: PartError.self) {
      _ = try sequence(x, f: { _, x in x }, g: { try $1.slice(1, 0..<1) })
    }
    #expect(error?.description.contains("g of block 0") == true)
  }

  @Test func `throw from a backward pass what a sublayer throws in it`() throws {
    let sequence = try ReversibleSequence(dim: 2, around: [(Module(), Module())])
    let x = try Tensor.ones([1, 3, 4]).requireGrad()
    let output = try sequence(
      x,
      f: { _, x in
        guard !isGradEnabled else {
          throw PartError(.unsupported(feature: "a second call", reason: "of this test"))
        }
        return x
      }, g: { _, x in x })
    let error = #expect(throws: TorchError.self) { try output.sum().backward() }
    #expect(error?.message.contains("a second call") == true)
  }

  @Test(arguments: [false, true])
  func `refuse a backward pass with other parameters`(replaces: Bool) throws {
    let sequence = try build(["blocks": 2, "dim": 2])
    let output = try sequence(Tensor.ones([1, 1, 4])).sum()
    let (key, value) = try #require(sequence.parameters.last)
    if replaces {
      try sequence.load([key: value * 2], strict: false)
    } else {
      try value.detached().copy(from: value.detached() * 2)
    }
    let error = #expect(throws: TorchError.self) { try output.backward() }
    #expect(error?.message.contains("tensor `\(key)`: expected the values of the forward") == true)
  }

  @Test func `report and take the draws of sublayers`() throws {
    let gate: JSON = ["name": "MixtureOfExperts", "number_of_experts": 3, "gate": "top_2"]
    let sequence = try build(["blocks": 2, "dim": 4, "g": gate])
    let x = try Tensor.normal([1, 5, 8], generator: Generator(seed: 8))
    let output = try sequence(x)
    let drawn = sequence.drawn
    #expect(drawn.keys.sorted() == ["g.0.noise", "g.1.noise"])
    try sequence.inject(drawn)
    #expect(try sequence(x).doubles() == output.doubles())
    #expect(throws: PartError.self) { try sequence.inject(["g.2.noise": x]) }
    #expect(throws: PartError.self) { try sequence.inject(["g.0.nois": x]) }
  }

  @Test(arguments: [DType.float16, .bfloat16])
  func `train in half precision`(dtype: DType) throws {
    let sequence = try build(["blocks": 2, "dim": 4])
    let x = try Tensor.normal([2, 3, 8], generator: Generator(seed: 9))
    func slope(_ dtype: DType) throws -> [Double] {
      try sequence.to(dtype)
      let value = try #require(sequence.parameters.first).value
      return try #require(try sequence(x.to(dtype)).sum().gradients(of: [value])[0]).doubles()
    }
    let exact = try slope(.float32)
    for (one, other) in try zip(slope(dtype), exact) {
      #expect(abs(one - other) <= 0.1 * (1 + abs(other)))
    }
  }
}
