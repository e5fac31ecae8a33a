/// A suggestion for a word that is not among the known ones: "; did you mean ...?", or nothing.
func suggestion(_ word: String, _ known: [String]) -> String {
  // Names in hostile files may be of any length and number; the distance costs their product.
  guard word.utf8.count <= 200, known.count <= 10_000 else { return "" }
  let typed = Array(word.lowercased().utf8)
  let distances = known.lazy.filter { $0.utf8.count <= 200 }.map {
    (distance: editDistance(typed, Array($0.lowercased().utf8)), word: $0)
  }
  guard let best = distances.min(by: { ($0.distance, $0.word) < ($1.distance, $1.word) }),
    best.distance < max(typed.count, best.word.utf8.count)
  else { return "" }
  return "; did you mean \(quoted(best.word))?"
}

/// The fewest insertions, deletions and substitutions that turn one word into the other.
private func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
  var row = Array(0...second.count)
  for (position, letter) in first.enumerated() {
    var diagonal = row[0]
    row[0] = position + 1
    for column in second.indices {
      let cost = min(diagonal + (letter == second[column] ? 0 : 1), row[column] + 1)
      diagonal = row[column + 1]
      row[column + 1] = min(cost, diagonal + 1)
    }
  }
  return row[second.count]
}
