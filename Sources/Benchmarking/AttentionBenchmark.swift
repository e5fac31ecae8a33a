internal import Foundation
internal import JSON
public import Parts
internal import Torch

/// Measures the time and memory of each attention's core over a range of lengths.
///
/// Query, key and value are distinct and in single precision, in evaluation mode without masks;
/// each call is timed separately, after warm-up.
public struct AttentionBenchmark: Sendable {
  /// The cost of one attention at one length.
  public struct Row: Sendable {
    /// The registered name.
    public let part: String
    /// The requested number of queries and keys.
    public let wantedLength: Int
    /// The number of queries and keys, S: the largest up to the requested one that the part accepts.
    public let length: Int
    /// The figures, or why the length was skipped.
    public let cost: Result<Cost, Skipped>
  }

  /// The time and memory of a call.
  public struct Cost: Sendable {
    /// The median time of a forward pass, in milliseconds.
    public let forward: Double
    /// The median time of a forward and a backward pass, in milliseconds.
    public let forwardBackward: Double
    /// The most bytes that both passes held at once, besides their inputs.
    public let peakBytes: Int
  }

  /// Why a length was skipped.
  public struct Skipped: Error, Sendable {
    /// The reason.
    public let reason: String
  }

  /// The batch size, B.
  public var batch = 1
  /// The number of heads, H.
  public var heads = 4
  /// The channels of a head, D.
  public var width = 32
  /// The lengths to measure.
  public var lengths = [256, 512, 1024, 2048]
  /// Whether a query sees only keys up to its own position; parts without `causal` are skipped.
  public var isCausal = false
  /// The minimum number of timed calls.
  public var repetitions = 5
  /// The number of libtorch threads.
  public var threads = 1
  /// The most bytes that a call may be expected to need; longer inputs are skipped.
  public var byteLimit = 6 << 30

  /// One item of four heads of 32 channels.
  public init() {}

  /// Measures attentions, length by length.
  public func run(_ entries: [PartEntry], in registry: Registry, each: (Row) throws -> Void) throws
  {
    let before = Runtime.threads
    Runtime.threads = threads
    defer { Runtime.threads = before }
    for entry in entries where !isCausal || entry.keys.contains("causal") {
      var last: (length: Int, bytes: Int)?
      for wanted in lengths {
        let (length, attention) = try built(entry, registry, wanted)
        let cost: Result<Cost, Skipped>
        if let attention {
          cost = try affordable(attention, length, last) ?? .success(measure(attention, length))
        } else {
          cost = .failure(Skipped(reason: "no length up to \(wanted) is accepted"))
        }
        if case .success(let cost) = cost { last = (length, cost.peakBytes) }
        try each(Row(part: entry.name, wantedLength: wanted, length: length, cost: cost))
      }
    }
  }

  /// The part at the largest accepted length.
  private func built(_ entry: PartEntry, _ registry: Registry, _ wanted: Int) throws
    -> (length: Int, attention: (any Attention)?)
  {
    for length in stride(from: wanted, to: wanted / 2, by: -1) {
      let attention = try registry.attention(
        entry.name, config(entry, length), generator: Generator(seed: 0))
      guard attention.claims.sequence.accepts(length) else { continue }
      attention.eval()
      return (length, attention)
    }
    return (wanted, nil)
  }

  /// Why a length is too long, extrapolated from the last one with the claimed exponent; or nil.
  private func affordable(
    _ attention: any Attention, _ length: Int, _ last: (length: Int, bytes: Int)?
  ) -> Result<Cost, Skipped>? {
    guard let last else { return nil }
    let growth = pow(
      Double(length) / Double(last.length), Double(attention.claims.memoryExponent))
    let expected = Double(last.bytes) * growth
    guard expected > Double(byteLimit) else { return nil }
    let gibibytes = (expected / Double(1 << 30)).rounded()
    return .failure(Skipped(reason: "would need about \(Int(gibibytes)) GiB"))
  }

  /// The options that depend on the length and the shape, if the part has them.
  private func config(_ entry: PartEntry, _ length: Int) -> JSON {
    var config = entry.sample(length: length)?.object ?? [:]
    let known: [(String, Int)] = [
      ("seq_len", length), ("num_heads", heads), ("dim_model", heads * width),
      ("dim_head", width),
      // The default is a fraction of the length, which would make the cost quadratic.
      ("k", min(128, length)),
    ]
    for (key, value) in known where entry.keys.contains(key) { config[key] = .integer(value) }
    if isCausal { config["causal"] = true }
    return .object(config)
  }

  private func measure(_ attention: any Attention, _ length: Int) throws -> Cost {
    let shape =
      switch attention.claims.heads {
      case .folded: [batch * heads, length, width]
      case .explicit: [batch, heads, length, width]
      case .owned: [batch, length, heads * width]
      }
    let generator = Generator(seed: 1)
    let inputs = try (0..<3).map { _ in try Tensor.normal(shape, generator: generator) }
    let leaves = try inputs.map { try $0.detached().requireGrad() }
    let cotangent = try Tensor.normal(shape, generator: generator)
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
    return Cost(
      forward: forward, forwardBackward: forwardBackward, peakBytes: Runtime.peakBytes - live)
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
