/// A call that a definition cannot answer.
public struct OracleError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The name of the oracle that was called.
  public let oracle: String
  /// What is wrong: its kind and key, for example "option `causal`".
  public let subject: String
  /// What was expected.
  public let expected: String
  /// What was given.
  public let got: String
  /// The nearest valid word, if one is near.
  public let nearest: String?

  /// Makes an error.
  public init(
    oracle: String, _ subject: String, expected: String, got: String, nearest: String? = nil
  ) {
    self.oracle = oracle
    self.subject = subject
    self.expected = expected
    self.got = got
    self.nearest = nearest
  }

  /// One line with the oracle, the key, what was expected and what was given.
  public var description: String {
    let hint = nearest.map { "; did you mean `\($0)`?" } ?? ""
    return "oracle `\(oracle)`: \(subject): expected \(expected), got \(got)\(hint)"
  }
}

/// The word of a list that is the fewest edits away from the given one; nil if none is near.
func nearestWord(to word: String, among words: [String]) -> String? {
  var best: String?
  var fewest = max(2, word.count / 2) + 1
  for candidate in words.sorted() {
    let edits = editDistance(Array(word), Array(candidate))
    if edits < fewest {
      best = candidate
      fewest = edits
    }
  }
  return best
}

private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
  var previous = Array(0...right.count)
  for i in 0..<left.count {
    var current = [i + 1]
    for j in 0..<right.count {
      let replaced = previous[j] + (left[i] == right[j] ? 0 : 1)
      current.append(min(replaced, previous[j + 1] + 1, current[j] + 1))
    }
    previous = current
  }
  return previous[right.count]
}
