internal import Conformance
internal import Foundation
internal import Torch

/// A copy of this program that holds the seeded faults.
struct FaultBuild {
  /// The copy.
  let executable: URL
  /// The faults in it.
  let rows: [FaultRow]

  /// The folder of the copy and all that it is built of, in the package.
  static let scratch = ".build-faults"

  /// Builds the copy, or what has changed since it was built.
  ///
  /// - Throws: `CommandFailure` when it cannot be built or holds no faults.
  init(_ session: Session) async throws {
    guard let own = session.executable else {
      throw CommandFailure("faults need a program that can be built again")
    }
    let root = session.kit.root
    let name = own.lastPathComponent
    session.console.note("building \(name) with seeded faults in \(Self.scratch)")
    let ending = try await ChildProcess(
      "swift",
      [
        "build", "--traits", "Faults", "--scratch-path", Self.scratch, "--product", name,
      ], folder: root
    ).run(outputToErrors: true)
    guard ending == .exited(0) else {
      throw CommandFailure(
        "no copy with faults can be built: swift build --traits Faults \(ending.phrase)")
    }
    executable = root.appendingPathComponent("\(Self.scratch)/debug/\(name)")
    rows = try await Self.rows(of: executable)
  }

  private static func rows(of executable: URL) async throws -> [FaultRow] {
    let table = try await ChildProcess(
      executable.path, ["faults", "table"], environment: ["ZOO_FAULT": nil]
    ).collect(within: .seconds(60))
    guard table.ending == .exited(0), let list = try? JSON(parsing: table.output).array else {
      throw CommandFailure("the copy with faults does not list them")
    }
    return list.compactMap(FaultRow.init)
  }
}
