import Conformance
import JSON
import Parts
import Testing
import Torch

@Suite struct `recorded cases` {
  /// A case of full attention over two keys: softmax of 0 and 1 over √D = 1.
  private func file(
    config: String? = #"{"name": "scaled_dot_product"}"#, kind: String? = "attention",
    output: [Double] = [2.0 - 0.2689414213699951], extra: [String: Tensor] = [:],
    header: [String: String] = [:], without: String? = nil
  ) throws -> SafetensorsFile {
    var tensors: [String: SafetensorsEntry] = [
      "input.q": try Tensor([1.0], shape: [1, 1, 1]).safetensorsEntry(),
      "input.k": try Tensor([0.0, 1], shape: [1, 2, 1]).safetensorsEntry(),
      "input.v": try Tensor([1.0, 2], shape: [1, 2, 1]).safetensorsEntry(),
      "cotangent": try Tensor([1.0], shape: [1, 1, 1]).safetensorsEntry(),
      "output": try Tensor(output, shape: [1, 1, 1]).safetensorsEntry(),
    ]
    for (name, tensor) in extra { tensors[name] = try tensor.safetensorsEntry() }
    if let without { tensors[without] = nil }
    var metadata = header
    metadata["kind"] = kind
    metadata["config"] = config
    return SafetensorsFile(tensors: tensors, metadata: metadata)
  }

  @Test func `a value that is reproduced matches, with its gradients`() throws {
    let p = 0.2689414213699951
    let gradient = try Tensor([p, 1 - p], shape: [1, 2, 1])
    let good = try RecordedCase(file(extra: ["grad.input.v": gradient]), file: "case")
    #expect(try good.compare(in: .zoo).verdict == .matches)
    let wrong = try RecordedCase(file(extra: ["grad.input.v": gradient * 1.1]), file: "case")
    #expect(try wrong.compare(in: .zoo).verdict == .differs)
    #expect(try wrong.compare(in: .zoo).worst.tensor == "grad.input.v")
    let off = try RecordedCase(file(output: [1.7]), file: "case")
    #expect(try off.compare(in: .zoo).verdict == .differs)
  }

  @Test func `a case that cannot be run gives the reason`() throws {
    #expect(message { _ = try RecordedCase(file(kind: nil), file: "f") }.contains("--kind"))
    #expect(
      message { _ = try RecordedCase(file(kind: "atention"), file: "f") }
        .contains("did you mean `attention`"))
    #expect(message { _ = try RecordedCase(file(config: nil), file: "f") }.contains("--config"))
    #expect(message { _ = try RecordedCase(file(config: "{"), file: "f") }.contains("is not JSON"))
    let one = try Tensor([1.0], shape: [1])
    #expect(
      message { _ = try RecordedCase(file(extra: ["inputs.q": one]), file: "f") }
        .contains("unknown tensor `inputs.q`, did you mean `input.*`?"))
    #expect(
      message {
        _ = try RecordedCase(file(extra: ["param.w": one]), file: "f").compare(in: .zoo)
      }.contains("there is no parameter `param.w`"))
    #expect(
      message {
        _ = try RecordedCase(file(extra: ["input.mask": one]), file: "f").compare(in: .zoo)
      }.contains("unknown tensor `input.mask`"))
    #expect(
      message {
        _ = try RecordedCase(file(extra: ["grad.input.w": one]), file: "f").compare(in: .zoo)
      }.contains("grad.input.w"))
  }

  private func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "nothing was thrown"
  }

  private func compared(_ file: SafetensorsFile) throws -> RecordedComparison {
    try RecordedCase(file, file: "f").compare(in: .zoo)
  }

  @Test func `the header and its configuration name the same part`() throws {
    let other = try file(header: ["part": "local"])
    #expect(
      message { _ = try RecordedCase(other, file: "f") }
        == "f: the header's `part` is `local`, but the name in its `config` is `scaled_dot_product`"
    )
    #expect(try RecordedCase(other, file: "f", config: ["name": "nystrom"]).part == "nystrom")
    let dispatch = try file(
      config: #"{"attention": {"name": "local"}}"#, kind: "multihead", header: ["part": "favor"])
    #expect(message { _ = try RecordedCase(dispatch, file: "f") }.contains("the attention.name in"))
  }

  @Test func `a result of another type or shape, or without elements, differs`() throws {
    let p = 0.2689414213699951
    let gradient = try Tensor([p, 1 - p], shape: [1, 2, 1])
    for wrong in try [
      gradient.to(.float32), gradient.to(.int64), gradient.reshaped([2, 1]),
      gradient.slice(1, 0..<0),
      Tensor([true, false], shape: [1, 2, 1]),
    ] {
      let found = try compared(file(extra: ["grad.input.v": wrong]))
      #expect(found.verdict == .differs)
      #expect(
        found.worst.comparison.description == "differs in type or shape: f64 [1, 2, 1], recorded "
          + "\(wrong.dtype) \(wrong.shape)")
    }
    let narrow = try Tensor([1.7], shape: [1, 1, 1], dtype: .float32)
    #expect(try compared(file(extra: ["output": narrow])).worst.tensor == "output")
  }

  @Test func `recorded gradients need a cotangent`() throws {
    let gradient = try Tensor([0.2689414213699951, 0.7310585786300049], shape: [1, 2, 1])
    #expect(
      message { _ = try compared(file(extra: ["grad.input.v": gradient], without: "cotangent")) }
        .contains("`grad.input.v` was recorded, but there is no `cotangent`"))
  }

  @Test(arguments: [Double.nan, .infinity])
  func `recorded values that are not finite match only if they are declared`(value: Double) throws {
    // The second key's value reaches the output with any weight.
    let values = try Tensor([1.0, value], shape: [1, 2, 1])
    func found(_ output: Double, _ header: [String: String] = [:]) throws -> RecordedComparison {
      try compared(file(output: [output], extra: ["input.v": values], header: header))
    }
    let undeclared = try found(value)
    #expect(undeclared.verdict == .differs)
    #expect(
      undeclared.worst.comparison.description.contains(
        "was recorded as \(value): values that are not "))
    let declared = ["nonFinite": "true"]
    #expect(try found(value, declared).verdict == .matches)
    #expect(try found(value.isNaN ? .infinity : -.infinity, declared).verdict == .differs)
    #expect(try found(1, declared).verdict == .differs, "it is not finite on one side only")
    #expect(
      message { _ = try found(value, ["nonFinite": "yes"]) }
        == "f: the header's `nonFinite` is `yes`, expected true or false")
  }

  @Test func `floating tensors that go in have one type`() throws {
    func feedforward(_ changes: [String: Tensor]) throws -> SafetensorsFile {
      let part = try MLP(.sample, generator: Generator(seed: 0))
      var tensors = [
        "input.inputs": try Tensor.zeros([1, 2, 8]), "output": try Tensor.zeros([1, 2, 8]),
      ]
      for (key, value) in part.stateDict { tensors["param.\(key)"] = try value.detached() * 0 }
      return try SafetensorsFile(
        tensors: tensors.merging(changes) { $1 }.mapValues { try $0.safetensorsEntry() },
        metadata: [
          "kind": "feedforward",
          "config": #"{"name": "MLP", "dim_model": 8, "hidden_layer_multiplier": 4}"#,
        ])
    }
    #expect(try compared(feedforward([:])).verdict == .matches)
    let wide = try Tensor.zeros([8], .float64)
    #expect(
      message { _ = try compared(feedforward(["param.mlp.3.bias": wide])) }
        == "f: tensor `param.mlp.3.bias`: expected f32, the type of `input.inputs`, got f64")
    #expect(
      message { _ = try compared(feedforward(["cotangent": Tensor.zeros([1, 2, 8], .float64)])) }
        .contains("tensor `cotangent`: expected f32"))
    let missing = try feedforward([:])
    var misnamed = missing
    misnamed.tensors["param.mlp.1.bias"] = misnamed.tensors.removeValue(forKey: "param.mlp.3.bias")
    #expect(
      message { _ = try compared(misnamed) }.contains(
        "no parameter `param.mlp.1.bias`; did you mean \"param.mlp.3.bias\"?"
      ))
  }

  @Test func `what the original recorded has its keys`() throws {
    let config: JSON = ["dim_model": 2, "hidden_layer_multiplier": 1, "bias": false]
    let part = try MLP(.decode(config), generator: Generator(seed: 3))
    let inputs = try Tensor.normal([1, 3, 2], generator: Generator(seed: 4))
    let output = try part.run(["inputs": inputs])
    let slopes = try output.gradients(
      of: part.parameters.map(\.value), cotangent: Tensor.ones([1, 3, 2]))
    func tensors(_ last: String) throws -> [String: Tensor] {
      var tensors = [
        "input.inputs": inputs, "output": try output.detached(),
        "cotangent": try Tensor.ones([1, 3, 2]),
      ]
      for ((key, value), slope) in zip(part.parameters, slopes) {
        let own = key.replacing("mlp.3", with: last)
        tensors["param.\(own)"] = try value.detached()
        tensors["grad.param.\(own)"] = slope
      }
      return tensors
    }
    func file(_ last: String, source: String) throws -> SafetensorsFile {
      try SafetensorsFile(
        tensors: tensors(last).mapValues { try $0.safetensorsEntry() },
        metadata: [
          "kind": "feedforward", "source": source,
          "config":
            #"{"name": "FusedMLP", "dim_model": 2, "hidden_layer_multiplier": 1, "bias": false}"#,
        ])
    }
    for last in ["mlp.2", "mlp.3"] {
      #expect(try compared(file(last, source: "xFormers v0.0.20")).verdict == .matches)
    }
    #expect(
      message { _ = try compared(file("mlp.2", source: "mine")) }
        .contains("there is no parameter `param.mlp.2.weight`"))
  }

  @Test(arguments: ["favor", "random"])
  func `draws are called by the names of the case`(_ name: String) throws {
    let config = try JSON(
      parsing: [
        "favor": #"{"name": "favor", "dim_head": 4}"#, "random": #"{"name": "random", "r": 0.3}"#,
      ][name] ?? "")
    let part = try Registry.zoo.attention(name, config, generator: Generator(seed: 7))
    part.eval()
    let x = try Tensor.normal([2, 6, 4], generator: Generator(seed: 1))
    let output = try part.run(["q": x, "k": x, "v": x])
    func recorded(_ state: [String: Tensor]) throws -> SafetensorsFile {
      var tensors = ["output": output, "input.q": x, "input.k": x, "input.v": x]
      for (key, value) in state { tensors["state.\(key)"] = value }
      return try SafetensorsFile(
        tensors: tensors.mapValues { try $0.safetensorsEntry() },
        metadata: ["kind": "attention", "config": config.description])
    }
    let drawn = part.drawn
    let expected = drawn.keys.sorted().map { "state.\($0)" }.joined(separator: ", ")
    #expect(!drawn.isEmpty)
    #expect(try compared(recorded(drawn)).verdict == .matches)
    let key = try #require(drawn.keys.min())
    var misnamed = drawn
    misnamed[String(key.dropLast())] = misnamed.removeValue(forKey: key)
    let text = message { _ = try compared(recorded(misnamed)) }
    #expect(
      text.hasPrefix(
        "attention \(name): unknown tensor `state.\(key.dropLast())`, did you mean `state.\(key)`?"),
      "\(text)")
    #expect(
      message { _ = try compared(recorded([:])) }
        == "f: the output depends on random draws that the "
        + "case does not hold: expected \(expected), got none")
  }

  @Test func `a part that draws nothing takes no draws`() throws {
    let one = try Tensor([1.0], shape: [1])
    #expect(
      message { _ = try compared(file(extra: ["state.features": one])) }
        .contains("`state.features` is not supported: the part draws nothing at random"))
  }

  @Test func `a declared deviation must exist`() throws {
    let zeros = try Tensor.zeros([2, 4, 2], .float64)
    let padding = try Tensor([true, true, true, false], shape: [1, 4])
    func nystrom(_ output: Tensor) throws -> RecordedCase {
      var tensors: [String: SafetensorsEntry] = ["output": try output.safetensorsEntry()]
      for name in ["q", "k", "v"] { tensors["input.\(name)"] = try zeros.safetensorsEntry() }
      tensors["input.key_padding_mask"] = try padding.safetensorsEntry()
      return try RecordedCase(
        SafetensorsFile(
          tensors: tensors,
          metadata: [
            "kind": "attention",
            "config": #"{"name": "nystrom", "num_heads": 1, "num_landmarks": 2}"#,
          ]), file: "case")
    }
    let far = try nystrom(zeros + 1).compare(in: .zoo)
    guard case .deviates = far.verdict else {
      Issue.record("\(far.verdict)")
      return
    }
    let same = try nystrom(zeros).compare(in: .zoo)
    guard case .matchesAgainstDeclaration = same.verdict else {
      Issue.record("\(same.verdict)")
      return
    }
    #expect(far.isGood && !same.isGood)
  }
}
