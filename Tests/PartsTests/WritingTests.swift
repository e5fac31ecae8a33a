import Foundation
import JSON
import Parts
import Testing
import Torch

/// A model of characters that learns a text and writes.
@Suite struct `a model that writes` {
  private let text = "the cat sat on the mat and the dog sat on the cat. "
  private let generator = Generator(seed: 3)
  private let model: Model
  private let head: Linear
  private let letters: [Character]

  init() throws {
    letters = Set(text).sorted()
    let words = letters.count
    let json = try JSON(
      parsing: Data(
        contentsOf: `shipped configurations`.folder.appendingPathComponent("gpt.json")))
    var stack = try #require(json[0]?.object)
    stack["position_encoding_config"] = [
      "name": "vocab", "seq_len": 32, "vocab_size": .integer(words), "dropout": 0.1,
    ]
    model = try Registry.zoo.model([.object(stack)], generator: generator)
    head = try Linear(16, words, generator: generator)
  }

  private func indices(_ text: some Sequence<Character>) -> [Int] {
    text.compactMap { letters.firstIndex(of: $0) }
  }

  /// Mean negative log likelihood of the next letters in windows of the text.
  private func loss() throws -> Tensor {
    let all = indices(text + text)
    let starts = stride(from: 0, to: text.count, by: 7)
    let inputs = try Tensor(
      starts.flatMap { all[$0..<$0 + 24] }, shape: [starts.underestimatedCount, 24])
    let targets = starts.flatMap { all[$0 + 1..<$0 + 25] }
    let logits = try head(model(inputs)).reshaped([targets.count, letters.count])
    let chosen = try Tensor(
      targets.flatMap { target in letters.indices.map { $0 == target ? 1.0 : 0 } },
      shape: [targets.count, letters.count]
    ).to(.float32)
    return try -((logits.softmax(-1).log() * chosen).sum(-1).mean())
  }

  /// Steps along the derivative.
  private func train(_ steps: Int) throws -> [Double] {
    var losses: [Double] = []
    for _ in 0..<steps {
      let loss = try loss()
      losses.append(try loss.item())
      let parameters = model.parameters
      let derivatives = try loss.gradients(of: parameters.map(\.value))
      var state: [String: Tensor] = [:]
      for ((key, value), derivative) in zip(parameters, derivatives) {
        if let derivative { state[key] = try value.detached() - derivative * 0.5 }
      }
      try model.load(state, strict: false)
    }
    return losses
  }

  @Test func `learns, and goes on bit for bit after its state was saved and loaded`() throws {
    let losses = try train(30)
    #expect(losses[29] < 0.8 * losses[0], "\(losses)")

    let file = try SafetensorsFile(
      tensors: model.stateDict.mapValues { try $0.safetensorsEntry() }
    ).encoded()
    try model.reseed(5)
    let after = try train(3)
    let expected = model.stateDict
    let saved = try SafetensorsFile(bytes: file, name: "state").tensors
    try model.load(saved.mapValues { try Tensor($0) })
    try model.reseed(5)
    #expect(try train(3) == after)
    for (key, value) in expected {
      #expect(try value.equals(#require(model.stateDict[key])).allTrue(), "\(key)")
    }
  }

  @Test func `writes the same with a cache as without, after prompts of different lengths`() throws
  {
    _ = try train(20)
    model.eval()
    let prompts = ["the c", "dog sat on", "m"].map(indices)
    let cached = try model.write(20, after: prompts, usesCache: true, head: head.callAsFunction)
    let plain = try model.write(20, after: prompts, usesCache: false, head: head.callAsFunction)
    #expect(cached == plain)
    #expect(cached.allSatisfy { $0.count == 20 })
    let alone = try model.write(20, after: [prompts[2]], head: head.callAsFunction)
    #expect(alone == [cached[2]])
    #expect(try model.write(0, after: prompts, head: head.callAsFunction) == [[], [], []])

    func sampled(_ seed: UInt64, top: Int? = nil, temperature: Double = 1) throws -> [[Int]] {
      try model.write(
        12, after: prompts,
        choosing: .sampling(
          temperature: temperature, top: top, generator: Generator(seed: seed)),
        head: head.callAsFunction)
    }
    #expect(try sampled(1) == sampled(1))
    #expect(try sampled(1) != sampled(2))
    let greedy = try model.write(12, after: prompts, head: head.callAsFunction)
    #expect(try sampled(1, top: 1) == greedy)
    #expect(try sampled(2, temperature: 1e-6) == greedy)
  }

  @Test func `a low temperature prefers likely words`() throws {
    model.eval()
    let (count, temperature) = (4000, 0.5)
    let logits = try Tensor([0.0, 0.5, 1], shape: [1, 1, 3]).expanded([count, 1, -1])
    let written = try model.write(
      1, after: Array(repeating: [0], count: count),
      choosing: .sampling(temperature: temperature, generator: Generator(seed: 7))
    ) { _ in logits }
    let shares = (0..<3).map { word in
      Double(written.count { $0 == [word] }) / Double(count)
    }
    // e⁰, e¹ and e² over their sum; a share of 4000 draws has a standard deviation below 0.008.
    for (share, expected) in zip(shares, [0.0900, 0.2447, 0.6652]) {
      #expect(abs(share - expected) < 0.04, "\(shares)")
    }
  }

  @Test func `a decoder writes the same with a cache as without`() throws {
    func stack(_ type: String, _ others: JSONObject) -> JSON {
      let common: JSONObject = [
        "block_type": .string(type), "num_layers": 2, "dim_model": 16,
        "residual_norm_style": "pre",
        "position_encoding_config": ["name": "vocab", "seq_len": 32, "vocab_size": 12],
        "feedforward_config": [
          "name": "MLP", "dropout": 0, "activation": "relu", "hidden_layer_multiplier": 2,
        ],
      ]
      return .object(common.merging(others))
    }
    func heads(_ attention: JSON) -> JSON { ["num_heads": 2, "attention": attention] }
    let causal = heads(["name": "scaled_dot_product", "causal": true])
    func model(
      _ cross: JSON, reader: JSON = ["name": "linformer", "seq_len": 9, "k": 4]
    ) throws -> Model {
      let model = try Registry.zoo.model(
        [
          stack("encoder", ["multi_head_config": heads(reader)]),
          stack(
            "decoder",
            ["multi_head_config_masked": causal, "multi_head_config_cross": heads(cross)]),
        ], generator: generator)
      model.eval()
      return model
    }
    let head = try Linear(16, 12, generator: generator)
    let source = try Tensor(Array(0..<9) + Array(3..<12), shape: [2, 9])
    let prompts = [[1, 2, 3], [4]]
    func written(_ model: Model, _ usesCache: Bool?, mask: Tensor? = nil) throws -> [[Int]] {
      try model.write(
        16, after: prompts, reading: source, sourceMask: mask, usesCache: usesCache,
        head: head.callAsFunction)
    }
    let exact = try model(["name": "scaled_dot_product"])
    #expect(exact.claims.incremental)
    #expect(try written(exact, true) == written(exact, false))
    #expect(
      try exact.write(
        16, after: [prompts[1]], reading: source.slice(0, 1..<2), head: head.callAsFunction)
        == [written(exact, true)[1]])

    let masking = try model(
      ["name": "scaled_dot_product"], reader: ["name": "scaled_dot_product"])
    let mask = try Tensor((0..<18).map { $0 % 9 == 0 }, shape: [2, 9])
    #expect(try written(masking, true, mask: mask) == written(masking, false, mask: mask))
    #expect(try written(masking, true, mask: mask) != written(masking, true))

    // Landmarks of the queries make each depend on all.
    let nystrom = try model(["name": "nystrom", "num_landmarks": 2])
    #expect(!nystrom.claims.incremental)
    #expect(try written(nystrom, nil).map(\.count) == [16, 16])

    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(
      message { _ = try exact.write(1, after: prompts) { $0 } }.contains("tensor `src` is missing"))
    #expect(
      message { _ = try exact.makeCache(batch: 3, reading: ["src": source]) }
        .contains("expected as many rows as the cache, B = 3, got the shape [2, 9]"))
    #expect(message { _ = try exact.makeCache(batch: 2) }.contains("`src`"))
    #expect(
      message { _ = try exact.makeCache(batch: 2, reading: ["scr": source]) }.contains("`src`"))
  }

  @Test func `explains what it cannot write`() throws {
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    let prompt = [[0]]
    #expect(
      message { _ = try model.write(1, after: prompt, head: head.callAsFunction) }
        .contains("call eval()"))
    model.eval()
    #expect(
      message { _ = try model.write(1, after: [[]], head: head.callAsFunction) }
        .contains("prompts of at least one word"))
    #expect(
      message { _ = try model.write(40, after: prompt, head: head.callAsFunction) }
        .contains("seq_len = 32"))
    let vit = try JSON(
      parsing: Data(
        contentsOf: `shipped configurations`.folder.appendingPathComponent("vit.json")))
    let other = try Registry.zoo.model(vit, generator: generator)
    #expect(
      message { _ = try other.write(1, after: prompt) { $0 } }.contains("the model is not causal"))
  }
}
