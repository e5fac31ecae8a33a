internal import JSON
public import Parts
internal import Torch

/// Measures one case in this process.
public struct CaseBenchmark {
  private let key: BenchCase
  private let settings: BenchSettings
  private let rates: MachineRates

  /// Takes a case.
  public init(_ key: BenchCase, _ settings: BenchSettings, _ rates: MachineRates) {
    self.key = key
    self.settings = settings
    self.rates = rates
  }

  /// The figures.
  ///
  /// - Throws: why the part does not take the settings, or what a call throws.
  public func run(in registry: Registry) throws -> BenchFigures {
    Runtime.threads = settings.threads
    try loadLibrary()
    let workload = try Workload(key, settings, in: registry)
    let inputs = workload.inputs
    let constants = try inputs.map { try $0.detached() }
    let leaves = inputs + (key.level == .core ? [] : workload.parameters)
    let call: () throws -> Void
    switch key.pass {
    case .forward: call = { try withoutGrad { _ = try workload.call(constants) } }
    case .both:
      // The output has the shape of the first input.
      let cotangent = try Tensor.ones(inputs[0].shape, settings.dtype)
      call = { _ = try workload.call(inputs).gradients(of: leaves, cotangent: cotangent) }
    }
    let knowsPeak = ProcessMemory.resetPeak()
    let before = ProcessMemory.resident
    let times = try Sample.milliseconds(
      warmups: settings.warmups, settings.fewestRuns...settings.mostRuns,
      within: .seconds(settings.seconds), call)
    let peak = knowsPeak ? ProcessMemory.peak : nil
    let output = try withoutGrad { try workload.call(constants) }
    let formula = Formula(workload, output: output, key, settings)
    var measured = BenchFigures(
      medianMs: times.median, iqrMs: times.interquartileRange, runs: times.count,
      limitMs: rates.limit(
        operations: formula.operations(key), bytes: formula.bytes(key, settings)))
    if let before, let peak { measured.peakMb = Double(max(0, peak - before)) / 1e6 }
    try addError(to: &measured, workload.core, output, constants)
    return measured
  }

  /// Loads what every part needs, so that it does not count as memory of the part.
  private func loadLibrary() throws {
    let tensor = try Tensor.normal([64, 64], settings.dtype, generator: Generator(seed: 0))
    let leaf = try tensor.detached().requireGrad()
    for _ in 0..<2 { _ = try leaf.matmul(leaf).softmax(-1).gradients(of: [leaf]) }
  }

  private func addError(
    to measured: inout BenchFigures, _ part: any PartModule, _ output: Tensor, _ inputs: [Tensor]
  ) throws {
    guard key.level == .core, let attention = part as? any Attention else {
      measured.noError = key.level == .core ? "it is no attention" : "measured of the core"
      return
    }
    guard Self.meansSoftmax(attention.claims) else {
      let formula = attention.claims.definition.map { "\($0.oracle), " } ?? ""
      measured.noError = "its formula is \(formula)not softmax attention"
      return
    }
    let exact = try exactOutput(inputs.map { try folded($0).to(.float64) })
    measured.error = try (exact - folded(output).to(.float64)).abs().reshaped([-1]).maximum(0)
      .item()
  }

  /// Whether a part computes softmax attention, over some pairs of tokens or approximately.
  private static func meansSoftmax(_ claims: Claims) -> Bool {
    if case .approximates(let oracle, _, _) = claims.accuracy {
      return oracle == "scaled_dot_product"
    }
    return claims.softmaxOverProducts
  }

  private func folded(_ tensor: Tensor) throws -> Tensor {
    try tensor.rank == 4
      ? tensor.reshaped([tensor.size(0) * tensor.size(1), tensor.size(2), -1]) : tensor
  }

  private func exactOutput(_ inputs: [Tensor]) throws -> Tensor {
    let exact = try Registry.zoo.attention(
      "scaled_dot_product", ["causal": .bool(settings.causal)], generator: Generator(seed: 0))
    exact.eval()
    return try withoutGrad { try exact(inputs[0], inputs[1], inputs[2]) }
  }
}
