import Foundation
import JSON
import Parts
import Testing
import Torch

@testable import LongRangeArena

struct TrainerTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// The folder of a run.
  private func place(_ name: String, _ attention: String = "scaled_dot_product") throws -> ArenaRun
  {
    try ArenaRun(in: "\(folder.path)/\(name)", task: .named("listops"), attention: attention)
  }

  /// Trains until the end, or until a step.
  @discardableResult
  private func train(
    _ name: String, _ json: JSON = section(), _ attention: String = "scaled_dot_product",
    data: ArenaSplits = FirstWord.splits(), until stop: Int = .max,
    _ change: (inout Trainer.Options) -> Void = { _ in }
  ) throws -> Trainer.Outcome {
    var options = Trainer.Options()
    change(&options)
    var step = 0
    let trainer = try Trainer(
      arena(json, attention), run: place(name, attention), data: data, options: options,
      signal: { step >= stop ? SIGTERM : nil })
    return try trainer.train { step = $0.step }
  }

  private func content(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path))
  }

  // MARK: Resuming

  /// Five steps are an epoch; evaluations are after every third. Favor draws its features again after
  /// every fourth call, random after every one, evaluations included.
  @Test(
    arguments: [
      ("scaled_dot_product", [2]), ("scaled_dot_product", [5]), ("scaled_dot_product", [3, 4, 11]),
      ("favor", [6]), ("random", [4]),
    ] as [(String, [Int])])
  func `stopping changes nothing`(attention: String, stops: [Int]) throws {
    let json = section(
      extra: [
        "favor": ["dim_features": 4, "iter_before_redraw": 4],
        "random": ["r": 0.5, "constant_masking": false],
      ])
    let whole = try train("whole", json, attention)
    for stop in stops {
      #expect(
        try train("parts", json, attention, until: stop) == .stopped(step: stop, reason: "SIGTERM"))
    }
    #expect(try train("parts", json, attention) == whole)
    let (first, second) = (try place("whole", attention), try place("parts", attention))
    #expect(try content(first.logPath) == content(second.logPath))
    let checkpoints = try [first, second].map {
      try TrainingCheckpoint(contentsOf: $0.checkpointPath(12))
    }
    for (key, value) in checkpoints[0].tensors {
      #expect(try checkpoints[1].tensors[key]?.bytes() == value.bytes(), "\(key)")
    }
    #expect(try second.checkpointSteps().count == 2)
    // No step is twice in the events, and none is missing.
    let steps = try EventRecords(second.tensorBoardPath).steps["train_loss"]
    #expect(steps == Array(1...12))
    #expect(try EventRecords(second.tensorBoardPath).steps["val_accu_mean"] == [3, 6, 9, 12])
  }

  @Test func `a damaged checkpoint gives way to the one before`() throws {
    let whole = try train("whole")
    for damage in ["cut", "changed"] {
      try train(damage, until: 5)
      let path = try place(damage).checkpointPath(5)
      var bytes = try content(path)
      if damage == "cut" { bytes.removeLast(100) } else { bytes[bytes.count - 9] ^= 1 }
      try bytes.write(to: URL(fileURLWithPath: path))
      #expect(try train(damage) == whole)
    }
  }

  @Test func `another configuration and other data are refused with both hashes`() throws {
    try train("run", until: 4)
    let (own, other) = (try hash(section()), try hash(section(["seed": 1])))
    for (outcome, hashes) in [
      (Result { try train("run", section(["seed": 1])) }, [own, other]),
      (Result { try train("run", data: FirstWord.splits(hash: "changed")) }, ["data", "changed"]),
    ] {
      let text = "\(#expect(throws: ArenaError.self) { try outcome.get() }.map { "\($0)" } ?? "")"
      #expect(hashes.allSatisfy(text.contains), "\(text)")
      #expect(text.contains("checkpoint-4.safetensors"))
    }
  }

  private func hash(_ json: JSON) throws -> String {
    fingerprint("\(try arena(json).hash) f32 false".utf8)
  }

  @Test func `a finished run has nothing left to do`() throws {
    let first = try train("run")
    let log = try content(place("run").logPath)
    #expect(try train("run", until: 0) == first)
    #expect(try content(place("run").logPath) == log)
    #expect(throws: ArenaError.self) { try train("run", section(["seed": 1])) }
  }

  @Test func `what cannot be saved is an error, and the checkpoint before stays`() throws {
    let whole = try train("whole")
    let run = try place("run")
    try FileManager.default.createDirectory(
      atPath: run.checkpointPath(6), withIntermediateDirectories: true)
    let error = #expect(throws: (any Error).self) { try train("run") }
    #expect("\(try #require(error))".contains("checkpoint-6.safetensors"))
    #expect(try run.checkpointSteps() == [3, 6])
    try FileManager.default.removeItem(atPath: run.checkpointPath(6))
    #expect(try train("run") == whole)
  }

  @Test func `a full disk is named`() throws {
    let run = try place("run")
    try FileManager.default.createDirectory(
      atPath: run.folder, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: run.logPath, withDestinationPath: "/dev/full")
    let error = #expect(throws: ArenaError.self) { try train("run") }
    #expect(try #require(error).description.contains("log.jsonl cannot be written: No space left"))
  }

  @Test func `two processes do not train in one folder`() throws {
    let run = try place("run")
    try FileManager.default.createDirectory(
      atPath: run.folder, withIntermediateDirectories: true)
    let lock = try AppendedFile(run.eventsPath)
    try lock.lock("")
    let error = #expect(throws: ArenaError.self) { try train("run") }
    #expect(try #require(error).description == "another process trains in \(run.folder)")
  }

  // MARK: Training

  @Test func `a model learns, and the best one is tested`() throws {
    let json = section(["num_train_steps": 60, "eval_frequency": 20], pooling: "cls", dropout: 0)
    guard case .finished(let summary) = try train("run", json) else { return }
    let losses = try String(decoding: content(place("run").logPath), as: UTF8.self)
      .split(separator: "\n").compactMap { try JSON(parsing: Array($0.utf8))["train_loss"]?.double }
    #expect(losses.count == 60 && (losses.last ?? 9) < losses[0] / 3)
    #expect((summary["test_accu_mean"]?.double ?? 0) > 0.8)
    #expect(summary["examples"] == 480 && summary["train_step_idx"]?.int ?? 0 >= 20)
    let trainer = try Trainer(arena(json), run: place("run"), data: FirstWord.splits())
    let again = try trainer.test(place("run").bestPath)
    #expect(again["test_accu_mean"] == summary["test_accu_mean"])
    let svg = try String(decoding: content(place("run").curvePath), as: UTF8.self)
    #expect(
      svg.contains("prefers-color-scheme: dark")
        && svg.components(separatedBy: "<polyline").count == 5)
  }

  @Test func `micro-batches weigh as much as they have examples`() throws {
    func weights(_ parts: Int) throws -> [String: Tensor] {
      let json = section(
        ["gradient_accumulation": .integer(parts), "eval_frequency": 12], dropout: 0)
      try train("\(parts)", json) { $0.dtype = .float64 }
      return try TrainingCheckpoint(contentsOf: place("\(parts)").checkpointPath(12)).tensors
    }
    let (one, three) = (try weights(1), try weights(3))
    for (key, value) in one {
      let other = try #require(three[key])
      #expect(try (value - other).abs().maximum().item() < 1e-9, "\(key)")
    }
  }

  @Test func `training ends early for patience, and stops for time`() throws {
    #expect(try train("late") { $0.limit = .zero } == .stopped(step: 1, reason: "the time limit"))
    let json = section(["learning_rate": 0.0, "num_train_steps": 90])
    guard case .finished(let summary) = try train("patient", json, until: 90, { $0.patience = 2 })
    else { return }
    #expect(summary["steps"] == 9 && summary["train_step_idx"] == 3)
  }

  @Test func `an attention that cannot hide padding trains on request`() throws {
    let error = #expect(throws: ArenaError.self) {
      try train("run", section(dropout: 0), "fourier_mix")
    }
    #expect(try #require(error).description.contains("--ignore-padding"))
    guard case .finished = try train("run", section(), "fourier_mix", { $0.ignoresPadding = true })
    else {
      Issue.record("it stopped")
      return
    }
  }

  @Test func `mixed precision computes in bfloat16`() throws {
    guard case .finished(let summary) = try train("run", section(["mixed_precision": true])) else {
      return
    }
    #expect(summary["dtype"] == "bf16")
    let saved = try TrainingCheckpoint(contentsOf: place("run").checkpointPath(12)).tensors
    #expect(saved["norm.weight"]?.dtype == .bfloat16)
    #expect(saved["optimizer.master.norm.weight"]?.dtype == .float32)
  }

  @Test func `a configuration that does not fit the data is refused`() throws {
    func problem(_ path: String, _ value: JSON) throws -> String {
      let config = try ArenaConfig(
        section(), task: .named("listops"), attention: "local", changes: [(path, value)])
      let error = #expect(throws: PartError.self) {
        try Trainer(config, run: place("run"), data: FirstWord.splits())
      }
      return try #require(error).description
    }
    for (path, value, expected) in [
      ("model:common:vocab_size", 15, "at least 16"),
      ("model:common:num_classes", 9, "at least 10"),
      ("training:batch_size", 41, "at most 40, the examples to train"),
    ] as [(String, JSON, String)] {
      let text = try problem(path, value)
      let key = path.replacing(":", with: ".")
      #expect(text.hasPrefix("key `listops.\(key)`: expected \(expected)"), "\(text)")
    }
  }

  // MARK: Order

  @Test func `each epoch is another permutation, which processes share`() throws {
    var order = ExampleOrder(count: 23, batch: 5, seed: 7)
    #expect(order.stepsPerEpoch == 4)
    var epochs: [[Int]] = []
    for epoch in 0..<2 {
      let seen = (0..<4).flatMap { order.examples(4 * epoch + $0, rank: 0, of: 1) }
      #expect(Set(seen).count == 20 && seen.allSatisfy((0..<23).contains))
      epochs.append(seen)
    }
    #expect(epochs[0] != epochs[1])
    let parts = (0..<2).map { order.examples(2, rank: $0, of: 2) }
    #expect(parts.map(\.count) == [3, 2])
    #expect(Set(parts.joined()) == Set(epochs[0][10..<15]))
    var other = ExampleOrder(count: 23, batch: 5, seed: 8)
    #expect(other.examples(0, rank: 0, of: 1) != Array(epochs[0][..<5]))
  }

  @Test(arguments: [("", UInt32(0)), ("123456789", 0xE306_9283)])
  func `checksums are those of Castagnoli's polynomial`(text: String, sum: UInt32) {
    #expect(CRC32C.checksum(Array(text.utf8)) == sum)
  }
}

/// The steps of each tag in a file for TensorBoard, whose checksums are verified.
private struct EventRecords {
  var steps: [String: [Int]] = [:]

  init(_ path: String) throws {
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))[...]
    func number(_ bytes: ArraySlice<UInt8>) -> Int {
      bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    while !bytes.isEmpty {
      let length = Array(bytes.prefix(8))
      #expect(number(bytes.dropFirst(8).prefix(4)) == Int(CRC32C.masked(length)))
      let data = Array(bytes.dropFirst(12).prefix(number(length[...])))
      bytes = bytes.dropFirst(12 + data.count)
      #expect(number(bytes.prefix(4)) == Int(CRC32C.masked(data)))
      bytes = bytes.dropFirst(4)
      // Behind the time, a double: the step and the summary, or the version.
      guard data[9] == 0x10 else { continue }
      let step = Int(data[10])
      for tag in ["train_loss", "val_accu_mean"]
      where String(decoding: data, as: UTF8.self).contains(tag) {
        steps[tag, default: []].append(step)
      }
    }
  }
}
