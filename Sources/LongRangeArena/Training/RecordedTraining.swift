public import JSON
public import Parts
internal import Support
public import Torch

/// The first steps of a training recorded elsewhere: initial state and examples in, and what came out.
///
/// A safetensors file in double precision: `init.*` holds the state before, `ids` `[T, B, S]`, for
/// pairs `ids_1`, and `labels` `[T, B]` the examples of T steps; `loss`, `lr` and `beta1` `[T]` and the
/// state after, `final.*`, came out. Losses are those before the change of a step. The header's
/// metadata holds `kind`, `training`; `task`, `attention` and `config`, the section of the task, a
/// JSON text; `dual`, whether examples are pairs; and `final_norm`: `false` if the stack lacks its
/// final normalization, as that of the original does with more than one layer. If its `source` begins
/// with `xFormers`, states are converted from those of the original.
public struct RecordedTraining: Sendable {
  /// The value of `kind` in the header.
  public static let kind = "training"

  /// The file it was read from.
  public let file: String
  /// The task.
  public let task: ArenaTask
  /// The name of the attention.
  public let attention: String
  /// The options of model and training.
  public let config: ArenaConfig
  private let isOriginal: Bool
  private let states: [String: [String: Tensor]]
  private let ids: [Tensor]
  private let labels: Tensor
  private let records: [String: Tensor]

  /// Makes a training of the content of a file.
  ///
  /// - `config`: replaces the header's configuration.
  /// - Throws: `ArenaError` that names the file for a header or tensors that lack or contradict
  ///   something, and `PartError` for a configuration that is refused.
  public init(
    _ source: SafetensorsFile, file: String, in registry: Registry, config given: JSON? = nil
  ) throws {
    let header = Header(metadata: source.metadata, file: file)
    self.file = file
    task = try ArenaTask.named(header.text("task"))
    attention = try header.text("attention")
    guard try header.truth("dual") == task.isPaired else {
      throw ArenaError(
        "\(file): the header's `dual` is `\(!task.isPaired)`, but the task \(task.name) has "
          + (task.isPaired ? "pairs of sequences" : "single sequences"))
    }
    isOriginal = source.metadata["source"]?.hasPrefix("xFormers") ?? false
    let json = try given ?? header.json("config")
    config = try ArenaConfig(
      try header.truth("final_norm") ? json : Self.withoutFinalNorm(json), task: task,
      attention: attention, in: registry)
    var states: [String: [String: Tensor]] = [:]
    var others: [String: Tensor] = [:]
    for (name, entry) in source.tensors {
      let group = name.prefix { $0 != "." }
      if ["init", "final"].contains(group), group.count < name.count {
        states[String(group), default: [:]][String(name.dropFirst(group.count + 1))] =
          try Tensor(entry)
      } else {
        others[name] = try Tensor(entry)
      }
    }
    self.states = states
    let names = ["ids"] + (task.isPaired ? ["ids_1"] : [])
    let known = names + ["labels"] + Self.records
    if let name = others.keys.sorted().first(where: { !known.contains($0) }) {
      let hint = nearest(name, among: known + ["init.*", "final.*"])
      throw ArenaError(
        "\(file): unknown tensor `\(name)`" + (hint.map { ", did you mean `\($0)`?" } ?? "")
          + " (a training has \((known + ["init.*", "final.*"]).joined(separator: ", ")))")
    }
    records = others.filter { Self.records.contains($0.key) }
    let tensors = Tensors(file: file, tensors: others)
    let (training, common) = (config.training, config.common)
    let steps = others["labels"]?.shape.first ?? 0
    labels = try tensors.words(
      "labels", shape: [steps, training.batchSize], below: common.numClasses, "num_classes")
    guard steps > 0, steps <= training.numTrainSteps else {
      throw ArenaError(
        "\(file): tensor `labels` has \(steps) steps, expected from 1 to num_train_steps = "
          + "\(training.numTrainSteps)")
    }
    let (batch, length, words) = (training.batchSize, common.seqLen, common.vocabSize)
    ids = try names.map {
      try tensors.words($0, shape: [steps, batch, length], below: words, "vocab_size")
    }
    for (group, state) in states {
      if let (key, tensor) = state.sorted(by: { $0.key < $1.key })
        .first(where: { $0.value.dtype != .float64 })
      {
        throw ArenaError(
          "\(file): tensor `\(group).\(key)`: expected f64, got \(tensor.dtype)")
      }
    }
    guard states["init"] != nil else {
      throw ArenaError("\(file): there are no tensors `init.*`, the state before the training")
    }
  }

  /// The results of each step.
  static let records = ["loss", "lr", "beta1"]

  /// The section with the last stack's final normalization left out.
  private static func withoutFinalNorm(_ json: JSON) -> JSON {
    guard var section = json.object, var model = section["model"]?.object,
      var stacks = model["xformer"]?.array, var last = stacks.last?.object
    else { return json }
    last["final_norm"] = false
    stacks[stacks.count - 1] = .object(last)
    model["xformer"] = .array(stacks)
    section["model"] = .object(model)
    return .object(section)
  }

  /// What a training gave, and how that compares.
  public struct Run {
    /// The results, under the names of a file: `loss`, `lr`, `beta1` and `final.*`.
    public let results: [String: Tensor]
    /// The recorded results, with the names and layouts of the results.
    public let recorded: [String: Tensor]
    /// The recorded parameters that have no effect here.
    public let dropped: [String]
    /// The draws of parts that the file does not hold.
    public let draws: [String]
  }

  /// Trains as recorded.
  ///
  /// - Throws: an error of the state or of a part, with the file and its names.
  public func run(in registry: Registry) throws -> Run {
    let model = try ArenaModel(config, in: registry, generator: Generator(seed: 0))
    try model.to(.float64)
    let before = states["init"] ?? [:]
    let report = try named("init") {
      try isOriginal ? model.load(original: before) : model.load(before)
    }
    let step = try OptimizerStep(model)
    var rows: [[Double]] = []
    let parts = config.training.gradientAccumulation
    for number in 0..<labels.size(0) {
      let classes = try labels.index(0, number)
      let words = try ids.map { try $0.index(0, number) }
      let batches = try shares(of: classes.count, parts).map { range in
        try ArenaBatch(
          ids: words.map { try $0.slice(0, range) }, labels: classes.slice(0, range),
          hasPadding: task.hasPadding)
      }
      let sums = try step(number, batches, total: classes.count, ranks: Ranks())
      let (rate, beta1) = step.schedule(number)
      rows.append([sums.meanLoss, rate, beta1])
    }
    var results: [String: Tensor] = [:]
    for (column, name) in Self.records.enumerated() {
      results[name] = try Tensor(rows.map { $0[column] }, shape: [rows.count])
    }
    for (key, value) in model.stateDict { results["final.\(key)"] = try value.detached() }
    return Run(
      results: results, recorded: try recorded(for: model, report), dropped: report.dropped,
      draws: model.trunk.drawn.keys.sorted().map { "model.\($0)" })
  }

  /// The recorded results in the layouts of a model.
  private func recorded(for model: ArenaModel, _ report: LoadReport) throws -> [String: Tensor] {
    guard let after = states["final"] else { return records }
    let state = try isOriginal ? model.converted(original: after) : after
    let known = Set(model.stateKeys)
    var problems = Set(state.keys).subtracting(known).subtracting(report.dropped).sorted()
      .map { "there is no parameter `final.\($0)`" }
    for (key, value) in model.stateDict.sorted(by: { $0.key < $1.key }) {
      let isLeftOut = report.missing.contains(key) || !report.loaded.contains(key)
      if let own = state[key] {
        if own.shape != value.shape {
          problems.append(
            "parameter `final.\(key)` has the shape \(own.shape), expected \(value.shape)")
        }
      } else if !isLeftOut {
        problems.append("parameter `final.\(key)` is missing")
      }
    }
    guard problems.isEmpty else {
      throw ArenaError("\(file): \(problems.joined(separator: "; "))")
    }
    let own = state.filter { known.contains($0.key) }.map { ("final.\($0.key)", $0.value) }
    return records.merging(own) { first, _ in first }
  }

  /// Runs a body whose errors about parameters get the names of the file.
  private func named<Result>(_ group: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as StateError {
      throw ArenaError("\(file): \(error.renamingKeys { "\(group).\($0)" })")
    }
  }
}

/// The ranges of so many parts of a count, in order; the first ones are longer by one if need be.
func shares(of count: Int, _ parts: Int) -> [Range<Int>] {
  let parts = min(parts, count)
  return (0..<parts).map { part in
    let (size, rest) = (count / parts, count % parts)
    let start = part * size + min(part, rest)
    return start..<start + size + (part < rest ? 1 : 0)
  }
}

/// The texts of a file's header, which must be there.
private struct Header {
  let metadata: [String: String]
  let file: String

  func text(_ key: String) throws -> String {
    guard let text = metadata[key] else {
      let hint = nearest(key, among: metadata.keys).map { "; there is `\($0)`" } ?? ""
      throw ArenaError("\(file): the header holds no `\(key)`\(hint)")
    }
    return text
  }

  func truth(_ key: String) throws -> Bool {
    let word = try text(key)
    guard let truth = Bool(word) else {
      throw ArenaError("\(file): the header's `\(key)` is `\(word)`, expected true or false")
    }
    return truth
  }

  func json(_ key: String) throws -> JSON {
    do { return try JSON(parsing: text(key)) } catch let error as JSONError {
      throw ArenaError("\(file): the header's `\(key)` is not JSON: \(error)")
    }
  }
}

/// The tensors of examples.
private struct Tensors {
  let file: String
  let tensors: [String: Tensor]

  /// A tensor of numbers from 0 to below a bound.
  func words(_ name: String, shape: [Int], below bound: Int, _ key: String) throws -> Tensor {
    guard let tensor = tensors[name] else {
      throw ArenaError("\(file): tensor `\(name)` is missing")
    }
    guard tensor.dtype == .int64 else {
      throw ArenaError("\(file): tensor `\(name)`: expected i64, got \(tensor.dtype)")
    }
    guard tensor.shape == shape else {
      throw ArenaError(
        "\(file): tensor `\(name)` has the shape \(tensor.shape), expected \(shape)")
    }
    guard tensor.count > 0 else { return tensor }
    let (low, high) = (try Int(tensor.minimum().item()), try Int(tensor.maximum().item()))
    guard low >= 0, high < bound else {
      throw ArenaError(
        "\(file): tensor `\(name)`: expected numbers from 0 below \(key) = \(bound), got "
          + "\(low < 0 ? low : high)")
    }
    return tensor
  }
}
