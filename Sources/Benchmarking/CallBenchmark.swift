internal import Torch

/// Measures the time of one operator call from Swift, on tensors too small to matter.
public struct CallBenchmark: Sendable {
  /// The time of one operator.
  public struct Row: Sendable, Codable {
    /// The operator, such as `add 4x4`.
    public let call: String
    /// The median over the repetitions, in nanoseconds per call.
    public let nanoseconds: Double
  }

  /// The calls in one repetition.
  public let calls: Int
  /// The number of repetitions.
  public let repetitions: Int

  /// Sets up a measurement.
  public init(calls: Int = 20_000, repetitions: Int = 15) {
    self.calls = calls
    self.repetitions = repetitions
  }

  /// Measures, with one thread and without recording for autograd.
  public func run() throws -> [Row] {
    let threads = Runtime.threads
    Runtime.threads = 1
    defer { Runtime.threads = threads }
    let a = try Tensor.normal([4, 4], generator: Generator(seed: 1))
    let b = try Tensor.normal([4, 4], generator: Generator(seed: 2))
    return try withoutGrad {
      try [
        measure("add 4x4") { _ = try a + b },
        measure("matmul 4x4") { _ = try a.matmul(b) },
        measure("softmax 4x4") { _ = try a.softmax(-1) },
        measure("reshape 4x4") { _ = try a.reshaped([2, 8]) },
        measure("sum 4x4") { _ = try a.sum(-1) },
      ]
    }
  }

  private func measure(_ name: String, _ body: () throws -> Void) throws -> Row {
    for _ in 0..<calls / 4 { try body() }
    let clock = ContinuousClock()
    var times: [Double] = []
    for _ in 0..<repetitions {
      let elapsed = try clock.measure { for _ in 0..<calls { try body() } }
      times.append(elapsed / .nanoseconds(1) / Double(calls))
    }
    return Row(call: name, nanoseconds: Sample(times).median)
  }
}
