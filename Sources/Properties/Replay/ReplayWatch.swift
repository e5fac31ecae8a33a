internal import Foundation
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension ReplayRequest {
  /// Whether the request is for a check.
  ///
  /// A process that was asked by its environment for a check that it never came to fails when it
  /// ends: a misspelt name would look like a failure that is gone.
  func isMet(by cell: CellID) -> Bool {
    let isMet = self.cell == cell.description
    if self == Profile.current.replay { ReplayWatch.note(isMet: isMet) }
    return isMet
  }
}

/// Watches whether the check that the environment asks for is run.
private enum ReplayWatch {
  private static let isMet = Mutex(false)

  private static let begin: Void = {
    atexit {
      guard !ReplayWatch.isMet.withLock({ $0 }) else { return }
      let cell = Profile.current.replay?.cell ?? ""
      let text = "error: ZOO_REPLAY asks for '\(cell)', and no check of that name ran\n"
      FileHandle.standardError.write(Data(text.utf8))
      fflush(nil)
      _exit(EXIT_FAILURE)
    }
  }()

  static func note(isMet found: Bool) {
    begin
    if found { isMet.withLock { $0 = true } }
  }
}
