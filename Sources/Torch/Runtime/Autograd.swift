internal import CTorch

/// Runs a body without recording for autograd.
///
/// The mode belongs to the thread, so the body must not suspend and is not asynchronous.
public func withoutGrad<Result, Failure: Error>(_ body: () throws(Failure) -> Result)
  throws(Failure) -> Result
{
  try withGrad(false, body)
}

/// Runs a body with or without recording for autograd.
public func withGrad<Result, Failure: Error>(_ on: Bool, _ body: () throws(Failure) -> Result)
  throws(Failure) -> Result
{
  let before = ct_grad_enabled()
  ct_set_grad_enabled(on ? 1 : 0)
  defer { ct_set_grad_enabled(before) }
  return try body()
}

/// Whether this thread records for autograd.
public var isGradEnabled: Bool { ct_grad_enabled() != 0 }

extension Tensor {
  /// Adds to the gradients of the leaves the derivative of ⟨cotangent, self⟩.
  ///
  /// The cotangent has this tensor's shape; it may be left out for a single element.
  public func backward(_ cotangent: Tensor? = nil) throws(TorchError) {
    let output: [OpaquePointer] = [handle]
    let status =
      if let cotangent {
        withExtendedLifetime(cotangent) { ct_backward(output, 1, [cotangent.handle]) }
      } else {
        ct_backward(output, 1, nil)
      }
    try check(status, "backward", [self] + (cotangent.map { [$0] } ?? []))
  }

  /// The derivatives of ⟨cotangent, self⟩ with respect to some tensors; nil for one that it does not
  /// depend on.
  public func gradients(of inputs: [Tensor], cotangent: Tensor? = nil, createGraph: Bool = false)
    throws(TorchError) -> [Tensor?]
  {
    let seed = if let cotangent { cotangent } else { try Tensor.ones(shape, dtype) }
    let handles = inputs.map(\.handle)
    var results = [OpaquePointer?](repeating: nil, count: inputs.count)
    let status = withExtendedLifetime((seed, inputs)) {
      ct_gradients(
        [handle], 1, [seed.handle], handles, Int64(handles.count), createGraph ? 1 : 0, &results)
    }
    try check(status, "gradients", [self, seed] + inputs)
    return results.map { $0.map(Tensor.init(owning:)) }
  }
}

extension Tensor {
  /// Tensors that hold the results of a computation whose derivatives a closure computes.
  ///
  /// Autograd saves what the closure captures and nothing else, until a backward pass or the release of
  /// the results. Where it does not record, the results are returned as they are.
  ///
  /// - Parameters:
  ///   - results: what the computation gave, without a graph. The closure may capture them.
  ///   - inputs: all tensors on which the results depend and that may have a gradient, parameters
  ///     included.
  ///   - backward: gets the derivatives by the results, nil for 0, and returns those by the inputs in
  ///     their order, nil for 0. It runs without recording; what it throws, the backward pass throws as a
  ///     `TorchError`.
  public static func recording(
    _ results: [Tensor], of inputs: [Tensor],
    backward: @escaping (_ derivatives: [Tensor?]) throws -> [Tensor?]
  ) throws(TorchError) -> [Tensor] {
    guard isGradEnabled, inputs.contains(where: \.requiresGrad) else { return results }
    var outputs: [Tensor] = []
    for result in results { outputs.append(try result.detached()) }
    let context = Unmanaged.passRetained(Backward(compute: backward)).toOpaque()
    let status = withExtendedLifetime((outputs, inputs)) {
      ct_node(
        outputs.map(\.handle), Int64(outputs.count), inputs.map(\.handle), Int64(inputs.count),
        { context, derivatives, count, found, inputCount in
          Unmanaged<Backward>.fromOpaque(context).takeUnretainedValue()
            .run(
              UnsafeBufferPointer(start: derivatives, count: Int(count)),
              UnsafeMutableBufferPointer(start: found, count: Int(inputCount)))
        }, context, { Unmanaged<Backward>.fromOpaque($0).release() })
    }
    try check(status, "recording", results + inputs)
    return outputs
  }

  /// How often the elements were changed in place, by this tensor or one that shares its memory.
  public var version: Int { Int(ct_tensor_version(handle)) }
}

/// The closure of a node, which the node owns.
private final class Backward {
  let compute: ([Tensor?]) throws -> [Tensor?]

  init(compute: @escaping ([Tensor?]) throws -> [Tensor?]) { self.compute = compute }

  func run(
    _ derivatives: UnsafeBufferPointer<OpaquePointer?>,
    _ found: UnsafeMutableBufferPointer<OpaquePointer?>
  ) -> Int32 {
    do {
      let list = try compute(derivatives.map { $0.map { Tensor(owning: ct_tensor_retain($0)) } })
      guard list.count == found.count else {
        throw TorchError(
          operation: "backward",
          message: "expected \(found.count) derivatives, one for each input, got \(list.count)")
      }
      for (index, tensor) in list.enumerated() {
        found[index] = tensor.map { tensor in
          withExtendedLifetime(tensor) { ct_tensor_retain(tensor.handle) }
        }
      }
      return 0
    } catch {
      ct_set_last_error("\(error)")
      return 1
    }
  }
}
