extension CellReport {
  /// The report in a few lines, for a person who sees it fail.
  public var summary: String {
    var lines = ["\(cell): \(verdict)" + (reason.map { ": \($0)" } ?? "")]
    if let failure { lines += failure.lines }
    for other in otherFailures {
      lines.append("met on the way:")
      lines += other.lines
    }
    if failure == nil {
      lines.append("after \(trials) of \(budget) trials and \(comparisons) comparisons")
    }
    return lines.joined(separator: "\n")
  }
}

extension Failure {
  /// The failure in lines: the input first, the line to run it again last.
  var lines: [String] {
    var lines = ["input:  \(printed)", "origin: \(origin)"]
    lines += explanation.map { "        \($0)" }
    lines += notes.map { "note:   \($0)" }
    if let shrink {
      lines.append("shrunk: \(shrink.from) → \(shrink.to) choices, \(shrink.evaluations) runs")
    }
    lines.append("again:  \(reproduce)")
    return lines
  }
}
