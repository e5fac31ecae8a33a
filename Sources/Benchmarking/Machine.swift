internal import Foundation
internal import Torch

/// What figures depend on besides the sources: the machine and the build.
public struct Machine: Sendable, Codable, Equatable {
  /// The system and architecture, such as `Linux x86_64`.
  public var system: String
  /// The model of the processor.
  public var cpu: String
  /// The number of processors.
  public var processors: Int
  /// The memory, in GB (10⁹ bytes), rounded.
  public var memoryGb: Int
  /// The version of libtorch.
  public var libtorch: String
  /// `release` or `debug`.
  public var build: String

  /// This one.
  public static var current: Machine {
    var name = utsname()
    uname(&name)
    func text(_ field: some Any) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }?
      .split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
    #if DEBUG
      let build = "debug"
    #else
      let build = "release"
    #endif
    return Machine(
      system: "\(text(name.sysname)) \(text(name.machine))", cpu: model ?? "unknown",
      processors: ProcessInfo.processInfo.activeProcessorCount,
      memoryGb: Int((Double(ProcessMemory.installed) / 1e9).rounded()),
      libtorch: Runtime.version, build: build)
  }
}

/// How fast a machine multiplies matrices and moves memory, with the threads and type of a benchmark.
public struct MachineRates: Sendable, Codable, Equatable {
  /// The floating-point operations of a matrix product in a second, in 10⁹.
  public var gflops: Double
  /// For tensors of some sizes in bytes, how many bytes a copy reads and writes in a second, in 10⁹:
  /// small ones stay in caches.
  public var copies: [Copy]

  /// The speed of copies of a size.
  public struct Copy: Sendable, Codable, Equatable {
    /// The bytes read and written.
    public var bytes: Double
    /// The bytes of a second, in 10⁹.
    public var gbps: Double
  }

  /// Gives the rates of a machine.
  public init(gflops: Double, copies: [Copy]) {
    self.gflops = gflops
    self.copies = copies
  }

  /// Measures them; takes about two seconds.
  public static func measured(_ settings: BenchSettings) throws -> MachineRates {
    Runtime.threads = settings.threads
    let generator = Generator(seed: 0)
    func fastest(_ body: () throws -> Void) rethrows -> Double {
      for _ in 0..<3 { try body() }
      let clock = ContinuousClock()
      let end = clock.now + .milliseconds(300)
      var best = Double.infinity
      while clock.now < end { best = min(best, try clock.measure(body) / .seconds(1)) }
      return best
    }
    return try withoutGrad {
      let sides = [256, 1024]
      let gflops = try sides.map { side in
        let matrix = try Tensor.normal([side, side], settings.dtype, generator: generator)
        let operations = 2 * pow(Double(side), 3)
        return operations / (try fastest { _ = try matrix.matmul(matrix) }) / 1e9
      }
      let copies = try [1 << 17, 1 << 20, 1 << 23, 1 << 26].map { bytes in
        let tensor = try Tensor.zeros([bytes / settings.dtype.size], settings.dtype)
        let target = try Tensor.zeros([bytes / settings.dtype.size], settings.dtype)
        let moved = Double(2 * bytes)
        let seconds = try fastest { try target.copy(from: tensor) }
        return Copy(bytes: moved, gbps: moved / seconds / 1e9)
      }
      return MachineRates(gflops: gflops.max() ?? 0, copies: copies)
    }
  }

  /// The time below which arithmetic and movements of memory cannot come, in milliseconds, if both
  /// overlap.
  public func limit(operations: Double, bytes: Double) -> Double {
    let fitting = copies.filter { $0.bytes <= bytes }.max { $0.bytes < $1.bytes }
    let copy = fitting ?? copies.min { $0.bytes < $1.bytes }
    return max(operations / gflops, bytes / (copy?.gbps ?? .infinity)) / 1e6
  }
}
