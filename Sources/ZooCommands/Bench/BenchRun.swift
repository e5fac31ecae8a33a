internal import Benchmarking
internal import Foundation
internal import Support
internal import Synchronization

/// Measures cases one after the other, and keeps what is done.
struct BenchRun: Sendable {
  let cases: [BenchCase]
  let process: BenchProcess
  let memoryLimit: Int?
  /// The file that is rewritten after each case.
  let file: String?
  let console: Console

  /// Adds the cases that are missing to results.
  ///
  /// - Returns: all results that there are when it ends, or when a signal stops it.
  func complete(_ known: BenchResults, _ interruption: Interruption) async throws -> BenchResults {
    let results = Mutex(known)
    let waiting = cases.filter { known[$0] == nil }
    let progress = BenchProgress(total: waiting.count, console: console)
    do {
      try await interruption.cancelling {
        for key in waiting {
          progress.begins(key)
          let answer = try await process.answer(
            BenchRequest(
              settings: known.header.settings, key: key, rates: known.header.rates,
              memoryLimit: memoryLimit))
          let row =
            answer.measured.map { BenchRow(key, $0) }
            ?? BenchRow(key, skipped: oneLine(answer.problem ?? "the process gave no figures"))
          let now = results.withLock { results in
            results.add(row)
            return results
          }
          if let file { try writeFile(file, now.jsonLines) }
          progress.ended(row)
        }
      }
    } catch {
      // A run that was stopped still has something to show.
      if interruption.signal == nil { throw error }
    }
    progress.finish()
    return results.withLock { $0 }
  }

  private func oneLine(_ text: String) -> String {
    text.split(separator: "\n").joined(separator: " ")
  }
}

/// Says which case is measured, and about how long the others will take: on a terminal in one line
/// that is overwritten, elsewhere in a line for each part and each reason why it is skipped.
private final class BenchProgress: Sendable {
  private let total: Int
  private let console: Console
  private let start = ContinuousClock.now
  private let state = Mutex((done: 0, part: "", reasons: Set<String>()))

  init(total: Int, console: Console) {
    self.total = total
    self.console = console
  }

  func begins(_ key: BenchCase) {
    state.withLock { state in
      guard console.isTerminal || state.part != key.part else { return }
      state.part = key.part
      let line = "[\(state.done + 1)/\(total)] \(console.isTerminal ? key.title : key.part)"
      write(line + timeLeft(state.done))
    }
  }

  func ended(_ row: BenchRow) {
    let reason = row.skipped.map { "\(row.key.part): \($0)" } ?? ""
    let isNew = state.withLock { state in
      state.done += 1
      return state.reasons.insert(reason).inserted
    }
    guard row.skipped != nil, isNew else { return }
    console.note((console.isTerminal ? "\r\u{1B}[K" : "") + reason)
  }

  func finish() { if console.isTerminal, total > 0 { console.errors("\r\u{1B}[K") } }

  private func timeLeft(_ done: Int) -> String {
    guard done > 0 else { return "" }
    let seconds = (ContinuousClock.now - start) / .seconds(1) / Double(done) * Double(total - done)
    return seconds < 90
      ? ", about \(Int(seconds.rounded(.up))) s left"
      : ", about \(Int((seconds / 60).rounded())) min left"
  }

  private func write(_ line: String) {
    console.errors(console.isTerminal ? "\r\u{1B}[K\(line)" : line + "\n")
  }
}
