import Foundation
import JSON
import Parts
import Testing
import Torch

/// The configurations that ship with the package.
@Suite struct `shipped configurations` {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Configs")

  /// Those of models; those of the Long Range Arena hold trainings.
  static let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { !$0.hasPrefix("lra") }

  @Test func `there are some`() { #expect(Self.files.count >= 5) }

  @Test(arguments: files) func `build, and a step of training lowers the loss`(_ file: String)
    throws
  {
    let json = try JSON(parsing: Data(contentsOf: Self.folder.appendingPathComponent(file)))
    let generator = Generator(seed: 1)
    let model = try Registry.zoo.model(json, generator: generator)
    var inputs: [String: Tensor] = [:]
    for input in model.signature.inputs {
      let shape = [2, 4, 3, 32, 32]
      switch input.element {
      case .index(let bound):
        inputs[input.name] = try (Tensor.uniform([2, 32], generator: generator) * Double(bound))
          .to(.int64)
      case .floating:
        inputs[input.name] = try Tensor.normal([2] + shape.suffix(3), generator: generator)
      }
    }
    func loss() throws -> Tensor {
      let output = try model.run(inputs)
      let target = try Tensor.normal(output.shape, generator: Generator(seed: 2))
      return try ((output - target) * (output - target)).mean()
    }
    // Without dropout, so that both losses are of the same function.
    model.eval()
    let before = try loss()
    let parameters = model.parameters
    let derivatives = try before.gradients(of: parameters.map(\.value))
    var state: [String: Tensor] = [:]
    for ((key, value), derivative) in zip(parameters, derivatives) {
      if let derivative { state[key] = try value.detached() - derivative * 0.01 }
    }
    #expect(state.count > parameters.count / 2)
    try model.load(state, strict: false)
    #expect(try loss().item() < before.item())
  }

  @Test func `the models of the original have as many parameters as there`() throws {
    func count(_ file: String, _ changes: (inout [JSON]) -> Void = { _ in }) throws -> Int {
      let json = try JSON(parsing: Data(contentsOf: Self.folder.appendingPathComponent(file)))
      var stacks = try #require(json.array)
      changes(&stacks)
      return try Registry.zoo.model(.array(stacks), generator: Generator(seed: 0)).parameterCount
    }
    #expect(try count("vit.json") == 8432)
    // The original has no final normalization here.
    let plain = try count("gpt.json") { stacks in
      var own = stacks[0].object ?? [:]
      own["final_norm"] = false
      stacks[0] = .object(own)
    }
    #expect(plain == 7872)
    // The original has projections around attentions that do not use them.
    let unused = 16 * 16 + 16 + 2 * (32 * 32 + 32)
    #expect(try count("hierarchical.json") + unused == 111_936)
  }
}
