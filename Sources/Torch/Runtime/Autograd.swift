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
