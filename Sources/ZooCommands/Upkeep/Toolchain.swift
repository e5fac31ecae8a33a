internal import Foundation

/// The Swift toolchain of this machine.
enum Toolchain {
  /// The version of Swift that `swift` runs, such as `6.3.1`; nil if there is none.
  static let version: String? = {
    guard let output = outputOf("swift", ["--version"]),
      let words = output.firstRange(of: "Swift version ")
    else { return nil }
    let version = output[words.upperBound...].prefix { $0.isNumber || $0 == "." }
    return version.isEmpty ? nil : String(version)
  }()

  /// What a program prints; nil if it cannot be run or fails.
  static func outputOf(_ program: String, _ arguments: [String]) -> String? {
    guard
      let process = try? ChildProcess(program, arguments, output: .piped, errors: .discarded)
    else { return nil }
    let output = process.readAll(within: .seconds(30))
    return process.wait() == .exited(0) ? output : nil
  }
}
