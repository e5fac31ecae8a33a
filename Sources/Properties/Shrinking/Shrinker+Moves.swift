extension Shrinker {
  /// The most choices for which two moves in a row are tried.
  private static var mostChoicesForTwoMoves: Int { 24 }

  /// `descend`: puts a part of a recursive value in the place of the whole.
  mutating func descend() {
    var index = 0
    while index < best.spans.count, mayGoOn {
      if !descend(at: index) { index += 1 }
    }
  }

  private mutating func descend(at index: Int) -> Bool {
    let span = best.spans[index]
    for other in index + 1..<max(index + 1, best.spans.count) {
      let inner = best.spans[other]
      guard inner.start < span.end else { return false }
      guard inner.label == span.label, inner.count < span.count, inner.count > 0 else { continue }
      if propose(rearranged([index: other])) { return true }
    }
    return false
  }

  /// `swap-siblings`: exchanges two spans of one label, also of different parents.
  mutating func swapSiblings() {
    var first = 0
    while first < best.spans.count, mayGoOn {
      var second = first + 1
      while second < best.spans.count, mayGoOn {
        let (a, b) = (best.spans[first], best.spans[second])
        if a.label == b.label, a.end <= b.start,
          Self.isSmaller(choices(of: b), than: choices(of: a))
        {
          propose(rearranged([first: second, second: first]))
        }
        second += 1
      }
      first += 1
    }
  }

  /// `sort-spans` where no exchange of two helps: every smaller order of three or four siblings.
  mutating func permuteSiblings() {
    var group = 0
    while group < siblings().count, mayGoOn {
      let all = siblings()[group].spans
      // The end of a list is no element.
      let spans = all.filter { $0.count == all[0].count }
      if (3...4).contains(spans.count) {
        let contents = spans.map { choices(of: $0) }
        let orders = permutations(of: spans.count).map { order in order.map { spans[$0] } }
        for order in orders where mayGoOn {
          let isOther = zip(order, contents).contains { !isAlike(choices(of: $0), $1) }
          if isOther, propose(arranged(spans, as: order)) { break }
        }
      }
      group += 1
    }
  }

  /// Whether neither of two stretches is simpler.
  private func isAlike(_ a: [Choice], _ b: [Choice]) -> Bool {
    !Self.isSmaller(a, than: b) && !Self.isSmaller(b, than: a)
  }

  /// All orders of 0 ..< count.
  private func permutations(of count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return permutations(of: count - 1).flatMap { order in
      (0...order.count).map { place in
        var longer = order
        longer.insert(count - 1, at: place)
        return longer
      }
    }
  }

  /// `swap-siblings` for small inputs: two exchanges, or an exchange and a zeroed span, at once.
  ///
  /// Shapes of trees need it: each of two moves alone may lose the failure.
  mutating func moveTwice() {
    guard best.choices.count <= Self.mostChoicesForTwoMoves, isRecursive else { return }
    for first in moves(best.choices, best.spans) where mayGoOn {
      let source = drawAnyway(first)
      for second in moves(source.choices, source.spans) where mayGoOn {
        if propose(second) { return }
      }
    }
  }

  /// Whether some span lies in one of its label that lies in one of its label.
  private var isRecursive: Bool {
    var depths: [Int] = []
    for span in best.spans {
      var depth = 1
      var parent = span.parent
      while parent >= 0 {
        if best.spans[parent].label == span.label {
          depth = depths[parent] + 1
          break
        }
        parent = best.spans[parent].parent
      }
      depths.append(depth)
    }
    return depths.contains { $0 > 2 }
  }

  /// The sequences that differ by one exchange of spans or one zeroed span.
  private func moves(_ choices: [Choice], _ spans: [Span]) -> [[ChoiceValue]] {
    var moves: [[ChoiceValue]] = []
    for (first, a) in spans.enumerated() where a.count > 0 {
      if choices[a.range].contains(where: { !$0.isSimplest }) {
        var values = choices.map(\.value)
        for position in a.range { values[position] = choices[position].domain.simplest }
        moves.append(values)
      }
      for (second, b) in spans.enumerated().dropFirst(first + 1)
      where a.label == b.label && a.end <= b.start && b.count > 0 {
        let tree = ChoiceTree(choices, spans, replacements: [first: second, second: first])
        moves.append(drawAnyway(tree).choices.map(\.value))
      }
    }
    return moves
  }

  /// The best sequence with the contents of some spans taken from others.
  ///
  /// Spans of one size fit each other's places as they are; others need what fits to be found.
  private func rearranged(_ replacements: [Int: Int]) -> [ChoiceValue] {
    if replacements.allSatisfy({ best.spans[$0.key].count == best.spans[$0.value].count }) {
      var values = best.values
      for (place, content) in replacements {
        values.replaceSubrange(
          best.spans[place].range, with: best.values[best.spans[content].range])
      }
      return values
    }
    let tree = ChoiceTree(best.choices, best.spans, replacements: replacements)
    return drawAnyway(tree).choices.map(\.value)
  }
}
