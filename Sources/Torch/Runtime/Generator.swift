internal import CTorch

/// A source of random numbers on the CPU; nothing here draws from libtorch's global one.
public final class Generator: @unchecked Sendable {
  let handle: OpaquePointer

  /// Makes a generator that gives the same numbers for the same seed.
  public init(seed: UInt64) {
    var out: OpaquePointer?
    let status = ct_generator_new(seed, &out)
    precondition(status == 0 && out != nil, "a CPU generator can always be made")
    handle = out!
  }

  deinit { ct_generator_free(handle) }

  /// Starts again from a seed.
  public func reseed(_ seed: UInt64) throws(TorchError) {
    try check(ct_generator_set_seed(handle, seed), "seed")
  }

  /// The state as a tensor of bytes, to be put back later.
  public func state() throws(TorchError) -> Tensor {
    var out: OpaquePointer?
    try check(ct_generator_state(handle, &out), "generator state")
    return Tensor(owning: out!)
  }

  /// Goes on from a state.
  public func restore(_ state: Tensor) throws(TorchError) {
    try check(ct_generator_set_state(handle, state.handle), "generator state", [state])
  }

  /// The state of libtorch's global generator, by which a test sees that nothing touched it.
  public static func globalState() throws(TorchError) -> Tensor {
    var out: OpaquePointer?
    try check(ct_global_state(&out), "generator state")
    return Tensor(owning: out!)
  }
}
