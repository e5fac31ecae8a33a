import CXXHash

/// XXH3 over data that arrives in pieces.
///
/// The hashes equal those of ``XXH3`` over the pieces joined.
public struct XXH3Stream: ~Copyable {
  private let state: OpaquePointer

  /// A stream that has seen nothing.
  public init() {
    guard let state = XXH3_createState() else { preconditionFailure("out of memory for XXH3") }
    self.state = state
    _ = XXH3_128bits_reset(state)
  }

  deinit { _ = XXH3_freeState(state) }

  /// Appends bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    _ = XXH3_128bits_update(state, bytes.baseAddress, bytes.count)
  }

  /// Appends bytes.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Appends a text's UTF-8.
  public mutating func update(_ text: String) {
    update(Array(text.utf8))
  }

  /// The 64-bit hash of everything so far.
  public var hash64: UInt64 { XXH3_64bits_digest(state) }

  /// The 128-bit hash of everything so far.
  public var hash128: Hash128 { Hash128(XXH3_128bits_digest(state)) }
}
