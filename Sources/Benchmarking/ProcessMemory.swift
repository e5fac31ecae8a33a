internal import Foundation

/// What the system says about the memory of this process, in bytes.
public enum ProcessMemory {
  /// What is resident now; nil where the system does not say.
  static var resident: Int? { kibibytes("VmRSS:", in: "/proc/self/status").map { $0 << 10 } }

  /// The most that was resident since `resetPeak()`.
  static var peak: Int? { kibibytes("VmHWM:", in: "/proc/self/status").map { $0 << 10 } }

  /// Forgets the peak; false if the system cannot.
  static func resetPeak() -> Bool {
    let file = open("/proc/self/clear_refs", O_WRONLY)
    guard file >= 0 else { return false }
    defer { close(file) }
    return write(file, "5", 1) == 1
  }

  /// What new processes of this machine can still get.
  public static var available: Int? {
    kibibytes("MemAvailable:", in: "/proc/meminfo").map { $0 << 10 }
  }

  /// What the machine has.
  static var installed: Int { Int(ProcessInfo.processInfo.physicalMemory) }

  /// Lets this process have only so much more than it has now; allocations beyond that fail.
  public static func limit(to bytes: Int) {
    guard let size = kibibytes("VmSize:", in: "/proc/self/status").map({ $0 << 10 }) else { return }
    var limit = rlimit(rlim_cur: rlim_t(size + bytes), rlim_max: rlim_t(size + bytes))
    #if canImport(Glibc)
      setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    #else
      setrlimit(RLIMIT_AS, &limit)
    #endif
  }

  private static func kibibytes(_ name: String, in file: String) -> Int? {
    let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").first { $0.hasPrefix(name) }
      .flatMap { Int($0.split(whereSeparator: \.isWhitespace)[1]) }
  }
}
