internal import Conformance
internal import Foundation
internal import JSON
internal import Parts
internal import Torch

/// A seeded fault, as the build that holds it describes it.
struct FaultRow: Hashable, Sendable {
  /// The name that activates it.
  let name: String
  /// The part it sits in, by kind and registered name.
  let part: String
  /// The wrong line, in words.
  let wrong: String
  /// The codes of the laws that must reject it, first the expected best.
  let killers: [String]
  /// Whether it is an equivalent mutant, which every law must let live.
  let isControl: Bool

  /// The row as one program tells another.
  var json: JSON {
    [
      "name": .string(name), "part": .string(part), "wrong": .string(wrong),
      "killers": .array(killers.map { .string($0) }), "control": .bool(isControl),
    ]
  }
}

extension FaultRow {
  /// Reads a row back; nil if something else is there.
  init?(_ json: JSON) {
    guard let name = json["name"]?.string, let part = json["part"]?.string,
      let wrong = json["wrong"]?.string, let killers = json["killers"]?.array,
      let isControl = json["control"]?.bool
    else { return nil }
    self.init(
      name: name, part: part, wrong: wrong, killers: killers.compactMap(\.string),
      isControl: isControl)
  }

  #if FAULTS
    /// The faults of this build.
    static let all: [FaultRow]? = FaultTable.rows.map {
      FaultRow(
        name: $0.name, part: $0.part, wrong: $0.wrong, killers: $0.killers,
        isControl: $0.isControl)
    }
  #else
    /// Nil: this build holds no fault.
    static let all: [FaultRow]? = nil
  #endif
}
