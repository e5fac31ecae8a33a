internal import CTorch

/// Settings and counters of libtorch in this process.
public enum Runtime {
  /// The version of libtorch this was compiled with.
  public static var version: String { String(cString: ct_version()) }

  /// The threads that one operation may use.
  public static var threads: Int {
    get { Int(ct_threads()) }
    set { ct_set_threads(Int32(newValue)) }
  }

  /// Tells the allocator to keep large blocks for reuse.
  ///
  /// For programs, not for libraries: it trades memory for time in the whole process. To be called
  /// before other threads start, which then share one store; else each keeps small blocks only.
  public static func keepLargeBlocks() { ct_keep_large_blocks() }

  /// The handles of tensors that Swift holds.
  public static var liveHandles: Int { Int(ct_live_handles()) }

  /// The bytes of tensors allocated less those freed on this thread, what is saved for backward
  /// passes included; differences count, over a stretch without suspension.
  public static var liveBytes: Int { Int(ct_live_bytes()) }

  /// The most of `liveBytes` on this thread since its last `resetPeakBytes()`.
  public static var peakBytes: Int { Int(ct_peak_bytes()) }

  /// Starts a new measurement of the peak on this thread.
  public static func resetPeakBytes() { ct_reset_peak_bytes() }
}
