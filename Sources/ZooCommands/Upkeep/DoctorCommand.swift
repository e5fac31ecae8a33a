internal import ArgumentParser
internal import Conformance
internal import Foundation
internal import JSON
internal import Parts
internal import Reporting
internal import Torch

/// Checks whether everything that the package needs is installed.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Show what is installed, what is missing, and how to install it.",
    discussion: "Fails with 1 if something is missing that building or judging needs.")

  @OptionGroup var format: FormatOption

  func run() async throws {
    let findings = await Finding.all(Session.current)
    var table = Table(["", "what", "found", "how to fix it"])
    table.rows = findings.map {
      [$0.mark, $0.what, $0.found ?? "missing", $0.mark == "✓" ? "" : $0.remedy]
    }
    let text =
      switch format.format {
      case .text: table.text
      case .markdown: table.markdown
      case .json:
        try JSON.array(
          findings.map { finding in
            [
              "what": .string(finding.what), "ok": .bool(finding.isGood),
              "needed": .bool(finding.isNeeded),
              "found": finding.found.map { .string($0) } ?? .null,
              "remedy": finding.isGood ? .null : .string(finding.remedy),
            ]
          }
        ).text(.pretty)
      }
    Session.current.console.print(text)
    let isBroken = findings.contains { $0.isNeeded && !$0.isGood }
    try CommandFailure.check(isBroken ? .commandFailed : .success)
  }
}

/// One thing that was looked for.
private struct Finding {
  let what: String
  /// What was found; nil if it is missing.
  let found: String?
  let isGood: Bool
  /// Whether building or judging needs it.
  let isNeeded: Bool
  let remedy: String

  init(
    _ what: String, _ found: String?, isGood: Bool? = nil, isNeeded: Bool = true, remedy: String
  ) {
    self.what = what
    self.found = found
    self.isGood = isGood ?? (found != nil)
    self.isNeeded = isNeeded
    self.remedy = remedy
  }

  var mark: String { isGood ? "✓" : isNeeded ? "✗" : "–" }

  static func all(_ session: Session) async -> [Finding] {
    let kit = session.kit
    let version = await Toolchain.version()
    return [
      package(session),
      Finding(
        "kit",
        kit.problem.map(\.description)
          ?? "\(kit.registry.entries.count) parts, \(kit.laws.laws.count) laws",
        isGood: kit.problem == nil, remedy: "correct the registrations"),
      Finding(
        "swift", version, isGood: version.map { isAtLeast($0, [6, 3]) } ?? false,
        remedy: "install Swift 6.3 from https://swift.org/install"),
      libtorch(kit),
      Finding(
        "libxxhash",
        await Toolchain.outputOf("pkg-config", ["--modversion", "libxxhash"]).map(trimmed),
        remedy: "sudo apt-get install -y libxxhash-dev pkg-config"),
      Finding(
        "libpng",
        await Toolchain.outputOf("pkg-config", ["--modversion", "libpng"]).map(trimmed),
        remedy: "sudo apt-get install -y libpng-dev pkg-config"),
      Finding(
        "python", await Toolchain.outputOf("python3", ["--version"]).map(trimmed), isNeeded: false,
        remedy: "sudo apt-get install -y python3; scripts/setup needs it"),
      Finding(
        "pip",
        await Toolchain.outputOf("python3", ["-m", "pip", "--version"]).map { text in
          text.split(separator: " ").prefix(2).joined(separator: " ")
        }, isNeeded: false,
        remedy: "sudo apt-get install -y python3-pip; scripts/setup needs it"),
      Finding(
        "test program", (try? TestBinary(of: kit, scratch: ".build"))?.file.lastPathComponent,
        isNeeded: false, remedy: "swift build --build-tests"),
      Finding(
        "SLURM", await Toolchain.outputOf("sbatch", ["--version"]).map(trimmed), isNeeded: false,
        remedy: "sudo apt-get install -y slurm-wlm, and a slurm.conf; only clusters need it"),
    ]
  }

  /// The package on whose files the commands work.
  private static func package(_ session: Session) -> Finding {
    let root = session.kit.root
    let manifest = root.appendingPathComponent("Package.swift").path
    guard let other = session.otherPackage else {
      return Finding(
        "package", FileManager.default.fileExists(atPath: manifest) ? root.path : nil,
        remedy: "run it in a checkout")
    }
    return Finding(
      "package", "\(root.path), not that of the current folder, \(other.path)", isGood: false,
      remedy: "build \(session.toolName) in this package")
  }

  /// The libtorch that this process has loaded: the one whose headers it was built with.
  private static func libtorch(_ kit: Kit) -> Finding {
    let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
    let line = maps.split(separator: "\n").first { $0.hasSuffix("/libtorch_cpu.so") }
    let loaded = line?.firstIndex(of: "/").map { String(line?[$0...] ?? "") }
    return Finding(
      "libtorch", "\(Runtime.version)" + (loaded.map { " from \(kit.shortened($0))" } ?? ""),
      remedy: "scripts/setup")
  }

  private static func isAtLeast(_ version: String, _ least: [Int]) -> Bool {
    !version.split(separator: ".").compactMap { Int($0) }.lexicographicallyPrecedes(least)
  }

  private static func trimmed(_ text: String) -> String {
    text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
