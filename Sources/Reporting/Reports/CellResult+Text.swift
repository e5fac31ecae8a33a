extension CellResult {
  /// What a person needs to see of a failure: the verdict, the input, and how to run it again.
  public var text: String {
    var lines = ["\(path): \(verdict.word)"]
    if case .failed(let kind) = verdict { lines[0] += " (\(kind.rawValue))" }
    lines += failure?.lines ?? []
    for other in otherFailures { lines += ["met on the way:"] + other.lines }
    return lines.joined(separator: "\n")
  }
}

extension Failure {
  /// What is known of it, a line each.
  fileprivate var lines: [String] {
    var lines: [String] = []
    if !message.isEmpty { lines.append("  \(message)") }
    if !printed.isEmpty { lines.append("  input:  \(printed)") }
    if !origin.isEmpty { lines.append("  origin: \(origin)") }
    if let explain { lines.append("  \(explain)") }
    if !reproduce.isEmpty { lines.append("  again:  \(reproduce)") }
    return lines
  }
}

extension Verdict {
  /// Whether the cell is red.
  public var isFailure: Bool {
    switch self {
    case .failed, .notRun, .missing: true
    case .passed, .known, .notApplicable: false
    }
  }
}
