internal import CXXHash
internal import Catalogue
public import JSON
public import Parts
internal import Support
internal import Torch

/// A configuration of the original's runner for one task and one attention, with defaults filled in.
///
/// The file is an object from tasks to `dataset`, `training` and `model`; the three levels of a
/// pathfinder task share a section. What `model.common` holds is given to each part that has such an
/// option, then the options under `extra_settings.attention` to the attention, whether these stand in
/// `model` or beside it. Unlike in the original, absent keys have their usual defaults, and a key that
/// nothing uses is an error.
public struct ArenaConfig: Sendable, Equatable {
  /// The task.
  public let task: ArenaTask
  /// The name of the attention.
  public let attention: String
  /// How the model is trained.
  public let training: TrainingConfig
  /// The sizes that all parts share.
  public let common: CommonConfig
  /// How the tokens of a sequence become one.
  public let pooling: Pooling
  /// The stacks of the model with all their options.
  public let stacks: JSON
  /// How the options of the stacks were used.
  public let report: BuildReport
  /// What a reader should know: options without effect, and mistakes in those of other attentions.
  public let notes: [String]
  /// Where the section is, for errors.
  let path: String

  /// Reads a configuration.
  ///
  /// - Parameters:
  ///   - json: the whole file, or the section of the task.
  ///   - changes: values that replace those of the section, by paths such as
  ///     `training:learning_rate` or `model:xformer:0:num_layers`.
  /// - Throws: `PartError` with every problem and its path.
  public init(
    _ json: JSON, task: ArenaTask, attention: String, in registry: Registry = .zoo,
    changes: [(path: String, value: JSON)] = []
  ) throws {
    try self.init(
      ConfigSection(of: json, task: task), task: task, attention: attention, registry, changes)
  }

  private init(
    _ found: ConfigSection, task: ArenaTask, attention: String, _ registry: Registry,
    _ changes: [(path: String, value: JSON)]
  ) throws {
    var section = found
    _ = try registry.entry(.attention, attention)
    for (path, value) in changes { try section.set(path, to: value, registry) }
    var reader = ConfigReader(path: section.path, attention: attention, registry: registry)
    let parts = reader.read(section.content)
    if reader.problems.count > 1 { throw PartError(.several(reader.problems)) }
    if let only = reader.problems.first { throw only }
    guard let parts else {
      throw PartError(.unsupported(feature: "`\(section.path)`", reason: "it cannot be read"))
    }
    self.task = task
    self.attention = attention
    (training, common, pooling) = (parts.training, parts.common, parts.pooling)
    (stacks, report, path) = (parts.stacks, parts.report, section.path)
    notes =
      report.reasons.sorted { $0.key < $1.key }.map { "`\($0.key)` has no effect: \($0.value)" }
      + reader.notes
  }

  /// Where the options of the stacks are.
  var stackPath: String { "\(path).model.xformer" }

  /// The tasks for which a configuration has a section.
  ///
  /// - Throws: `PartError` with the nearest name for a section of no task.
  public static func tasks(in json: JSON) throws -> [ArenaTask] {
    guard let file = json.object, !ConfigSection.isSection(file) else { return ArenaTask.all }
    let known = ArenaTask.all.reduce(into: []) { names, task in
      names += [task.name, task.family].filter { !names.contains($0) }
    }
    let problems = file.keys.filter { !known.contains($0) }
      .map { PartError(.unknownKey(key: $0, known: known)) }
    guard problems.isEmpty else {
      throw problems.count > 1 ? PartError(.several(problems)) : problems[0]
    }
    return ArenaTask.all.filter { file[$0.name] != nil || file[$0.family] != nil }
  }

  /// The width of the hidden layer of the head, in multiples of E: that of the first feedforward.
  var headMultiplier: Int {
    let options = stacks[0]?["feedforward_config"]
    return options?["hidden_layer_multiplier"]?.int ?? 4
  }

  /// 16 hexadecimal digits of everything that decides the result of a training but its data and its
  /// type of numbers; the way in which the configuration is written does not count.
  public var hash: String {
    get throws {
      let all: JSON = [
        "task": .string(task.name), "attention": .string(attention),
        "training": try training.json, "common": try common.json,
        "pooling_mode": .string(pooling.rawValue), "stacks": stacks,
      ]
      return fingerprint(Array(try all.text(.canonical).utf8))
    }
  }
}

/// The 64-bit XXH3 of bytes, as 16 hexadecimal digits.
func fingerprint(_ bytes: some Collection<UInt8>) -> String {
  let hash =
    bytes.withContiguousStorageIfAvailable { XXH3_64bits($0.baseAddress, $0.count) }
    ?? Array(bytes).withUnsafeBufferPointer { XXH3_64bits($0.baseAddress, $0.count) }
  let digits = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// The section of a task in a configuration, and its name.
struct ConfigSection {
  let path: String
  private(set) var content: JSONObject

  /// Finds the section of a task, or that of its family.
  init(of json: JSON, task: ArenaTask) throws {
    guard let file = json.object else {
      throw PartError(
        .value(key: "config", expected: "an object", got: "\(json.kindName)"))
    }
    guard !Self.isSection(file) else {
      (path, content) = (task.name, file)
      return
    }
    _ = try ArenaConfig.tasks(in: json)
    guard let key = [task.name, task.family].first(where: { file[$0] != nil }),
      let section = file[key]
    else {
      throw ArenaError(
        "the configuration has no section `\(task.family)` for the task \(task.name)"
          + " (sections: \(file.keys.sorted().joined(separator: ", ")))")
    }
    guard let content = section.object else {
      throw PartError(.value(key: key, expected: "an object", got: "\(section.kindName)"))
    }
    (path, self.content) = (key, content)
  }

  /// Whether a file is the section of one task.
  static func isSection(_ file: JSONObject) -> Bool {
    (file["training"] != nil || file["model"] != nil)
      && !ArenaTask.all.contains { file[$0.name] != nil || file[$0.family] != nil }
  }

  /// Replaces a value.
  ///
  /// - Throws: `ArenaError` with the nearest path for one that nothing reads.
  mutating func set(_ path: String, to value: JSON, _ registry: Registry) throws {
    let known = settablePaths(registry)
    let words = path.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard known.contains(path) else {
      throw ArenaError(
        "there is no setting `\(path)` in `\(self.path)`"
          + (Self.nearestPath(path, among: known).map { ", did you mean `\($0)`?" } ?? ""))
    }
    content = JSON.object(content).setting(words[...], to: value).object ?? content
  }

  /// The path that has the most words of another, the last one among them; of these the shortest.
  ///
  /// The other may begin with its task, leave out words, or have a point for a colon.
  private static func nearestPath(_ path: String, among known: Set<String>) -> String? {
    let words = path.split { ":./".contains($0) }.map(String.init)
    guard let last = words.last else { return nil }
    func likeness(_ candidate: String) -> (Int, Int, String)? {
      let own = candidate.split(separator: ":").map(String.init)
      guard own.last == last || nearest(last, among: own.suffix(1)) != nil else { return nil }
      let points = words.map { own.contains($0) ? 2 : nearest($0, among: own) != nil ? 1 : 0 }
      let exact = own.last == last ? 1 : 0
      return (points.reduce(exact, +), -own.count, candidate)
    }
    return known.compactMap(likeness)
      .min { ($1.0, $1.1, $0.2) < ($0.0, $0.1, $1.2) }?.2
  }

  /// The paths that the section has, and those of options that it may have.
  private func settablePaths(_ registry: Registry) -> Set<String> {
    var paths: Set<String> = ["model:pooling_mode"]
    func add(_ keys: [String], under path: String) {
      paths.formUnion(keys.map { "\(path):\($0)" })
    }
    add((try? TrainingConfig.keys) ?? [], under: "training")
    add((try? CommonConfig.keys) ?? [], under: "model:common")
    for stack in (content["model"]?["xformer"]?.array ?? []).indices {
      add((try? StackConfig.keys) ?? [], under: "model:xformer:\(stack)")
    }
    for entry in registry.entries(.attention) {
      add(entry.keys, under: "model:extra_settings:attention:\(entry.name)")
    }
    func walk(_ value: JSON, _ path: String) {
      if !path.isEmpty { paths.insert(path) }
      let prefix = path.isEmpty ? "" : "\(path):"
      if let object = value.object { for (key, inner) in object { walk(inner, prefix + key) } }
      if let list = value.array {
        for (index, inner) in list.enumerated() { walk(inner, "\(prefix)\(index)") }
      }
    }
    walk(.object(content.removing("dataset")), "")
    return paths
  }
}

extension JSON {
  /// The same value with another one at a path; objects that are missing are made.
  fileprivate func setting(_ path: ArraySlice<String>, to value: JSON) -> JSON {
    guard let key = path.first else { return value }
    if let list = array, let index = Int(key), list.indices.contains(index) {
      var changed = list
      changed[index] = list[index].setting(path.dropFirst(), to: value)
      return .array(changed)
    }
    var changed = object ?? [:]
    changed[key] = (changed[key] ?? [:]).setting(path.dropFirst(), to: value)
    return .object(changed)
  }
}
