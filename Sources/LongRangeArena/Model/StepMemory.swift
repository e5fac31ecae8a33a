internal import Catalogue
internal import Foundation
internal import JSON
internal import Parts
internal import Torch

/// What a step of a training keeps for its backward pass, at least, by arithmetic.
///
/// Tokens of each layer that every attention keeps, the hidden tokens of a perceptron, and the weights
/// of attentions that drop some of all pairs.
public struct StepMemory {
  private let config: ArenaConfig
  /// The bytes of an example; sizes may be beyond those of integers.
  let example: Double
  /// The examples that a process computes with at a time.
  let examples: Int

  /// Estimates the memory of one of some processes.
  init(_ config: ArenaConfig, in registry: Registry, processes: Int) throws {
    self.config = config
    let (training, common) = (config.training, config.common)
    let length = Double(common.seqLen)
    var numbers = 0.0
    for stack in config.stacks.array ?? [] {
      let layers = stack["reversible"]?.bool == true ? 1 : stack["num_layers"]?.int ?? 1
      let feedforward = stack["feedforward_config"]
      let hidden =
        feedforward?["name"] == "MLP" ? feedforward?["hidden_layer_multiplier"]?.int ?? 4 : 0
      let tokens = length * Double(common.dimModel) * (Self.tokensKept + 2 * Double(hidden))
      let options = stack["multi_head_config"]?["attention"]?.object?.removing("name") ?? [:]
      // Those that need an option which only a dispatch gives them do not drop pairs.
      let claims = try? registry.entry(.attention, config.attention)
        .claims(for: .object(options), in: registry)
      var pairs = 0.0
      if let claims, claims.memoryExponent == 2, case .weights(let key) = claims.dropout,
        options[key]?.double ?? 0 > 0
      {
        pairs = 2 * Double(common.numHeads) * length * length
      }
      numbers += Double(layers) * (tokens + pairs)
    }
    example = numbers * (training.mixedPrecision ? 2 : 4) * (config.task.isPaired ? 2 : 1)
    let share = (training.batchSize + processes - 1) / processes
    examples = (share + training.gradientAccumulation - 1) / training.gradientAccumulation
  }

  /// The tokens that every attention and its residual keep in a layer.
  private static let tokensKept = 4.0

  /// Refuses a step that cannot fit.
  ///
  /// - Throws: `ArenaError` with the figures and what would fit.
  func check(within memory: Int) throws {
    let needed = example * Double(examples)
    guard needed > Double(memory) else { return }
    func text(_ bytes: Double) -> String { String(format: "%.1f GB", bytes / 1e9) }
    let batch = config.training.batchSize
    let fitting = Int(Double(memory) / example)
    let advice =
      fitting == 0
      ? "not even one example fits: choose a smaller model:common:seq_len or another attention"
      : "--set training:gradient_accumulation=\((batch + fitting - 1) / fitting) computes with "
        + "\(fitting) example\(fitting == 1 ? "" : "s") at a time, or choose a smaller "
        + "training:batch_size"
    throw ArenaError(
      "a step of \(config.attention) on \(config.task.name) takes at least "
        + "\(text(needed)) of memory for \(examples) examples, and "
        + "\(text(Double(memory))) are free: \(advice)")
  }

  /// The memory that is free on this machine, swap included, in bytes; nil if the system does not report it.
  public static var free: Int? {
    func number(_ path: String, _ key: String? = nil) -> Int? {
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
      let line =
        key.map { key in text.split(separator: "\n").first { $0.hasPrefix(key) } } ?? text[...]
      return line.flatMap { Int($0.filter(\.isNumber)) }
    }
    let table = "/proc/meminfo"
    guard let memory = number(table, "MemAvailable:") else { return nil }
    let machine = (memory + (number(table, "SwapFree:") ?? 0)) * 1024
    let groups = [
      ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat"),
      (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes", "/sys/fs/cgroup/memory/memory.stat"
      ),
    ].compactMap { limit, used, parts -> Int? in
      guard let limit = number(limit), let used = number(used) else { return nil }
      // Copies of files that nobody uses give way.
      return limit - used + (number(parts, "inactive_file ") ?? 0)
    }
    return min(machine, groups.min() ?? machine)
  }
}
