/// The candidate closest to a mistyped word, for error messages.
///
/// Case is ignored. Ties go to the longer common prefix, then to the alphabetically first.
/// - Returns: `nil` if every candidate needs more than a third of its letters changed and none is
///   the word without one letter.
public func nearest(_ word: String, among candidates: some Sequence<String>) -> String? {
  // Comparing takes the product of the lengths, and a word this long is not a typo.
  guard word.utf8.count <= 200 else { return nil }
  let typed = Array(word.lowercased())
  var best: (word: String, distance: Int, prefix: Int)?
  for candidate in candidates where candidate.utf8.count <= 300 {
    let letters = Array(candidate.lowercased())
    // One letter too many is a typo even in the shortest words.
    let slips = max(letters.count / 3, typed.count > letters.count ? 1 : 0)
    let limit = min(slips, best?.distance ?? .max)
    // A distance is at least the difference of the lengths.
    guard abs(letters.count - typed.count) <= limit else { continue }
    let distance = editDistance(typed, letters)
    guard distance <= limit else { continue }
    let prefix = zip(typed, letters).prefix { $0 == $1 }.count
    if let known = best {
      let isBetter =
        (distance, -prefix, candidate) < (known.distance, -known.prefix, known.word)
      if !isBetter { continue }
    }
    best = (candidate, distance, prefix)
  }
  return best?.word
}

/// The Damerau–Levenshtein distance: the fewest insertions, deletions, substitutions and swaps of
/// neighbours that turn one word into the other.
public func editDistance(_ first: String, _ second: String) -> Int {
  editDistance(Array(first), Array(second))
}

/// The table has a border of two rows and columns, the outer one larger than any distance, so a
/// swap with a letter not yet seen is never chosen.
private func editDistance(_ first: [Character], _ second: [Character]) -> Int {
  let width = second.count + 2
  let unreachable = first.count + second.count + 1
  var table = [Int](repeating: unreachable, count: (first.count + 2) * width)
  for row in 0...first.count { table[(row + 1) * width + 1] = row }
  for column in 0...second.count { table[width + column + 1] = column }

  var lastRowWith: [Character: Int] = [:]
  for row in 0..<first.count {
    var lastColumnEqual = -1
    for column in 0..<second.count {
      let isEqual = first[row] == second[column]
      let here = (row + 2) * width + column + 2
      var cost = table[here - width - 1] + (isEqual ? 0 : 1)
      cost = min(cost, table[here - 1] + 1, table[here - width] + 1)
      if let earlierRow = lastRowWith[second[column]], lastColumnEqual >= 0 {
        // Delete what is in between, swap the two, insert what is in between.
        let before = table[(earlierRow + 1) * width + lastColumnEqual + 1]
        cost = min(cost, before + (row - earlierRow - 1) + 1 + (column - lastColumnEqual - 1))
      }
      table[here] = cost
      if isEqual { lastColumnEqual = column }
    }
    lastRowWith[first[row]] = row
  }
  return table[(first.count + 1) * width + second.count + 1]
}

/// Numbers in ascending order as ranges, such as `3, 5-7`.
public func ranges(_ numbers: [Int], separator: String) -> String {
  var ranges: [ClosedRange<Int>] = []
  for number in numbers {
    if let last = ranges.last, last.upperBound == number - 1 {
      ranges[ranges.count - 1] = last.lowerBound...number
    } else {
      ranges.append(number...number)
    }
  }
  return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
    .joined(separator: separator)
}
