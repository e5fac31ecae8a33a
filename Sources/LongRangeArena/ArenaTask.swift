internal import Foundation
internal import Support

/// A task of the Long Range Arena: sequences of tokens to classify.
///
/// Source: Tay et al., "Long Range Arena: A Benchmark for Efficient Transformers", ICLR 2021.
public struct ArenaTask: Hashable, Sendable {
  /// The name on the command line, in folders and in configurations.
  public let name: String
  /// The number of classes.
  public let classes: Int
  /// The number of different tokens, padding included.
  public let vocabulary: Int
  /// The length of a sequence in the original's configurations.
  public let length: Int
  /// Whether an example is two sequences, which share an encoder.
  public var isPaired = false
  /// Whether token 0 fills sequences up; tasks on pictures have a pixel of that value instead.
  public var hasPadding = false

  /// The section of a configuration that tasks share which differ in what follows their first dash.
  public var family: String { String(name.prefix { $0 != "-" }) }

  /// Whether examples can be generated; otherwise they are imported.
  public var isGenerated: Bool { name == "listops" || name.hasPrefix("pathfinder") }

  /// How its data are made in a folder, as a request.
  ///
  /// - `again`: whether they have been made before.
  public func advice(_ folder: String, again: Bool = false) -> String {
    let isUsual = folder == "datasets" || folder == URL(fileURLWithPath: "datasets").path
    let options = (isGenerated ? "" : " --from SOURCE") + (isUsual ? "" : " --data \(folder)")
    let command = "make it\(again ? " again" : "") with `zoo lra data \(name)\(options)`"
    guard !isGenerated, !again else { return command }
    let fetched = ["digits", "text", "retrieval"].contains(name)
    return "\(command), where SOURCE is \(ArenaSource.forms(of: self))"
      + (fetched ? "; scripts/arena-data of parts-zoo fetches a small one" : "")
  }

  /// All tasks.
  public static let all: [ArenaTask] =
    [
      ArenaTask(name: "listops", classes: 10, vocabulary: 16, length: 2048, hasPadding: true),
      ArenaTask(name: "text", classes: 2, vocabulary: 257, length: 4096, hasPadding: true),
      ArenaTask(
        name: "retrieval", classes: 2, vocabulary: 257, length: 4096, isPaired: true,
        hasPadding: true),
      ArenaTask(name: "image", classes: 10, vocabulary: 256, length: 1024),
      ArenaTask(name: "digits", classes: 10, vocabulary: 17, length: 64),
    ]
    + ["pathfinder32", "pathfinder128"].flatMap { window in
      ["curv_baseline", "curv_contour_length_9", "curv_contour_length_14"].map { level in
        ArenaTask(
          name: "\(window)-\(level)", classes: 2, vocabulary: 256,
          length: window == "pathfinder32" ? 1024 : 16384)
      }
    }

  /// The task of a name.
  ///
  /// - Throws: ``ArenaError`` with the nearest name for an unknown one.
  public static func named(_ name: String) throws -> ArenaTask {
    if let task = all.first(where: { $0.name == name }) { return task }
    let names = all.map(\.name)
    let hint = nearest(name, among: names).map { ", did you mean `\($0)`?" } ?? ""
    throw ArenaError(
      "there is no task `\(name)`\(hint) (tasks: \(names.joined(separator: ", ")))")
  }
}

/// What is wrong with the input of a training, in one sentence.
public struct ArenaError: Error, CustomStringConvertible, Sendable {
  /// The sentence.
  public let description: String

  /// Makes an error.
  public init(_ description: String) { self.description = description }
}
