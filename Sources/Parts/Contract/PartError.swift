internal import Catalogue
internal import Support
internal import Torch

/// What is wrong with a configuration, a tensor or a request, and with which part.
public struct PartError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of problems.
  public enum Problem: Equatable, Sendable {
    /// No part has that name.
    case unknownPart(name: String, known: [String])
    /// Two parts of one kind have the same name.
    case clash(name: String, places: [String])
    /// A configuration has an unknown key; `known` are the part's own, `others` may be suggested, too.
    case unknownKey(key: String, known: [String], others: [String] = [])
    /// A configuration lacks a key that has no default.
    case missingKey(key: String)
    /// A key's value is of another type or out of its range.
    case value(key: String, expected: String, got: String)
    /// A tensor has the wrong rank, width or length.
    case shape(tensor: String, expected: String, got: [Int])
    /// A tensor has elements of the wrong type.
    case dtype(tensor: String, expected: String, got: String)
    /// A tensor is on the wrong device.
    case device(tensor: String, expected: String, got: String)
    /// A tensor holds values that are not allowed.
    case content(tensor: String, expected: String, got: String)
    /// A call lacks a tensor.
    case missingTensor(tensor: String, known: [String])
    /// A call has a tensor that the part does not take.
    case unknownTensor(tensor: String, known: [String])
    /// The part cannot do what was asked of it.
    case unsupported(feature: String, reason: String)
    /// A configuration has several problems.
    indirect case several([PartError])
  }

  /// The kind and registered name of the part, such as `attention nystrom`; empty while unknown.
  public var part: String
  /// What is wrong.
  public let problem: Problem

  /// Makes an error; the registry fills in the part.
  public init(_ problem: Problem, part: String = "") {
    self.part = part
    self.problem = problem
  }

  /// The same error about a part, unless it names one already.
  public func naming(_ part: String) -> PartError {
    self.part.isEmpty ? PartError(problem, part: part) : self
  }

  /// The same error about a key inside the object of an outer key.
  package func inside(_ outer: String) -> PartError {
    func name(_ key: String) -> String { "\(outer).\(key)" }
    let moved: Problem =
      switch problem {
      case .unknownKey(let key, let known, let others):
        .unknownKey(key: name(key), known: known, others: others)
      case .missingKey(let key): .missingKey(key: name(key))
      case .value(let key, let expected, let got):
        .value(key: name(key), expected: expected, got: got)
      case .unsupported(let feature, let reason) where feature.hasPrefix("`"):
        .unsupported(feature: "`\(name(String(feature.dropFirst())))", reason: reason)
      case .several(let problems): .several(problems.map { $0.inside(outer) })
      default: problem
      }
    return PartError(moved, part: part)
  }

  /// The same error with other names for its tensor, as the caller knows them.
  package func renamingTensors(_ names: [String: String]) -> PartError {
    func name(_ tensor: String) -> String { names[tensor] ?? tensor }
    let renamed: Problem =
      switch problem {
      case .shape(let tensor, let expected, let got):
        .shape(tensor: name(tensor), expected: expected, got: got)
      case .dtype(let tensor, let expected, let got):
        .dtype(tensor: name(tensor), expected: expected, got: got)
      case .device(let tensor, let expected, let got):
        .device(tensor: name(tensor), expected: expected, got: got)
      case .content(let tensor, let expected, let got):
        .content(tensor: name(tensor), expected: expected, got: got)
      case .missingTensor(let tensor, let known):
        .missingTensor(tensor: name(tensor), known: known.map(name))
      case .unknownTensor(let tensor, let known):
        .unknownTensor(tensor: name(tensor), known: known.map(name))
      default: problem
      }
    return PartError(renamed, part: part)
  }

  /// One line: the part, the key or tensor, what was expected, what was got, the nearest word.
  public var description: String { part.isEmpty ? text : "\(part): \(text)" }

  private var text: String {
    switch problem {
    case .unknownPart(let name, let known):
      "there is no `\(name)`" + Self.hint(name, known, "known parts")
    case .clash(let name, let places):
      "`\(name)` is registered more than once: \(places.joined(separator: ", "))"
    case .unknownKey(let key, let known, let others):
      "unknown key `\(key)`" + Self.hint(key, known, "keys", others)
    case .missingKey(let key): "key `\(key)` is missing; it has no default"
    case .value(let key, let expected, let got): "key `\(key)`: expected \(expected), got \(got)"
    case .shape(let tensor, let expected, let got):
      "tensor `\(tensor)`: expected \(expected), got the shape \(got)"
    case .dtype(let tensor, let expected, let got):
      "tensor `\(tensor)`: expected \(expected), got \(got)"
    case .device(let tensor, let expected, let got):
      "tensor `\(tensor)`: expected it on \(expected), but it is on \(got)"
    case .content(let tensor, let expected, let got):
      "tensor `\(tensor)`: expected \(expected), got \(got)"
    case .missingTensor(let tensor, let known):
      "tensor `\(tensor)` is missing; the part takes \(known.joined(separator: ", "))"
    case .unknownTensor(let tensor, let known):
      "unknown tensor `\(tensor)`" + Self.hint(tensor, known, "tensors")
    case .unsupported(let feature, let reason): "\(feature) is not supported: \(reason)"
    case .several(let problems):
      "\(problems.count) problems" + problems.map { "\n  \($0)" }.joined()
    }
  }

  /// The word that was probably meant, and the known ones; others may be suggested, but are not listed.
  private static func hint(
    _ word: String, _ known: [String], _ what: String, _ others: [String] = []
  ) -> String {
    guard !known.isEmpty else { return "" }
    let list = "\(what): \(known.sorted().joined(separator: ", "))"
    // A word may stand behind its place in a configuration.
    let last = word.split(separator: ".").last.map(String.init) ?? word
    let near = nearest(word, among: known + others) ?? nearest(last, among: known + others)
    guard let near else { return "; \(list)" }
    return ", did you mean `\(near)`? (\(list))"
  }
}

extension PartError.Problem {
  /// The problem with a tensor without elements; nil if it has some.
  static func empty(_ x: Tensor, _ name: String) -> Self? {
    x.shape.firstIndex(of: 0).map { axis in
      .shape(
        tensor: name, expected: "at least 1 along axis \(axis), which has length 0", got: x.shape)
    }
  }
}
