import JSON
import LongRangeArena
import Parts
import Testing
import Torch

struct RecordedTrainingTests {
  /// A training of three steps as a file, with what it gives recorded in it.
  private func file(_ attention: String = "nystrom", task: String = "listops") throws
    -> SafetensorsFile
  {
    let json = section(["num_train_steps": 6, "gradient_accumulation": 3], layers: 2, dropout: 0)
    let config = try arena(json, task: task, attention)
    let model = try ArenaModel(config, generator: Generator(seed: 3))
    try model.to(.float64)
    func numbers(_ shape: [Int], _ range: Range<Int>) throws -> Tensor {
      let count = shape.reduce(1, *)
      return try Tensor(
        (0..<count).map { range.lowerBound + $0 * 7 % range.count }, shape: shape)
    }
    var tensors = [
      "ids": try numbers([3, 8, 12], 1..<16), "labels": try numbers([3, 8], 0..<2),
    ]
    if config.task.isPaired { tensors["ids_1"] = try numbers([3, 8, 12], 2..<16) }
    for (key, value) in model.stateDict { tensors["init.\(key)"] = value }
    var file = SafetensorsFile(
      tensors: try tensors.mapValues { try $0.safetensorsEntry() },
      metadata: [
        "kind": "training", "task": task, "attention": attention, "config": "\(json)",
        "dual": "\(config.task.isPaired)", "final_norm": "true",
      ])
    let run = try RecordedTraining(file, file: "t", in: .zoo).run(in: .zoo)
    for (name, value) in run.results { file.tensors[name] = try value.safetensorsEntry() }
    return file
  }

  @Test(arguments: ["listops", "retrieval"])
  func `a training repeats itself in every bit`(task: String) throws {
    let run = try RecordedTraining(file(task: task), file: "t", in: .zoo).run(in: .zoo)
    #expect(run.recorded.count > 20)
    for (name, value) in run.recorded {
      #expect(try run.results[name]?.bytes() == value.bytes(), "\(name)")
    }
    let losses = try #require(run.results["loss"]).doubles()
    #expect(Set(losses).count == 3)
  }

  @Test func `without its final normalization a model has fewer parameters`() throws {
    var file = try file()
    file.metadata["final_norm"] = "false"
    let error = #expect(throws: ArenaError.self) {
      try RecordedTraining(file, file: "t", in: .zoo).run(in: .zoo)
    }
    let text = try #require(error).description
    #expect(text.contains("init.model.encoders.1.wrap_ff.norm.weight"), "\(text)")
  }

  @Test func `wrong headers and tensors are named`() throws {
    let good = try file()
    func problem(_ change: (inout SafetensorsFile) throws -> Void) throws -> String {
      var file = good
      try change(&file)
      do {
        _ = try RecordedTraining(file, file: "t.safetensors", in: .zoo).run(in: .zoo)
        return "nothing"
      } catch { return "\(error)" }
    }
    let entry = try Tensor([1.0], shape: [1]).safetensorsEntry()
    let words = try Tensor([Int](repeating: 25, count: 288), shape: [3, 8, 12]).safetensorsEntry()
    let cases: [(String, (inout SafetensorsFile) throws -> Void)] = [
      ("holds no `task`", { $0.metadata["task"] = nil }),
      ("did you mean `listops`?", { $0.metadata["task"] = "listop" }),
      ("there is no `nystrm`, did you mean `nystrom`?", { $0.metadata["attention"] = "nystrm" }),
      ("`config` is not JSON", { $0.metadata["config"] = "{" }),
      ("`dual` is `true`, but the task listops has single", { $0.metadata["dual"] = "true" }),
      ("`final_norm` is `maybe`, expected true or false", { $0.metadata["final_norm"] = "maybe" }),
      ("tensor `ids` is missing", { $0.tensors["ids"] = nil }),
      ("tensor `labels`", { $0.tensors["labels"] = nil }),
      (
        "`ids` has the shape [1]",
        { $0.tensors["ids"] = try Tensor([1], shape: [1]).safetensorsEntry() }
      ),
      ("expected i64, got f64", { $0.tensors["ids"] = entry }),
      ("expected numbers from 0 below vocab_size = 20, got 25", { $0.tensors["ids"] = words }),
      ("did you mean `labels`?", { $0.tensors["label"] = entry }),
      (
        "parameter `init.norm.weight` has the shape [1], expected [8]",
        { $0.tensors["init.norm.weight"] = entry }
      ),
      ("parameter `init.norm.bias` is missing", { $0.tensors["init.norm.bias"] = nil }),
      ("there is no parameter `init.norm.offset`", { $0.tensors["init.norm.offset"] = entry }),
      ("parameter `final.norm.bias` is missing", { $0.tensors["final.norm.bias"] = nil }),
      (
        "no tensors `init.*`",
        { file in
          for key in file.tensors.keys where key.hasPrefix("init.") { file.tensors[key] = nil }
        }
      ),
    ]
    for (expected, change) in cases {
      let text = try problem(change)
      #expect(text.contains(expected), "\(expected): \(text)")
    }
  }
}
