internal import Foundation

/// The Swift toolchain of this machine.
enum Toolchain {
  /// The version of Swift that `swift` runs, such as `6.3.1`; nil if `swift` does not run.
  static func version() async -> String? {
    guard let output = await outputOf("swift", ["--version"]),
      let words = output.firstRange(of: "Swift version ")
    else { return nil }
    let version = output[words.upperBound...].prefix { $0.isNumber || $0 == "." }
    return version.isEmpty ? nil : String(version)
  }

  /// What a program prints; nil if it cannot be run or fails.
  static func outputOf(_ program: String, _ arguments: [String]) async -> String? {
    let collected = try? await ChildProcess(program, arguments).collect(within: .seconds(30))
    return collected?.ending == .exited(0) ? collected?.output : nil
  }
}
