import Conformance
import Parts
import Testing
import Torch

@Suite struct `recorded cases` {
  /// A case of full attention over two keys: softmax of 0 and 1 over √D = 1.
  private func file(
    config: String? = #"{"name": "scaled_dot_product"}"#, kind: String? = "attention",
    output: [Double] = [2.0 - 0.2689414213699951], extra: [String: Tensor] = [:]
  ) throws -> SafetensorsFile {
    var tensors: [String: SafetensorsEntry] = [
      "input.q": try Tensor([1.0], shape: [1, 1, 1]).safetensorsEntry(),
      "input.k": try Tensor([0.0, 1], shape: [1, 2, 1]).safetensorsEntry(),
      "input.v": try Tensor([1.0, 2], shape: [1, 2, 1]).safetensorsEntry(),
      "cotangent": try Tensor([1.0], shape: [1, 1, 1]).safetensorsEntry(),
      "output": try Tensor(output, shape: [1, 1, 1]).safetensorsEntry(),
    ]
    for (name, tensor) in extra { tensors[name] = try tensor.safetensorsEntry() }
    var metadata: [String: String] = [:]
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

  @Test func `a case that cannot be run says why`() throws {
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "nothing was thrown"
    }
    #expect(message { _ = try RecordedCase(file(kind: nil), file: "f") }.contains("--kind"))
    #expect(
      message { _ = try RecordedCase(file(kind: "atention"), file: "f") }
        .contains("did you mean `attention`"))
    #expect(message { _ = try RecordedCase(file(config: nil), file: "f") }.contains("--config"))
    #expect(message { _ = try RecordedCase(file(config: "{"), file: "f") }.contains("no JSON"))
    let one = try Tensor([1.0], shape: [1])
    #expect(
      message { _ = try RecordedCase(file(extra: ["inputs.q": one]), file: "f") }
        .contains("inputs.q"))
    #expect(
      message {
        _ = try RecordedCase(file(extra: ["param.w": one]), file: "f").compare(in: .zoo)
      }.contains("`w`"))
    #expect(
      message {
        _ = try RecordedCase(file(extra: ["input.mask": one]), file: "f").compare(in: .zoo)
      }.contains("att_mask"))
    #expect(
      message {
        _ = try RecordedCase(file(extra: ["grad.input.w": one]), file: "f").compare(in: .zoo)
      }.contains("grad.input.w"))
  }

  @Test func `a declared deviation must be one`() throws {
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
