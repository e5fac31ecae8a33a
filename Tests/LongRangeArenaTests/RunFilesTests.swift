import Catalogue
import Foundation
import JSON
import Parts
import Testing
import Torch

@testable import LongRangeArena

/// Files of a training that somebody removed, cut short or changed.
struct RunFilesTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func run(_ name: String, _ attention: String = "linear") throws -> ArenaRun {
    try ArenaRun(in: "\(folder.path)/\(name)", task: .named("listops"), attention: attention)
  }

  /// A trainer, and the notes that it makes.
  private func trainer(
    _ name: String, _ json: JSON = section(), _ attention: String = "linear", hash: String = "data",
    note: @escaping (String) -> Void = { _ in }, signal: @escaping () -> Int32? = { nil }
  ) throws -> Trainer {
    try Trainer(
      arena(json, attention), run: run(name, attention), data: FirstWord.splits(hash: hash),
      signal: signal, note: note)
  }

  /// Trains until the end, or until a step.
  @discardableResult
  private func train(_ name: String, until stop: Int = .max, note: (String) -> Void = { _ in })
    throws -> Trainer.Outcome
  {
    var (step, notes) = (0, [String]())
    let outcome = try trainer(
      name, note: { notes.append($0) }, signal: { step >= stop ? SIGTERM : nil }
    ).train { step = $0.step }
    for text in notes { note(text) }
    return outcome
  }

  private func change(_ path: String, _ body: (inout Data) -> Void) throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    body(&data)
    try data.write(to: URL(fileURLWithPath: path))
  }

  private func problem(_ body: () throws -> Void) throws -> String {
    try #require(#expect(throws: ArenaError.self, performing: body)).description
  }

  // MARK: Testing

  @Test func `a model of another attention or configuration is not tested`() throws {
    try train("run")
    let path = try run("run").bestPath
    for (json, attention) in [(section(), "favor"), (section(["seed": 1]), "linear")] {
      let other = try trainer("other", json, attention)
      let text = try problem { _ = try other.test(path) }
      let hashes = try [arena(section(), "linear"), arena(json, attention)].map {
        fingerprint("\(try $0.hash) f32 false".utf8)
      }
      #expect(text.hasPrefix("\(path): it is a model of linear on listops"), "\(text)")
      #expect(hashes.allSatisfy(text.contains) && text.contains("--set"), "\(text)")
    }
    var notes: [String] = []
    let tested = try trainer("other", hash: "changed", note: { notes.append($0) }).test(path)
    #expect(tested["steps"] != 0 && tested["test_accu_mean"] != nil)
    #expect(notes == ["\(path) was trained on other data: their hash is data"])
  }

  @Test func `a damaged model is not tested`() throws {
    try train("run")
    let path = try run("run").bestPath
    try change(path) { $0[$0.count - 9] ^= 1 }
    #expect(try problem { _ = try trainer("x").test(path) }.contains("\(path) is damaged"))
    for damage: (inout Data) -> Void in [{ $0.removeLast(99) }, { $0 = Data("text".utf8) }] {
      try change(path, damage)
      let text = try problem { _ = try trainer("x").test(path) }
      #expect(text.hasPrefix(path) && text.contains("give best.safetensors"), "\(text)")
    }
    let text = try problem { _ = try trainer("x").test("/none.safetensors") }
    #expect(text.hasPrefix("/none.safetensors"))
  }

  @Test func `a model of the original has no hash, and that is noted`() throws {
    var notes: [String] = []
    let trainer = try trainer("run", note: { notes.append($0) })
    let model = try ArenaModel(arena(section(), "linear"), generator: Generator(seed: 5))
    let path = "\(folder.path)/original.safetensors"
    try model.save(to: path)
    #expect(try trainer.test(path)["test_accu_mean"] != nil)
    #expect(notes.first?.contains("has no hash of a configuration") == true)
  }

  // MARK: Resuming

  @Test(arguments: ["removed", "cut", "of another step"])
  func `the best model is made again from its checkpoint`(damage: String) throws {
    let whole = try train("whole")
    try train(damage, until: 4)
    let run = try run(damage)
    switch damage {
    case "removed": try FileManager.default.removeItem(atPath: run.bestPath)
    case "cut": try change(run.bestPath) { $0.removeLast(50) }
    default:
      var best = try TrainingCheckpoint(contentsOf: run.bestPath)
      best.state.step = 1
      best.state.best?.step = 1
      try best.write(to: run.bestPath)
    }
    var notes: [String] = []
    #expect(try train(damage) { notes.append($0) } == whole)
    #expect(notes.contains { $0.contains("it was made again from \(run.checkpointPath(3))") })
    // Without that checkpoint it is lost.
    try train("lost", until: 5)
    let lost = try self.run("lost")
    for path in [lost.bestPath, lost.checkpointPath(3)] {
      try FileManager.default.removeItem(atPath: path)
    }
    let text = try problem { try train("lost") }
    #expect(text.hasPrefix(lost.bestPath) && text.hasSuffix("remove \(lost.folder) to train again"))
  }

  @Test func `a log that was changed is refused, and one that is gone begins again`() throws {
    let whole = try train("whole")
    for (index, damage) in [{ $0.removeLast(100) }, { $0[20] ^= 1 }, { $0 = Data() }]
      .enumerated() as EnumeratedSequence<[(inout Data) -> Void]>
    {
      try train("\(index)", until: 5)
      let run = try run("\(index)")
      for path in [run.logPath, run.tensorBoardPath] {
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        try change(path, damage)
        let text = try problem { try train("\(index)") }
        #expect(text.hasPrefix("\(path) was changed or cut short") && text.contains("remove this"))
        if path == run.logPath { try change(path) { $0 = before } }
      }
      let path = run.tensorBoardPath
      try FileManager.default.removeItem(atPath: path)
      var notes: [String] = []
      #expect(try train("\(index)") { notes.append($0) } == whole)
      #expect(notes.contains { $0.contains("is gone, and begins again after step 5") }, "\(notes)")
    }
  }

  @Test func `a signal before the first step stops there`() throws {
    let whole = try train("whole")
    let early = try trainer("early", signal: { SIGUSR2 }).train()
    #expect(early == .stopped(step: 0, reason: "SIGUSR2"))
    #expect(try train("early") == whole)
    let first = try Data(contentsOf: URL(fileURLWithPath: run("whole").logPath))
    #expect(try Data(contentsOf: URL(fileURLWithPath: run("early").logPath)) == first)
  }

  @Test func `a result that is no JSON is named with what to do`() throws {
    try train("run")
    try change(run("run").summaryPath) { $0.removeLast(5) }
    let text = try problem { try train("run") }
    #expect(try text.hasPrefix(run("run").summaryPath) && text.contains("remove it"))
  }
}

/// The memory of a step.
struct StepMemoryTests {
  @Test func `an estimate is never more than a step takes`() throws {
    var json = section(["batch_size": 4], layers: 2)
    for (key, value) in [("seq_len", 256), ("dim_model", 64)] as [(String, JSON)] {
      var model = try #require(json["model"]?.object)
      model["common"] = .object(try #require(model["common"]?.object).merging([key: value]))
      json = .object(try #require(json.object).merging(["model": .object(model)]))
    }
    var tried = 0
    for attention in Registry.zoo.entries(.attention).map(\.name) {
      guard let config = try? arena(json, task: "digits", attention) else { continue }
      tried += 1
      let estimate = try StepMemory(config, in: .zoo, processes: 1)
      let trial = try ArenaTrial(config)
      let before = Runtime.liveBytes
      Runtime.resetPeakBytes()
      _ = try trial.next()
      let used = Runtime.peakBytes - before
      let own = Int(estimate.example) * estimate.examples
      #expect(own <= used, "\(attention): \(own), \(used)")
      if attention == "scaled_dot_product" { #expect(own * 2 > used) }
    }
    #expect(tried > 10)
  }

  @Test func `a step that cannot fit is refused with figures and advice`() throws {
    let config = try arena(section(["batch_size": 8]), "scaled_dot_product")
    let memory = try StepMemory(config, in: .zoo, processes: 1)
    try memory.check(within: Int(memory.example) * 8)
    for (room, advice) in [
      (3, "gradient_accumulation=3 computes with 3 examples"), (0, "not even"),
    ] {
      let error = #expect(throws: ArenaError.self) {
        try memory.check(within: Int(memory.example) * room)
      }
      #expect(try #require(error).description.contains(advice), "\(error!)")
    }
    let shared = try StepMemory(config, in: .zoo, processes: 3)
    #expect(shared.examples == 3)
    #expect(StepMemory.free ?? 1 > 0)
  }

  @Test func `the original's text does not fit into 20 GB`() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let json = try JSON(parsing: Data(contentsOf: root.appending(path: "Configs/lra.json")))
    var options = Trainer.Options()
    options.memory = 20_000_000_000
    let error = #expect(throws: ArenaError.self) {
      try Trainer(
        arena(json, task: "text"), run: run(), data: FirstWord.splits(), options: options)
    }
    #expect(try #require(error).description.contains("of memory for 32 examples"), "\(error!)")
  }

  private func run() throws -> ArenaRun {
    try ArenaRun(in: "/none", task: .named("text"), attention: "scaled_dot_product")
  }
}
