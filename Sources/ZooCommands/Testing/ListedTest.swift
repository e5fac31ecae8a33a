internal import Catalogue
internal import Foundation
internal import JSON
internal import Torch

/// A test function of a test binary.
struct ListedTest: Hashable {
  /// The suite with its module, as tests are filtered: ``Tests.`attention local` ``.
  let path: String
  /// The module that holds it.
  let module: String
  /// The suite without its module.
  let suite: String
  /// The function's name, without its arguments and back ticks.
  let name: String
  /// Its tags and those of its suites.
  var tags: [String]

  /// The part and the family of laws that it judges; nil for hand-written tests.
  var judged: (suite: String, family: Family)? {
    guard isParameterized, let family = Family(rawValue: name) else { return nil }
    return (suite, family)
  }

  /// The same as one word.
  var key: String? { judged.map { "\($0.suite)/\($0.family.rawValue)" } }

  private let isParameterized: Bool

  /// The functions that a test binary lists, one JSON object a line.
  static func read(_ lines: [String]) -> [ListedTest] {
    var tests: [ListedTest] = []
    var tagsOfSuites: [String: [String]] = [:]
    for line in lines {
      guard let record = try? JSON(parsing: line), record["kind"]?.string == "test",
        let payload = record["payload"], let id = payload["id"]?.string
      else { continue }
      let tags = (payload["_tags"]?.array ?? []).compactMap { $0.string?.trimmingPrefix(".") }
        .map(String.init)
      if payload["kind"]?.string == "suite" {
        tagsOfSuites[id] = tags
      } else if let test = ListedTest(id, payload, tags) {
        tests.append(test)
      }
    }
    for index in tests.indices {
      for (suite, tags) in tagsOfSuites where tests[index].path.hasPrefix(suite + "/") {
        tests[index].tags += tags
      }
    }
    return tests.sorted { $0.path < $1.path }
  }

  /// - Parameter id: suite, name and place, such as ``Tests.suite/name()/File.swift:5:4``.
  private init?(_ id: String, _ payload: JSON, _ tags: [String]) {
    guard let name = payload["name"]?.string, let place = id.lastIndex(of: "/") else { return nil }
    path = String(id[..<place])
    guard path.hasSuffix(name), let dot = path.firstIndex(of: ".") else { return nil }
    module = String(path[..<dot])
    let suite = path[path.index(after: dot)...].dropLast(name.count)
    self.suite = suite.filter { $0 != "`" }.trimmingCharacters(in: CharacterSet(charactersIn: "/"))
    let arguments = name.lastIndex(of: "(") ?? name.endIndex
    self.name = name[..<arguments].filter { $0 != "`" }
    self.tags = tags
    isParameterized = payload["isParameterized"]?.bool ?? false
  }

  /// A regular expression that matches this test alone.
  var filter: String {
    var pattern = "^"
    for character in path {
      if #"\^$.|?*+()[]{}"#.contains(character) { pattern += "\\" }
      pattern.append(character)
    }
    return pattern + "/"
  }
}
