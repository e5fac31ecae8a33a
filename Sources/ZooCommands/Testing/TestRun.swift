internal import Conformance
internal import JSON
internal import Reporting
internal import Torch

/// The outcome of a run of a test program, by its own events and its end.
struct TestRun: Sendable {
  /// How the program ended.
  let ending: ChildProcess.Ending
  /// The test functions that ran.
  private(set) var tests = 0
  /// The cases that ran: one of a plain test, one for each argument of the others.
  private(set) var cases = 0
  /// The test functions that failed.
  private(set) var failed = 0

  /// The exit status of the program when no test matched.
  private static let nothingMatched: Int32 = 69

  init(ending: ChildProcess.Ending, events: [String]) {
    self.ending = ending
    var functions: Set<String> = []
    var wrong: Set<String> = []
    for line in events {
      guard let record = try? JSON(parsing: line), let payload = record["payload"],
        let id = payload["testID"]?.string ?? payload["id"]?.string
      else { continue }
      if record["kind"]?.string == "test" {
        if payload["kind"]?.string == "function" { functions.insert(id) }
        continue
      }
      switch payload["kind"]?.string {
      case "testStarted" where functions.contains(id): tests += 1
      case "testCaseStarted": cases += 1
      case "issueRecorded" where payload["issue"]?["isKnown"]?.bool != true: wrong.insert(id)
      default: continue
      }
    }
    failed = wrong.count
  }

  /// The exit status of the command.
  var status: ExitStatus {
    switch ending {
    case .exited(0): tests == 0 ? .nothingSelected : .success
    case .exited(Self.nothingMatched): .nothingSelected
    case .exited, .signal, .timedOut: .lawFailed
    }
  }
}
