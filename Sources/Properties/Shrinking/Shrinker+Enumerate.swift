extension Shrinker {
  /// `enumerate`: if only few sequences are smaller than the best, all of them in order.
  mutating func enumerate() {
    guard best.choices.count <= 8 else { return }
    let smaller = smallerSequences(atMost: 512)
    for values in smaller ?? [] where mayGoOn {
      if propose(values) { return }
    }
  }

  /// All sequences smaller than the best that the generator accepts, in order; nil if there are
  /// more than the limit.
  private func smallerSequences(atMost limit: Int) -> [[ChoiceValue]]? {
    var found: [[Choice]] = []
    var open: [[ChoiceValue]] = [[]]
    var visited = 0
    while let prefix = open.popLast() {
      visited += 1
      guard visited <= 8 * limit else { return nil }
      let source = drawAnyway(prefix)
      guard source.choices.count <= best.choices.count else { continue }
      if source.choices.count == prefix.count || prefix.isEmpty && source.choices.isEmpty {
        if Self.isSmaller(source.choices, than: best.choices) { found.append(source.choices) }
        guard found.count <= limit else { return nil }
        continue
      }
      let next = source.choices[prefix.count].domain
      guard let values = next.all(atMost: limit) else { return nil }
      open += values.reversed().map { prefix + [$0] }
    }
    return found.sorted { Self.isSmaller($0, than: $1) }.map { $0.map(\.value) }
  }
}

extension ChoiceDomain {
  /// All values, simplest first; nil if there are more than the limit.
  func all(atMost limit: Int) -> [ChoiceValue]? {
    switch self {
    case .integer(let domain):
      guard domain.lastIndex < UInt64(limit) else { return nil }
      return (0...domain.lastIndex).map { .integer(domain.value(at: $0)) }
    case .boolean(let domain):
      return domain.forced.map { [.boolean($0)] } ?? [.boolean(false), .boolean(true)]
    case .double(let domain):
      return domain.range.lowerBound == domain.range.upperBound ? [.double(domain.simplest)] : nil
    case .tensor: return nil
    }
  }
}
