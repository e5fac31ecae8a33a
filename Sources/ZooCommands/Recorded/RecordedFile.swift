internal import Catalogue
internal import Conformance
internal import JSON
internal import LongRangeArena
internal import Torch

/// A recorded case of any kind: a call of a part, or a training.
enum RecordedFile {
  case call(RecordedCase)
  case training(RecordedTraining)

  /// Reads a case; a kind and a configuration replace those of its header.
  init(_ path: String, kind: Kind?, config: JSON?, _ kit: Kit) throws {
    let source = try SafetensorsFile(contentsOf: path)
    if kind == nil, source.metadata["kind"] == RecordedTraining.kind {
      self = .training(
        try RecordedTraining(source, file: path, in: kit.registry, config: config))
    } else {
      self = .call(
        try RecordedCase(source, file: path, kind: kind?.rawValue, config: config))
    }
  }

  /// What was recorded.
  var title: String {
    switch self {
    case .call(let recorded): "\(recorded.kind.rawValue) \(recorded.part)"
    case .training(let recorded): "training \(recorded.task.name) \(recorded.attention)"
    }
  }

  /// The metadata of a file of results.
  var header: [String: String] {
    switch self {
    case .call(let recorded):
      ["kind": recorded.kind.rawValue, "part": recorded.part, "config": "\(recorded.config)"]
    case .training(let recorded):
      [
        "kind": RecordedTraining.kind, "task": recorded.task.name,
        "attention": recorded.attention,
      ]
    }
  }

  /// The results, under the names of a file.
  func results(_ kit: Kit) throws -> [String: Tensor] {
    switch self {
    case .call(let recorded): try recorded.run(in: kit.registry).results
    case .training(let recorded): try recorded.run(in: kit.registry).results
    }
  }

  /// How the results compare with the recorded ones.
  func compare(_ kit: Kit) throws -> RecordedComparison {
    switch self {
    case .call(let recorded): try recorded.compare(in: kit.registry)
    case .training(let recorded): try recorded.compare(kit)
    }
  }
}

extension RecordedTraining {
  fileprivate func compare(_ kit: Kit) throws -> RecordedComparison {
    let run = try run(in: kit.registry)
    guard run.recorded["loss"] != nil else {
      throw KitError("\(file): there is no recorded `loss` to compare with")
    }
    var all: [(tensor: String, comparison: Comparison)] = []
    for (name, expected) in run.recorded.sorted(by: { $0.key < $1.key }) {
      guard let actual = run.results[name] else { continue }
      let largest = try expected.doubles().filter(\.isFinite).map(Swift.abs).max() ?? 0
      all.append((name, try Conformance.compare(actual, expected, .training(largest: largest))))
    }
    let worst = all.max { $0.comparison.worst < $1.comparison.worst } ?? all[0]
    let isEqual = all.allSatisfy(\.comparison.isEqual)
    if !isEqual, !run.draws.isEmpty {
      throw KitError(
        "\(file): the results depend on random draws that a training does not hold: "
          + run.draws.joined(separator: ", "))
    }
    return RecordedComparison(
      verdict: isEqual ? .matches : .differs, worst: worst,
      count: all.reduce(0) { $0 + $1.comparison.count }, dropped: run.dropped)
  }
}
