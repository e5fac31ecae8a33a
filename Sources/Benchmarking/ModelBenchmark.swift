public import Parts
internal import Torch

/// Measures the time of a model's calls, in evaluation mode and single precision.
public struct ModelBenchmark: Sendable {
  /// The times of a call.
  public struct Times: Sendable {
    /// The median time of a forward pass, in milliseconds.
    public let forward: Double
    /// The median time of a forward pass and the derivatives by all parameters, in milliseconds.
    public let forwardBackward: Double
  }

  /// The batch size, B.
  public var batch = 8
  /// The length of each input, S.
  public var length = 32
  /// The number of timed calls.
  public var repetitions = 50
  /// The number of libtorch threads.
  public var threads = 1

  /// Eight items of 32 tokens.
  public init() {}

  /// Measures a model.
  ///
  /// - Throws: `PartError` for a model that does not take inputs of that length.
  public func run(_ model: Model) throws -> Times {
    let before = Runtime.threads
    Runtime.threads = threads
    defer { Runtime.threads = before }
    model.eval()
    let generator = Generator(seed: 1)
    var inputs: [String: Tensor] = [:]
    for input in model.signature.inputs {
      let width = input.axes.last.flatMap { model.signature.fixed[$0.letter] } ?? 1
      inputs[input.name] =
        switch input.element {
        case .index(let bound):
          try (Tensor.uniform([batch, length], generator: generator) * Double(bound)).to(.int64)
        case .floating: try Tensor.normal([batch, length, width], generator: generator)
        }
    }
    let parameters = model.parameters.map(\.value)
    let cotangent = try Tensor.normal(model.run(inputs).shape, generator: generator)
    return Times(
      forward: try median { try withoutGrad { _ = try model.run(inputs) } },
      forwardBackward: try median {
        _ = try model.run(inputs).gradients(of: parameters, cotangent: cotangent)
      })
  }

  private func median(_ body: () throws -> Void) rethrows -> Double {
    try Sample.milliseconds(
      warmups: repetitions / 5, repetitions...repetitions, within: .zero, body
    ).median
  }
}
