import Catalogue
import Conformance
import Foundation
import Parts
import Properties
import Synchronization
import Torch

@testable import ZooCommands

/// A package in a folder of its own, with the zoo's parts and three laws more.
final class Package: Sendable {
  let folder: URL
  let kit: Kit
  /// Whether the law `test-switch` fails.
  let isBroken = Mutex(true)

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("zoo-tests-\(UUID().uuidString)").resolvingSymlinksInPath()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data().write(to: folder.appendingPathComponent("Package.swift"))
    let box = Box()
    kit = Kit(anchor: folder.appendingPathComponent("Kit.swift").path) { builder in
      try builder.laws.add(Self.laws { box.package?.isBroken.withLock { $0 } ?? true })
    }
    box.package = self
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Lets a law that is made before the package ask it.
  private final class Box: @unchecked Sendable {
    weak var package: Package?
  }

  private static func laws(isBroken: @escaping @Sendable () -> Bool) -> [Law] {
    func law(
      _ code: String, _ name: String, needs: [Need] = [], holds: @escaping @Sendable () -> Bool
    ) -> Law {
      Law(
        LawID(code, name, kinds: [.attention], .contract, tags: [.config]), trials: 64,
        witness: nil, needs: needs, of: .itself
      ) { _, trial in
        trial.compared(1, worst: 0)
        trial.expect(holds(), label: "holds", "it does not hold")
      }
    }
    return [
      law("T01", "test-passes") { true }, law("T02", "test-switch") { !isBroken() },
      law("T03", "test-needs", needs: [Need("never so") { _ in false }]) { true },
    ]
  }

  /// Runs the command in this process, as if the package offered it.
  func zoo(_ arguments: String...) async -> Outcome { await zoo(arguments) }

  /// Runs the command in this process, as if the package offered it.
  func zoo(_ arguments: [String]) async -> Outcome {
    let record = ConsoleRecord()
    let session = Session(kit: kit, console: record.console, executable: nil)
    let status = await Zoo.run(arguments, in: session)
    return Outcome(status: status, output: record.output, errors: record.errors)
  }

  /// What a command did.
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Writes a file of the package, and answers its path.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    let file = folder.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  /// Where a file of the package is.
  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
}
