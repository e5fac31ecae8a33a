import Foundation
import JSON
import Testing
import Torch

@testable import ZooCommands

@Suite struct `recorded cases` {
  let package: Package

  init() throws { package = try Package() }

  /// A case of an attention, with what it gives recorded in it.
  private func makeCase(_ name: String, shift: Double = 0) async throws -> String {
    let generator = Generator(seed: 3)
    var tensors: [String: Tensor] = [:]
    for input in ["q", "k", "v"] {
      tensors["input.\(input)"] = try Tensor.normal([2, 5, 4], .float32, generator: generator)
    }
    tensors["cotangent"] = try Tensor.normal([2, 5, 4], .float32, generator: generator)
    let header = [
      "kind": "attention", "part": "scaled_dot_product",
      "config": #"{"name": "scaled_dot_product"}"#,
    ]
    let path = package.path(name)
    var file = SafetensorsFile(
      tensors: try tensors.mapValues { try $0.safetensorsEntry() }, metadata: header)
    try file.write(to: path)
    let outcome = await package.zoo("run", path, "--output", package.path("out.safetensors"))
    try #require(outcome.status == 0, "\(outcome.errors)")
    let results = try SafetensorsFile(contentsOf: package.path("out.safetensors"))
    #expect(
      results.tensors.keys.sorted() == ["grad.input.k", "grad.input.q", "grad.input.v", "output"])
    file.tensors.merge(results.tensors) { own, _ in own }
    if shift != 0 {
      let output = try Tensor(try #require(results.tensors["output"]))
      file.tensors["output"] = try (output + shift).safetensorsEntry()
    }
    try file.write(to: path)
    return path
  }

  @Test func `what a part gives is what it matches`() async throws {
    let path = try await makeCase("case.safetensors")
    let outcome = await package.zoo("compare", path)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("case.safetensors: matches"))
    #expect(outcome.output.contains("1 case: 1 match"))
  }

  @Test func `a case that differs returns 2 and the tensor that is furthest off`() async throws {
    let good = try await makeCase("good.safetensors")
    let bad = try await makeCase("bad.safetensors", shift: 0.01)
    let outcome = await package.zoo("compare", good, bad, "--format", "json")
    #expect(outcome.status == 2)
    let report = try JSON(parsing: outcome.output)
    #expect(report["totals"]?["differs"] == 1)
    #expect(report["totals"]?["matches"] == 1)
    #expect(report["cases"]?[1]?["tensor"] == "output")
    #expect(report["cases"]?[1]?["verdict"] == "differs")
  }

  @Test func `a case that cannot be read returns 1, and the others are compared`() async throws {
    let good = try await makeCase("good.safetensors")
    let outcome = await package.zoo("compare", package.path("none.safetensors"), good)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("none.safetensors"))
    #expect(outcome.output.contains("1 match"))
    #expect(outcome.output.contains("1 cannot be read or run"))
  }

  @Test func `a configuration on the command line takes the header's place`() async throws {
    let path = try await makeCase("case.safetensors")
    let config = try package.write(
      #"{"name": "local", "window_size": 1}"#, to: "config.json")
    let outcome = await package.zoo("compare", path, "--config", config)
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("differs"))
  }
}
