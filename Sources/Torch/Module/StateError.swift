/// A state that does not fit a module.
public enum StateError: Error, Equatable, CustomStringConvertible {
  /// The state lacks a key of the module.
  case missing(key: String)
  /// The state has a key that the module does not have.
  case unexpected(key: String, known: [String])
  /// A tensor has another shape than the module's.
  case shape(key: String, expected: [Int], got: [Int])
  /// A tensor does not have a floating type.
  case dtype(key: String, got: DType)
  /// A value that the options determine is different.
  case constant(key: String)
  /// Two keys of one shared tensor have different values.
  case shared(key: String, other: String)
  /// The state has none of the module's tensors.
  case nothing(of: Int, keys: [String], known: [String])
  /// A problem of a state that was read from a file.
  indirect case inFile(String, StateError)
  /// A state has several problems.
  indirect case several([StateError])

  /// Makes one error of the problems of a state; nil if there are none.
  init?(_ problems: [StateError]) {
    guard let first = problems.first else { return nil }
    self = problems.count == 1 ? first : .several(problems)
  }

  /// The problems one by one.
  public var problems: [StateError] {
    guard case .several(let problems) = self else { return [self] }
    return problems
  }

  /// The key that a single problem is about.
  var key: String? {
    switch self {
    case .missing(let key), .unexpected(let key, _), .shape(let key, _, _), .dtype(let key, _),
      .constant(let key), .shared(let key, _):
      key
    case .inFile(_, let problem): problem.key
    case .nothing, .several: nil
    }
  }

  /// The same error with other names for its keys.
  package func renamingKeys(_ name: (String) -> String) -> StateError {
    switch self {
    case .missing(let key): .missing(key: name(key))
    case .unexpected(let key, let known): .unexpected(key: name(key), known: known.map(name))
    case .shape(let key, let expected, let got):
      .shape(key: name(key), expected: expected, got: got)
    case .dtype(let key, let got): .dtype(key: name(key), got: got)
    case .constant(let key): .constant(key: name(key))
    case .shared(let key, let other): .shared(key: name(key), other: name(other))
    case .nothing(let total, let keys, let known):
      .nothing(of: total, keys: keys.map(name), known: known.map(name))
    case .inFile(let file, let problem): .inFile(file, problem.renamingKeys(name))
    case .several(let problems): .several(problems.map { $0.renamingKeys(name) })
    }
  }

  /// What is wrong, with the key; several problems follow each other, a line each.
  public var description: String {
    guard case .several(let problems) = self else {
      return text { key, known in
        "\(known.suggestion(for: key)) (parameters: "
          + "\(known.isEmpty ? "none" : known.map(plain).joined(separator: ", ")))"
      }
    }
    // What was meant by a key is most likely one that is missing.
    let missing = problems.compactMap { problem in
      if case .missing(let key) = problem.withoutFile { key } else { nil }
    }
    let count = problems.count - missing.count
    func searched(_ keys: [String]) -> [String] { keys.count * count <= 4_096 ? keys : [] }
    let own = Set(missing)
    return "\(problems.count) problems"
      + problems.map { problem in
        "\n  "
          + problem.text { key, known in
            own.suggestion(behindPrefixOf: key)
              ?? searched(missing.isEmpty ? known : missing).suggestion(for: key)
          }
      }.joined()
  }

  private var withoutFile: StateError {
    if case .inFile(_, let problem) = self { problem } else { self }
  }

  private func text(_ hint: (String, [String]) -> String) -> String {
    switch self {
    case .missing(let key): "parameter `\(plain(key))` is missing"
    case .unexpected(let key, let known):
      "there is no parameter `\(plain(key))`\(hint(key, known))"
    case .shape(let key, let expected, let got):
      "parameter `\(plain(key))` has the shape \(got), expected \(expected)"
    case .dtype(let key, let got):
      "parameter `\(plain(key))` holds \(got), expected a floating type"
    case .constant(let key):
      "buffer `\(plain(key))` does not have the value that the options determine"
    case .shared(let key, let other):
      "parameters `\(plain(key))` and `\(plain(other))` share one tensor, but their values differ"
    case .nothing(let total, let keys, let known):
      "0 of \(total) tensors would be loaded: "
        + (keys.first.map { "there is no parameter `\(plain($0))`\(hint($0, known))" }
          ?? "the state is empty")
    case .inFile(let file, let problem): "\(file): \(problem.text(hint))"
    case .several: description
    }
  }
}

/// A key as it is, unless it would break a message: those of a hostile file may hold line breaks.
private func plain(_ key: String) -> String {
  let isHarmless = key.utf8.count <= 500 && key.unicodeScalars.allSatisfy { $0.value >= 32 }
  return isHarmless ? key : String(quoted(key).dropFirst().dropLast())
}

extension [String] {
  /// What was probably meant by a key: one of these behind a prefix, or the nearest.
  fileprivate func suggestion(for key: String) -> String {
    Set(self).suggestion(behindPrefixOf: key) ?? Torch.suggestion(key, self)
  }
}

extension Set<String> {
  /// What a key has at its beginning before one of these.
  fileprivate func suggestion(behindPrefixOf key: String) -> String? {
    var rest = key[...]
    while let dot = rest.firstIndex(of: ".") {
      rest = rest[rest.index(after: dot)...]
      if contains(String(rest)) {
        return "; there is one without \(quoted(String(key.dropLast(rest.count))))"
      }
    }
    return nil
  }
}
