internal import CTorch

/// A source of random numbers on the CPU; nothing here draws from libtorch's global one.
public final class Generator: @unchecked Sendable {
  let handle: OpaquePointer

  /// Makes a generator; the same seed gives the same numbers.
  public init(seed: UInt64) {
    var out: OpaquePointer?
    let status = ct_generator_new(seed, &out)
    precondition(status == 0 && out != nil, "libtorch could not make a CPU generator")
    handle = out!
  }

  deinit { ct_generator_free(handle) }

  /// Restarts from a seed.
  public func reseed(_ seed: UInt64) throws(TorchError) {
    try check(ct_generator_set_seed(handle, seed), "seed")
  }

  /// The state as a tensor of bytes, for `restore(_:)`.
  public func state() throws(TorchError) -> Tensor {
    var out: OpaquePointer?
    try check(ct_generator_state(handle, &out), "generator state")
    return Tensor(owning: out!)
  }

  /// Continues from a state.
  public func restore(_ state: Tensor) throws(TorchError) {
    try check(ct_generator_set_state(handle, state.handle), "generator state", [state])
  }

  /// The state of libtorch's global generator, with which a test shows that nothing touched it.
  public static func globalState() throws(TorchError) -> Tensor {
    var out: OpaquePointer?
    try check(ct_global_state(&out), "generator state")
    return Tensor(owning: out!)
  }
}
