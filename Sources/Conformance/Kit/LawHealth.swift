/// What a law looks at in a part.
public enum LawObject: Sendable {
  /// The results of its calls.
  case calls
  /// Its contents or its draws, without a call.
  case itself
}

/// Signs that a law proves nothing about a part although its trials passed.
package struct LawHealth: Sendable {
  private let object: LawObject
  private var calls = 0
  private var trials = 0
  private var equal = 0

  package init(object: LawObject) { self.object = object }

  /// Counts a trial.
  ///
  /// - `calls`: how often it called a part.
  /// - `equalLengths`: whether two axes had one length, in which a wrong one hides; nil where the
  ///   part leaves no choice.
  package mutating func count(calls: Int, equalLengths: Bool?) {
    self.calls += calls
    guard let equalLengths else { return }
    trials += 1
    if equalLengths { equal += 1 }
  }

  /// What is wrong, or nil.
  package var problem: String? {
    if object == .calls, calls == 0 { return "no trial called the part" }
    if trials >= 8, equal * 2 > trials {
      return "\(equal) of \(trials) trials had two equal lengths"
    }
    return nil
  }
}
