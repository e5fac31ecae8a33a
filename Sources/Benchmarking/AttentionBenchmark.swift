public import Parts
internal import Torch

/// Time and memory of the core of each attention over a range of lengths.
///
/// Query, key and value are given, distinct, single precision, in evaluation mode without masks;
/// each call is timed by itself, after warm-up.
public struct AttentionBenchmark: Sendable {
  /// What one attention costs at one length.
  public struct Row: Sendable, Codable {
    /// The registered name.
    public let part: String
    /// The number of queries and keys, S.
    public let length: Int
    /// The median time of a forward pass, in milliseconds.
    public let forward: Double
    /// The median time of a forward and a backward pass, in milliseconds.
    public let forwardBackward: Double
    /// The most bytes that both passes held at once beyond their inputs.
    public let peakBytes: Int
    /// Why there are no figures, if there are none.
    public let skipped: String?
  }

  /// Items of a batch, B.
  public var batch = 1
  /// Heads, H.
  public var heads = 4
  /// Channels of a head, D.
  public var width = 32
  /// The lengths to run at.
  public var lengths = [256, 512, 1024, 2048]
  /// The fewest timed calls.
  public var repetitions = 5
  /// Threads of libtorch.
  public var threads = 1

  /// One item of four heads of 32 channels.
  public init() {}

  /// Measures some attentions, length by length.
  public func run(_ entries: [PartEntry], in registry: Registry, each: (Row) throws -> Void) throws
  {
    let before = Runtime.threads
    Runtime.threads = threads
    defer { Runtime.threads = before }
    for entry in entries {
      for length in lengths {
        do {
          try each(measure(entry, registry, length))
        } catch let error as PartError {
          try each(
            Row(
              part: entry.name, length: length, forward: 0, forwardBackward: 0, peakBytes: 0,
              skipped: error.description))
        }
      }
    }
  }

  /// The options that the lengths decide, where the part has them.
  private func config(_ entry: PartEntry, _ length: Int) -> JSON {
    var config = JSONObject()
    let known: [(String, Int)] = [
      ("seq_len", length), ("num_heads", heads), ("dim_model", heads * width),
      ("dim_head", width),
    ]
    for (key, value) in known where entry.keys.contains(key) { config[key] = .integer(value) }
    return .object(config)
  }

  private func measure(_ entry: PartEntry, _ registry: Registry, _ length: Int) throws -> Row {
    let attention = try registry.attention(
      entry.name, config(entry, length), generator: Generator(seed: 0))
    attention.eval()
    let generator = Generator(seed: 1)
    let inputs = try (0..<3).map { _ in
      try Tensor.normal([batch * heads, length, width], generator: generator)
    }
    let leaves = try inputs.map { try $0.detached().requireGrad() }
    let cotangent = try Tensor.normal([batch * heads, length, width], generator: generator)
    func both() throws {
      let output = try attention(leaves[0], leaves[1], leaves[2])
      _ = try output.gradients(of: leaves, cotangent: cotangent)
    }
    let forward = try median {
      try withoutGrad { _ = try attention(inputs[0], inputs[1], inputs[2]) }
    }
    let forwardBackward = try median(both)
    let live = Runtime.liveBytes
    Runtime.resetPeakBytes()
    try both()
    return Row(
      part: entry.name, length: length, forward: forward, forwardBackward: forwardBackward,
      peakBytes: Runtime.peakBytes - live, skipped: nil)
  }

  /// The median of repeated calls, in milliseconds.
  private func median(_ body: () throws -> Void) throws -> Double {
    for _ in 0..<2 { try body() }
    let clock = ContinuousClock()
    var times: [Double] = []
    let end = clock.now + .milliseconds(500)
    while times.count < repetitions || (clock.now < end && times.count < 200) {
      times.append(try clock.measure(body) / .milliseconds(1))
    }
    return times.sorted()[times.count / 2]
  }
}
