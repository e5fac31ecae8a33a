/// Signs that a check proves nothing, even if its trials pass.
struct Health: Sendable {
  private var accepted = 0
  private var rejections = 0
  private var overruns = 0
  private var rejectionsInARow = 0
  private var longestRejection = 0
  /// How long trials took, except those that had to wait for a core.
  private var durations: [Duration] = []
  private var outputs: Set<UInt64> = []
  private var outputTrials = 0

  private var draws: Int { accepted + rejections }

  mutating func rejected(_ rejection: Rejected?) {
    rejections += 1
    if rejection?.reason == .overrun { overruns += 1 }
    rejectionsInARow += 1
    longestRejection = max(longestRejection, rejectionsInARow)
  }

  mutating func accepted(_ duration: Duration?, output: UInt64?) {
    accepted += 1
    rejectionsInARow = 0
    if let duration { durations.append(duration) }
    if let output {
      outputs.insert(output)
      outputTrials += 1
    }
  }

  /// Whether drawing more inputs is pointless.
  var isHopeless: Bool {
    longestRejection > 20 || draws >= 50 && rejections * 2 > draws
      || draws >= 10 && overruns * 5 > draws
  }

  /// What is wrong; nil if nothing is.
  func problem(slowTrial: Duration) -> String? {
    if draws >= 10, overruns * 5 > draws {
      return "\(overruns) of \(draws) inputs needed \(Source.limits)"
    }
    if longestRejection > 20 {
      return "\(longestRejection) inputs in a row were rejected"
    }
    if draws >= 50, rejections * 2 > draws {
      return "\(rejections) of \(draws) inputs were rejected"
    }
    if outputTrials >= 8, outputs.count == 1 {
      return "all \(outputTrials) trials had the same output"
    }
    let median = durations.sorted()[safe: durations.count / 2] ?? .zero
    if durations.count >= 5, median > slowTrial {
      return "half of the trials took longer than \(slowTrial); the median is \(median)"
    }
    return nil
  }
}

extension Array {
  subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
