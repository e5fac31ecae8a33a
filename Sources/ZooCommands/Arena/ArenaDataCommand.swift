internal import ArgumentParser
internal import Foundation
internal import JSON
internal import LongRangeArena
internal import Synchronization

/// Makes the data of a task, or reads them from files, and writes them as one file a split.
struct ArenaDataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Generate or import the data of a task.",
    discussion: """
      Tasks: \(ArenaTask.all.map(\.name).joined(separator: ", ")).

      listops and pathfinder are generated unless --from names files of the original release. The \
      other tasks are imported:
      \(["text", "retrieval", "image", "digits"].compactMap { name in
        (try? ArenaTask.named(name)).map { "  \(name): \(ArenaSource.forms(of: $0))" }
      }.joined(separator: "\n"))

      The same seed gives the same files, whatever the number of threads.
      """)

  @Argument(help: "The task.") var task: String
  @Option(help: ArgumentHelp("Files to read, instead of generating.", valueName: "source"))
  var from: String?
  @Option(help: ArgumentHelp("The folder of the files TASK.SPLIT.arena.", valueName: "folder"))
  var data = "datasets"
  @Option(help: "The seed of examples and of random orders.") var seed: UInt64 = 0
  @Flag(help: "Generate short examples and few of them, for trials.") var small = false
  @Option(help: "The number of generated examples for training.") var train: Int?
  @Option(help: "The number of generated examples for choosing a model.") var dev: Int?
  @Option(help: "The number of generated examples for the result.") var test: Int?
  @Option(help: "listops: the depth of the deepest digit (default: 10).") var maxDepth: Int?
  @Option(help: "listops: the most arguments of an operator (default: 10).") var maxArgs: Int?
  @Option(help: "listops: expressions have more tokens (default: 500).") var minLength: Int?
  @Option(help: "listops: expressions have fewer tokens (default: 2000).") var maxLength: Int?
  @Option(
    help: ArgumentHelp(
      "text, image: the share of the training set that becomes the dev set.",
      discussion: "Without it, text uses the test set, as the original does, and image a tenth."))
  var devFraction: Double?
  @Option(
    help: ArgumentHelp(
      "Also write generated examples in the form of the original release.", valueName: "folder"))
  var export: String?
  @Option(help: "The number of threads; one for each core if not given.", transform: positive)
  var threads: Int?
  @Flag(help: "Show no progress.") var quiet = false
  @OptionGroup var format: FormatOption

  func validate() throws {
    if let threads, threads > 1024 {
      throw ValidationError("expected --threads of at most 1024, got \(threads)")
    }
  }

  func run() async throws {
    let session = Session.current
    let task = try ArenaTask.named(task)
    try refuseUnused(task)
    let progress = ArenaDataProgress(session.console, isQuiet: quiet)
    let (data, export) = (data, export)
    let workers = threads ?? ProcessInfo.processInfo.activeProcessorCount
    let summary = try await session.interruption.cancelling {
      let source = try await source(of: task, workers: workers, progress)
      if let export {
        try await source.export(to: export, workers: workers, progress: progress.show)
      }
      return try await source.write(to: data, workers: workers, progress: progress.show)
    }
    progress.finish()
    session.console.print(try text(of: summary))
  }

  private var isListOps: Bool { task == "listops" }

  private func source(
    of task: ArenaTask, workers: Int, _ progress: ArenaDataProgress
  ) async throws -> ArenaSource {
    if let from {
      var options = ArenaSource.ImportOptions()
      options.devFraction = devFraction
      options.seed = seed
      return try ArenaSource.imported(task, from: from, options)
    }
    var counts =
      small
      ? ArenaCounts.small
      : isListOps
        ? ArenaCounts(train: 96_000, dev: 2_000, test: 2_000)
        : ArenaCounts(train: 160_000, dev: 20_000, test: 20_000)
    counts.train = train ?? counts.train
    counts.dev = dev ?? counts.dev
    counts.test = test ?? counts.test
    guard isListOps else { return try .pathfinder(task, counts: counts, seed: seed) }
    var options = small ? ListOpsOptions.small : ListOpsOptions()
    options.maxDepth = maxDepth ?? options.maxDepth
    options.maxArgs = maxArgs ?? options.maxArgs
    options.minLength = minLength ?? options.minLength
    options.maxLength = maxLength ?? options.maxLength
    return try await .listops(
      options, counts: counts, seed: seed, workers: workers, progress: progress.show)
  }

  /// Refuses options that would change nothing.
  private func refuseUnused(_ task: ArenaTask) throws {
    guard task.isGenerated || from != nil else {
      throw ArenaError("\(task.name) cannot be generated: \(task.advice(data))")
    }
    let generator: [(String, Bool)] = [
      ("--small", small), ("--train", train != nil), ("--dev", dev != nil), ("--test", test != nil),
      ("--export", export != nil),
    ]
    let listops: [(String, Bool)] = [
      ("--max-depth", maxDepth != nil), ("--max-args", maxArgs != nil),
      ("--min-length", minLength != nil), ("--max-length", maxLength != nil),
    ]
    if from != nil, let (name, _) = (generator + listops).first(where: \.1) {
      throw ArenaError("\(name) is for generated examples, but --from is given")
    }
    if !isListOps, let (name, _) = listops.first(where: \.1) {
      throw ArenaError("\(name) is for listops, not for \(task.name)")
    }
    if from == nil, devFraction != nil {
      throw ArenaError("--dev-fraction is for imported examples, but --from is not given")
    }
  }

  private func text(of summary: ArenaSummary) throws -> String {
    var table = Table(["split", "examples", "left out", "mean length", "longest", "majority"])
    if isListOps { table = Table(table.headings + ["first operator"]) }
    table.rows = summary.splits.map { split in
      [
        split.split.rawValue, "\(split.count)", "\(split.leftOut)",
        "\((split.meanLength * 10).rounded() / 10)", "\(split.longest)",
        percent(summary.majorityShare(split)),
      ] + (summary.firstOperatorShare(split).map { [percent($0)] } ?? [])
    }
    let about = "\(summary.source)\nsplits: \(summary.rule)"
    switch format.format {
    case .text: return "\(about)\n\n\(table.text)"
    case .markdown: return "\(about)\n\n\(table.markdown)"
    case .json: return try json(summary).text(.pretty)
    }
  }

  private func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }

  private func json(_ summary: ArenaSummary) throws -> JSON {
    let splits: [JSON] = summary.splits.map { split in
      [
        "split": .string(split.split.rawValue), "examples": .integer(split.count),
        "left_out": .integer(split.leftOut), "mean_length": .number(split.meanLength),
        "longest": .integer(split.longest), "majority": .number(summary.majorityShare(split)),
        "first_operator": summary.firstOperatorShare(split).map { .number($0) } ?? .null,
      ]
    }
    return [
      "task": .string(summary.task.name), "source": .string(summary.source),
      "rule": .string(summary.rule), "splits": .array(splits),
    ]
  }
}

/// Shows how far the making of data is, and how long the rest will take: on a terminal in one line
/// that is overwritten, elsewhere in a line every ten seconds.
private final class ArenaDataProgress: Sendable {
  private struct State {
    var name = ""
    var start = ContinuousClock.now
    var lastShown: ContinuousClock.Instant?
  }

  private let console: Console
  private let isQuiet: Bool
  private let state = Mutex(State())

  init(_ console: Console, isQuiet: Bool) {
    self.console = console
    self.isQuiet = isQuiet
  }

  @Sendable func show(_ progress: ArenaProgress) {
    guard !isQuiet else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      if state.name != progress.name {
        state = State(name: progress.name, start: now, lastShown: console.isTerminal ? nil : now)
      }
      let pause: Duration = console.isTerminal ? .milliseconds(200) : .seconds(10)
      if let last = state.lastShown, now - last < pause { return }
      state.lastShown = now
      var line = "\(progress.name): \(progress.done) of \(progress.total)"
      if progress.done > 0 {
        let rest = (now - state.start) * (Double(progress.total) / Double(progress.done) - 1)
        line += ", \(rest.formatted(.time(pattern: .hourMinuteSecond))) left"
      }
      console.errors(console.isTerminal ? "\r\u{1B}[K" + line : line + "\n")
    }
  }

  /// Clears the line.
  func finish() { if console.isTerminal, !isQuiet { console.errors("\r\u{1B}[K") } }
}
