import Foundation
import JSON
import Testing
import Torch

@testable import LongRangeArena

/// Processes that train together, here threads.
@Suite struct `training by several processes` {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "trainer-\(UUID().uuidString)").path

  /// Sequences whose class is their first token.
  private struct Sequences: Examples {
    let count: Int

    func tokens(_ example: Int, sequence: Int) -> [UInt16] {
      (0..<8).map { UInt16((example * 7 + $0 * $0 * (example % 5 + 1)) % 17) }
    }

    func label(_ example: Int) -> Int { Int(tokens(example, sequence: 0)[0]) % 10 }
  }

  private static let config: JSON = [
    "training": [
      "batch_size": 6, "gradient_accumulation": 2, "learning_rate": 0.01, "warmup": 4,
      "num_train_steps": 12, "eval_frequency": 8,
    ],
    "model": [
      "pooling_mode": "mean",
      "common": [
        "dim_model": 8, "num_heads": 2, "num_classes": 10, "seq_len": 8, "vocab_size": 17,
        "dropout": 0.0,
      ],
      "xformer": [
        [
          "reversible": false, "block_type": "encoder", "num_layers": 1,
          "position_encoding_config": ["name": "vocab"],
          "multi_head_config": [
            "residual_dropout": 0.0, "attention": ["name": "generic", "causal": false],
          ],
          "feedforward_config": [
            "name": "MLP", "activation": "gelu", "hidden_layer_multiplier": 2,
          ],
        ]
      ],
    ],
  ]

  /// How a rank ended: its outcome, or its error in words.
  private enum End: Equatable {
    case outcome(Trainer.Outcome)
    case failed(String)
  }

  /// Trains by so many processes; all but the first get a folder that must stay empty.
  private func train(
    _ size: Int, seeds: [Int] = [], timeout: Duration = .seconds(30), name: String = "run",
    signal: @escaping @Sendable (_ rank: Int, _ call: Int) -> Int32? = { _, _ in nil }
  ) async throws -> [End] {
    let ends = try await ranks(size, timeout: timeout) { group in
      let task = try ArenaTask.named("digits")
      let config = try ArenaConfig(
        Self.config, task: task, attention: "scaled_dot_product",
        changes: seeds.isEmpty ? [] : [("training:seed", .integer(seeds[group.rank]))])
      let data = ArenaSplits(
        train: Sequences(count: 40), dev: Sequences(count: 7), test: Sequences(count: 5),
        hash: "none")
      var calls = 0
      do {
        let trainer = try Trainer(
          config,
          run: ArenaRun(
            in: group.rank == 0 ? "\(folder)/\(name)" : "\(folder)/other", task: task,
            attention: "scaled_dot_product"),
          data: data, group: size == 1 ? nil : group,
          signal: {
            calls += 1
            return signal(group.rank, calls)
          })
        return End.outcome(try trainer.train())
      } catch { return End.failed("\(error)") }
    }
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/other"))
    return ends
  }

  /// What a run has logged, without its result, which is in the summary.
  private func curve(_ name: String = "run") throws -> [JSONObject] {
    let path = "\(folder)/\(name)/digits__scaled_dot_product/log.jsonl"
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .compactMap { try JSON(parsing: String($0)).object }
  }

  private func expectSame(_ curve: [JSONObject], as other: [JSONObject]) {
    #expect(curve.count == other.count)
    for (mine, expected) in zip(curve, other) {
      #expect(mine.keys.sorted() == expected.keys.sorted())
      let errors = expected.keys.map { key in
        let (a, b) = (mine[key]?.double ?? .nan, expected[key]?.double ?? .nan)
        return abs(a - b) <= 1e-4 * max(1, abs(b)) ? nil : "\(key): \(a), expected \(b)"
      }
      #expect(errors.compactMap { $0 } == [])
    }
  }

  @Test func `gives the curve of one, however the examples are shared out`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try await train(1, name: "1")
    let alone = try curve("1")
    // 12 steps, 3 evaluations and a test.
    try #require(alone.count == 16)
    for size in [2, 4, 7] {
      let ends = try await train(size, name: "\(size)")
      guard case .outcome(.finished(let summary)) = ends[0] else {
        Issue.record("\(ends)")
        continue
      }
      #expect(summary["world_size"] == .integer(size))
      #expect(ends.allSatisfy { $0 == ends[0] })
      expectSame(try curve("\(size)"), as: alone)
    }
  }

  @Test func `all stop at the step at which one is asked to, and others can go on`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try await train(1, name: "whole")
    let stopped = try await train(3) { rank, call in rank == 1 && call == 6 ? SIGUSR2 : nil }
    let end = End.outcome(.stopped(step: 5, reason: "SIGUSR2"))
    #expect(stopped == [end, end, end])
    let again = try await train(1) { _, call in call == 3 ? SIGTERM : nil }
    #expect(again == [.outcome(.stopped(step: 7, reason: "SIGTERM"))])
    for end in try await train(2) {
      guard case .outcome(.finished) = end else {
        Issue.record("\(end)")
        continue
      }
    }
    try expectSame(curve(), as: curve("whole"))
    // A finished run gives its result to all.
    let known = try await train(2)
    #expect(known[0] == known[1])
    guard case .outcome(.finished) = known[1] else {
      Issue.record("\(known)")
      return
    }
  }

  @Test func `a rank that hangs is an error of the others that names the step`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let ends = try await train(2, timeout: .seconds(1)) { rank, call in
      if rank == 1, call == 4 { Thread.sleep(forTimeInterval: 2.5) }
      return nil
    }
    guard case .failed(let text) = ends[0] else {
      Issue.record("\(ends)")
      return
    }
    #expect(text.hasPrefix("after step 3: rank 0 of 2, maximum: Timed out"), "\(text)")
  }

  @Test func `ranks with other configurations are refused`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for end in try await train(2, seeds: [1, 2]) {
      guard case .failed(let text) = end else {
        Issue.record("\(end)")
        continue
      }
      #expect(text.hasPrefix("the hash of the configuration differs: "), "\(text)")
      #expect(text.contains(" on rank 0, but ") && text.hasSuffix(" on rank 1"), "\(text)")
    }
  }
}
