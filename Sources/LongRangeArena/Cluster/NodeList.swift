/// The nodes of a job in the notation of SLURM: `node[1-2,05-07],gpu-a[1-2]b[3-4]`.
public enum NodeList {
  /// As many as SLURM accepts in one range; a typo must not fill the memory.
  private static let limit = 65_536

  /// The names of all nodes in order, as `scontrol show hostnames` prints them.
  ///
  /// Names that occur twice are kept. Lists that `scontrol` reads as something else than was probably
  /// meant, such as one with an open bracket, are refused.
  ///
  /// - Throws: ``ArenaError`` that names the list and what is wrong with it.
  public static func expand(_ list: String) throws -> [String] {
    var names: [String] = []
    for word in try words(of: list) {
      names += try expand(word[...], in: list)
      guard names.count <= limit else { throw problem(list, "it has more than \(limit) nodes") }
    }
    guard !names.isEmpty else { throw problem(list, "it has no node") }
    return names
  }

  /// The pieces between commas that are not in brackets.
  private static func words(of list: String) throws -> [String] {
    var words = [""]
    var isInside = false
    for letter in list {
      switch letter {
      case "[" where isInside: throw problem(list, "a bracket opens within another")
      case "]" where !isInside: throw problem(list, "a bracket closes that none has opened")
      case "[", "]": isInside = letter == "["
      case "," where !isInside:
        words.append("")
        continue
      case let space where space.isWhitespace: throw problem(list, "it has a space")
      default: break
      }
      words[words.count - 1].append(letter)
    }
    if isInside { throw problem(list, "a bracket is not closed") }
    return words.filter { !$0.isEmpty }
  }

  /// Expands the first bracket of a word and, for each of its numbers, the rest.
  private static func expand(_ word: Substring, in list: String) throws -> [String] {
    guard let open = word.firstIndex(of: "["), let close = word.firstIndex(of: "]") else {
      return [String(word)]
    }
    let rest = word[word.index(after: close)...]
    guard rest.isEmpty || rest.contains("[") else {
      throw problem(list, "`\(rest)` follows the last bracket of a name")
    }
    let tails = try rest.isEmpty ? [""] : expand(rest, in: list)
    let numbers = try word[word.index(after: open)..<close]
      .split(separator: ",", omittingEmptySubsequences: false)
      .flatMap { try self.numbers(of: $0, in: list) }
    guard numbers.count * tails.count <= limit else {
      throw problem(list, "it has more than \(limit) nodes")
    }
    return numbers.flatMap { number in tails.map { word[..<open] + number + $0 } }
  }

  /// The numbers of `7` or `05-07`, each with at least as many digits as the first.
  private static func numbers(of range: Substring, in list: String) throws -> [String] {
    let ends = range.split(separator: "-", omittingEmptySubsequences: false)
    let isPlain = ends.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }
    guard isPlain, ends.count <= 2, let digits = ends.first, let first = Int(digits),
      let last = Int(ends.last ?? digits)
    else { throw problem(list, "expected a number or a range such as 05-07, got `\(range)`") }
    guard first <= last else { throw problem(list, "the range `\(range)` goes down") }
    guard last - first < limit else { throw problem(list, "it has more than \(limit) nodes") }
    return (first...last).map { number in
      let text = String(number)
      return String(repeating: "0", count: max(0, digits.count - text.count)) + text
    }
  }

  private static func problem(_ list: String, _ reason: String) -> ArenaError {
    ArenaError("`\(list)` is no list of nodes: \(reason)")
  }
}
