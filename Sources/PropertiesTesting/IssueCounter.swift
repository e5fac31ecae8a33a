internal import Synchronization
internal import Testing

/// The issues that one run of a property recorded.
final class IssueCounter: Sendable {
  /// What an origin is made from.
  struct Recorded: Sendable {
    let text: String
    let place: String
    let errorType: String?
  }

  private let recorded = Mutex<[Recorded]>([])

  /// The first issue.
  var first: Recorded? { recorded.withLock { $0.first } }

  func record(_ issue: Issue) {
    // Neither warnings nor known issues fail a test, so they do not fail a trial.
    guard issue.isFailure else { return }
    let place = issue.sourceLocation.map { "\($0.fileName):\($0.line)" } ?? "unknown"
    let errorType = issue.error.map { "\(type(of: $0))" }
    let description = issue.description
    // The description of a failed expectation has the comments already.
    let comments = issue.comments.map(\.rawValue).filter { !description.contains($0) }
    let text = ([description] + comments).joined(separator: " ")
    recorded.withLock { $0.append(Recorded(text: text, place: place, errorType: errorType)) }
  }
}
