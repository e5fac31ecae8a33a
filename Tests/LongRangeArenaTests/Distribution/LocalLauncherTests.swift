import Foundation
import Synchronization
import Testing

@testable import LongRangeArena

/// Ranks that are shell scripts.
@Suite struct `the local launcher` {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "launcher-\(UUID().uuidString)")

  private func launch(_ size: Int, patience: Duration = .seconds(5), _ script: String) async throws
    -> LocalLauncher.Outcome
  {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await LocalLauncher(
      "/bin/bash", ["-c", "cd $0\n" + script, folder.path], size: size, patience: patience
    ).run()
  }

  @Test func `every rank gets its place and a share of the cores`() async throws {
    let places = folder.appending(path: "../places-\(UUID().uuidString)").standardizedFileURL
    defer { try? FileManager.default.removeItem(at: places) }
    try FileManager.default.createDirectory(at: places, withIntermediateDirectories: false)
    let script = """
      echo $RANK $WORLD_SIZE $LOCAL_RANK ${OMP_NUM_THREADS:?} >\(places.path)/$RANK
      echo $ZOO_MEETING >\(places.path)/meeting-$$; test -d $(dirname $ZOO_MEETING)
      """
    #expect(try await launch(3, script) == .finished)
    #expect(try await LocalLauncher("/bin/bash", ["-c", script], size: 1).run() == .finished)
    let threads = max(1, ProcessInfo.processInfo.activeProcessorCount / 3)
    let texts = try FileManager.default.contentsOfDirectory(
      at: places, includingPropertiesForKeys: nil
    )
    .reduce(into: [:]) { $0[$1.lastPathComponent] = try String(contentsOf: $1, encoding: .utf8) }
    if ProcessInfo.processInfo.environment["OMP_NUM_THREADS"] == nil {
      #expect(texts["2"] == "2 3 2 \(threads)\n")
    }
    let meetings = Set(texts.filter { $0.key.hasPrefix("meeting") }.map(\.value))
    #expect(texts.count == 7 && meetings.count == 2, "\(texts)")
    for path in meetings {
      #expect(!FileManager.default.fileExists(atPath: (path as NSString).deletingLastPathComponent))
    }
  }

  @Test func `the first rank that fails is named, and ends the others`() async throws {
    let script = """
      trap 'touch told-$RANK; exit 75' TERM
      if [ $RANK = 1 ]; then until [ -e ready-0 -a -e ready-2 ]; do sleep 0.02; done
        echo oops >&2; kill -9 $$; fi
      touch ready-$RANK; while :; do sleep 0.02; done
      """
    let outcome = try await launch(3, script)
    let lines = ["rank 1: oops", "rank 1 of 3 was ended by signal 9, Killed"]
    #expect(outcome == .failed(status: nil, lines: lines))
  }

  @Test(
    arguments: [
      ([1, 2], ": the kernel ended it because memory ran out"), ([1, 1], ""),
      ([nil, nil], ", perhaps because memory ran out"),
    ] as [([Int?], String)])
  func `a rank that the kernel ended is told from one that somebody killed`(
    kills: [Int?], reason: String
  ) async throws {
    let calls = Mutex(0)
    let outcome = try await LocalLauncher("/bin/bash", ["-c", "kill -9 $$"], size: 1) {
      kills[
        min(
          1,
          calls.withLock {
            $0 += 1; return $0 - 1
          })]
    }.run()
    guard case .failed(nil, let lines) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    let text = "rank 0 of 1 was ended by signal 9, Killed" + reason
    #expect(reason.isEmpty ? lines == [text] : lines[0].hasPrefix(text), "\(lines)")
  }

  @Test func `a rank that has lost another is not to blame`() async throws {
    let outcome = try await launch(
      2, "if [ $RANK = 0 ]; then exit 75; fi; sleep 0.3; echo bad >&2; exit 3")
    #expect(
      outcome == .failed(status: 3, lines: ["rank 1: bad", "rank 1 of 2 exited with status 3"]))
  }

  @Test func `a rank that goes on is named and ended`() async throws {
    let outcome = try await launch(
      3, patience: .milliseconds(300),
      "[ $RANK = 1 ] || exit 75; trap '' TERM; while :; do sleep 0.02; done")
    guard case .failed(nil, let lines) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(lines.count == 1 && lines[0].hasPrefix("rank 1 of 3 did not stop within 0.3 seconds"))
  }

  @Test func `ranks that stop early together have not failed`() async throws {
    #expect(try await launch(2, "exit 75") == .stopped)
  }

  @Test func `a program that cannot be started is named`() async throws {
    let error = await #expect(throws: ArenaError.self) {
      _ = try await LocalLauncher("/no/such/program", [], size: 2).run()
    }
    #expect(try #require(error).description.hasPrefix("/no/such/program cannot be run"))
  }
}
