internal import CTorch

/// Settings and counters of libtorch in this process.
public enum Runtime {
  /// The version of libtorch that this was compiled with.
  public static var version: String { String(cString: ct_version()) }

  /// The threads that one operation may use.
  public static var threads: Int {
    get { Int(ct_threads()) }
    set { ct_set_threads(Int32(newValue)) }
  }

  /// Tells the allocator to keep large blocks for reuse.
  ///
  /// For programs, not for libraries: it trades memory for time in the whole process. Call it before
  /// other threads start, so that they share one arena; otherwise each of them keeps small blocks only.
  public static func keepLargeBlocks() { ct_keep_large_blocks() }

  /// The handles of tensors that Swift holds.
  public static var liveHandles: Int { Int(ct_live_handles()) }

  /// The bytes of tensors allocated on this thread minus those freed, including what is saved for
  /// backward passes. Only differences mean something, over code that does not suspend.
  public static var liveBytes: Int { Int(ct_live_bytes()) }

  /// The most of `liveBytes` on this thread since its last `resetPeakBytes()`.
  public static var peakBytes: Int { Int(ct_peak_bytes()) }

  /// Starts a new measurement of the peak on this thread.
  public static func resetPeakBytes() { ct_reset_peak_bytes() }
}
