extension CellResult {
  /// What a person needs to see of a failure: the verdict, the input, and how to run it again.
  public var text: String {
    var lines = ["\(path): \(verdict.word)"]
    if case .failed(let kind) = verdict { lines[0] += " (\(kind.rawValue))" }
    guard let failure else { return lines[0] }
    if !failure.message.isEmpty { lines.append("  \(failure.message)") }
    if !failure.printed.isEmpty { lines.append("  input:  \(failure.printed)") }
    if !failure.origin.isEmpty { lines.append("  origin: \(failure.origin)") }
    if let explain = failure.explain { lines.append("  \(explain)") }
    if !failure.reproduce.isEmpty { lines.append("  again:  \(failure.reproduce)") }
    return lines.joined(separator: "\n")
  }
}

extension Verdict {
  /// Whether the cell is red.
  public var isFailure: Bool {
    switch self {
    case .failed, .missing: true
    case .passed, .known, .notApplicable: false
    }
  }
}
