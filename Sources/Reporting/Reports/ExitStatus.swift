/// The exit statuses of the kit's commands.
public enum ExitStatus: Int32, Sendable, CaseIterable, Comparable {
  /// Everything passed.
  case success = 0
  /// The command itself failed: an unreadable file, a refused configuration, an engine error.
  case commandFailed = 1
  /// A cell failed or is missing.
  case lawFailed = 2
  /// A record is stale, orphaned, corrupt, unknown or expired, or passes unexpectedly.
  case stale = 3
  /// The sources fail without any fault.
  case baselineBroken = 4
  /// Nothing was selected.
  case nothingSelected = 5
  /// The command line or a selection is wrong.
  case usage = 64
  /// Stopped before the end; running it again resumes.
  case stopped = 75
  /// Stopped by SIGINT, which Ctrl-C sends.
  case interrupted = 130
  /// Stopped by SIGTERM.
  case terminated = 143

  /// Statuses compare by their number.
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// The status of a process for which several apply.
  ///
  /// Wrong usage comes first, since nothing else can be trusted then; next a signal, the largest of
  /// 1, 4 and 5, then 2, then 3. Stopping to resume comes last.
  public static func combined(_ statuses: some Sequence<ExitStatus>) -> ExitStatus {
    let order: [ExitStatus] = [
      .usage, .interrupted, .terminated, .nothingSelected, .baselineBroken, .commandFailed,
      .lawFailed, .stale, .stopped,
    ]
    let present = Set(statuses)
    return order.first(where: present.contains) ?? .success
  }
}
