internal import Foundation
public import JSON
internal import Support

/// The result of one training, as in `test_eval_summary.json`.
public struct ArenaResult: Sendable, Equatable {
  /// The name of the attention.
  public let attention: String
  /// The name of the task.
  public let task: String
  /// The point of a grid without its seed; empty without a grid.
  public let point: String
  /// The share of right answers on the test split.
  public let accuracy: Double
  /// The share of right answers on the dev split, at the step that was tested.
  public let devAccuracy: Double?
  /// All that the file says.
  public let summary: JSONObject

  /// What trainings have alike that differ in their seed alone.
  fileprivate var experiment: String {
    let keys = ["steps", "parameters", "data_hash", "split", "dtype"]
    return point + keys.map { "\(summary[$0] ?? .null)" }.joined(separator: " ")
  }

  /// The hash of the data it was trained on.
  fileprivate var dataHash: String? { summary["data_hash"]?.string }

  /// Those data, in words.
  fileprivate var dataText: String {
    let size = summary["train_examples"]?.int.map { "\($0) examples to train" }
    let known = [summary["data"]?.string, summary["split"]?.string, size].compactMap { $0 }
    return known.isEmpty ? "data" : known.joined(separator: "; ")
  }

  /// Reads a file.
  ///
  /// - Parameter file: `test_eval_summary.json` in the folder of a run.
  /// - Throws: ``ArenaError`` that names the file and the key in it.
  public init(reading file: String) throws {
    do {
      let place = try JSONPlace(JSON(parsing: readFile(file)))
      summary = try place.object
      attention = try place.member("attention").string
      task = try place.member("task").string
      func share(_ place: JSONPlace?) throws -> Double? {
        guard let place else { return nil }
        let share = try place.double
        guard (0...1).contains(share) else {
          throw JSONError("\(place.path) is \(share), expected a share from 0 to 1")
        }
        return share
      }
      devAccuracy = try share(place.optional("best_val_accu_mean"))
      accuracy = try share(place.member("test_accu_mean")) ?? 0
    } catch let error as JSONError {
      throw ArenaError("\(file) is no result: \(error)")
    } catch {
      throw ArenaError("\(error)")
    }
    let run = URL(fileURLWithPath: file).deletingLastPathComponent()
    guard run.lastPathComponent == "\(task)__\(attention)" else {
      throw ArenaError(
        "\(file) is of \(attention) on \(task), expected those of its folder, \(run.lastPathComponent)"
      )
    }
    let folder = run.deletingLastPathComponent().lastPathComponent
    point = folder.contains("=") ? Sweep.withoutSeed(folder) : ""
  }

  /// The attentions and tasks that were submitted in a folder or have begun in it or below it.
  ///
  /// - Throws: ``ArenaError`` for a damaged manifest.
  public static func expected(in folder: String) throws -> [(attention: String, task: String)] {
    try Manifest(inFolder: folder).entries.map { ($0.attention, $0.task) }
      + ArenaRun.all(in: folder).map { ($0.attention, $0.task.name) }
  }

  /// The results in a folder and those below it, and what is wrong with the others.
  ///
  /// - Throws: ``ArenaError`` if there is no such folder.
  public static func all(in folder: String) throws -> (results: [ArenaResult], problems: [String]) {
    guard isFolder(folder) else { throw ArenaError("there is no folder \(folder)") }
    var found: (results: [ArenaResult], problems: [String]) = ([], [])
    let files = FileManager.default.enumerator(atPath: folder)
    let paths = (files?.allObjects ?? []).compactMap { $0 as? String }
    for path in paths.sorted() where path.hasSuffix("/test_eval_summary.json") {
      do {
        found.results.append(try ArenaResult(reading: "\(folder)/\(path)"))
      } catch {
        found.problems.append("\(error)")
      }
    }
    return found
  }
}

/// Attentions by tasks, with the accuracies of a folder and published ones.
public struct ResultTable: Sendable {
  /// What is known of an attention on a task.
  public struct Cell: Sendable {
    /// The trainings, one a seed, of the point that is best on the dev split.
    public let runs: [ArenaResult]
    /// The number of points among which it was chosen.
    public let points: Int

    /// The best point of all results of an attention on a task; nil without results.
    init?(_ results: [ArenaResult]) {
      let points = Dictionary(grouping: results, by: \.experiment).sorted { $0.key < $1.key }
      func dev(_ runs: [ArenaResult]) -> Double {
        Statistics(runs.map { $0.devAccuracy ?? -1 }).mean
      }
      guard let best = points.max(by: { dev($0.value) < dev($1.value) }) else { return nil }
      // A copy of a result is no other seed.
      runs = best.value.reduce(into: []) { runs, run in
        if !runs.contains(where: { $0.summary == run.summary }) { runs.append(run) }
      }
      self.points = points.count
    }

    /// The accuracies of the seeds, in percent.
    var test: Statistics { Statistics(runs.map { $0.accuracy * 100 }) }

    /// `37.12 (1500 steps)`, or `37.12 ± 0.45 (3 seeds, 1500 steps)` for the mean of three seeds and
    /// their standard deviation; with the letter of the data if there are several.
    func text(data: String?) -> String {
      let facts = [
        runs.count > 1 ? "\(runs.count) seeds" : nil,
        runs.first?.summary["steps"]?.int.map { "\($0) steps" }, data.map { "data \($0)" },
      ].compactMap { $0 }
      return hundredths(test.mean) + (test.spread.map { " ± \(hundredths($0))" } ?? "")
        + (facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))")
    }

    var json: JSON {
      var object: JSONObject = [
        "test_accuracy": .number(test.mean), "seeds": .integer(runs.count),
        "spread": test.spread.map { .number($0) } ?? .null,
        "points": .integer(points), "point": .string(runs.first?.point ?? ""),
      ]
      let dev = runs.compactMap(\.devAccuracy)
      object["dev_accuracy"] = dev.isEmpty ? .null : .number(Statistics(dev).mean * 100)
      object["runs"] = .array(runs.map { .object($0.summary) })
      return .object(object)
    }
  }

  /// The names of the tasks, in the order of columns.
  public let tasks: [String]
  /// The names of the attentions, in the order of rows.
  public let attentions: [String]
  private let cells: [String: [String: Cell]]

  /// A table of results.
  ///
  /// - Parameter expected: attentions and tasks that have a cell even without a result.
  public init(_ results: [ArenaResult], expected: [(attention: String, task: String)] = []) {
    let order = ArenaTask.all.map(\.name)
    let names = Set(results.map(\.task) + expected.map(\.task))
    tasks = order.filter(names.contains) + names.subtracting(order).sorted()
    attentions = Set(results.map(\.attention) + expected.map(\.attention)).sorted()
    cells = Dictionary(grouping: results, by: \.attention).mapValues { row in
      Dictionary(grouping: row, by: \.task).compactMapValues { Cell($0) }
    }
  }

  /// The cell of an attention and a task; nil without a result.
  public func cell(_ attention: String, _ task: String) -> Cell? { cells[attention]?[task] }

  /// The data of the results in a column, by their hashes in the order of rows.
  private func data(_ task: String) -> [String] {
    attentions.reduce(into: []) { hashes, attention in
      guard let hash = cell(attention, task)?.runs.first?.dataHash, !hashes.contains(hash) else {
        return
      }
      hashes.append(hash)
    }
  }

  /// A letter for the data of a cell, unless the whole column has the same.
  private func letter(_ cell: Cell, _ task: String) -> String? {
    let all = data(task)
    guard all.count > 1 else { return nil }
    return cell.runs.first?.dataHash.flatMap(all.firstIndex).map(Self.letter)
  }

  /// a, b ... z, a1, b1 ...
  private static func letter(_ index: Int) -> String {
    "\(Character(Unicode.Scalar(UInt8(97 + index % 26))))" + (index < 26 ? "" : "\(index / 26)")
  }

  /// The mean accuracy of an attention over its tasks, in percent; nil without a result.
  func average(_ attention: String) -> Double? {
    let known = tasks.compactMap { cell(attention, $0)?.test.mean }
    return known.isEmpty ? nil : Statistics(known).mean
  }

  /// The tasks without a result.
  private func missing(_ attention: String) -> [String] {
    tasks.filter { cell(attention, $0) == nil }
  }

  // MARK: Writing

  /// The names of columns.
  public var headings: [String] {
    ["attention", "source"] + tasks.flatMap { [$0] + Baseline.names(of: $0) } + ["AVG"]
  }

  /// The rows: each attention and, below it, what was published about it; then other attentions.
  public var rows: [[String]] {
    let anchors = Anchor.all.filter { !$0.values(tasks).isEmpty }
    let own = attentions.flatMap { attention in
      [row(attention)] + anchors.filter { $0.attention == attention }.map(row)
    }
    let others = anchors.filter { anchor in
      anchor.attention.map { !attentions.contains($0) } ?? true
    }
    return own + others.map(row)
  }

  private func row(_ attention: String) -> [String] {
    let values = tasks.flatMap { task in
      [cell(attention, task).map { $0.text(data: letter($0, task)) } ?? "-"]
        + Baseline.values(of: task)
    }
    let mark = missing(attention).isEmpty ? "" : " *"
    return [attention, "here"] + values + [average(attention).map { hundredths($0) + mark } ?? "-"]
  }

  private func row(_ anchor: Anchor) -> [String] {
    let known = anchor.values(tasks)
    let values = tasks.flatMap { task in
      [known[task].map(hundredths) ?? "-"] + Baseline.names(of: task).map { _ in "" }
    }
    let mark = known.count == tasks.count ? "" : " *"
    let average = hundredths(Statistics(Array(known.values)).mean) + mark
    return [anchor.model, anchor.source] + values + [average]
  }

  /// What a reader should know beside the numbers.
  public var notes: [String] {
    var notes: [String] = []
    let gaps = attentions.compactMap { attention in
      let missing = missing(attention)
      return missing.isEmpty ? nil : "\(attention) (\(missing.joined(separator: ", ")))"
    }
    if !gaps.isEmpty {
      notes.append("* AVG leaves out tasks without a result: \(gaps.joined(separator: "; ")).")
    }
    let published = tasks.filter(Anchor.tasks.contains)
    if !published.isEmpty {
      let mark = published.count < tasks.count ? "* " : ""
      notes.append("\(mark)AVG of published rows is that of \(published.joined(separator: ", ")).")
    }
    for task in tasks {
      let all = data(task)
      for (index, hash) in all.enumerated() {
        let run = attentions.lazy.compactMap { self.cell($0, task)?.runs.first }
          .first { $0.dataHash == hash }
        notes.append(
          "\(task)\(all.count > 1 ? ", data \(Self.letter(index))" : ""): "
            + "\(run?.dataText ?? "data") (hash \(hash)).")
      }
    }
    for attention in attentions {
      for task in tasks {
        guard let cell = cell(attention, task), cell.points > 1, let run = cell.runs.first else {
          continue
        }
        let dev = cell.runs.compactMap(\.devAccuracy)
        notes.append(
          "\(attention) on \(task): of \(cell.points) results that differ in more than the seed, "
            + "\(run.point.isEmpty ? cell.text(data: letter(cell, task)) : run.point) is best on dev"
            + (dev.isEmpty
              ? ", which none of them has; the first is shown."
              : " with \(hundredths(Statistics(dev).mean * 100))."))
      }
    }
    if tasks.contains("listops") { notes.append(Baseline.note) }
    if tasks.contains(where: Anchor.tasks.contains) { notes += Anchor.disputes }
    return notes
  }

  /// The whole table, with all that each training says about itself.
  public var json: JSON {
    let rows = attentions.map { attention -> JSON in
      let cells = tasks.map { ($0, cell(attention, $0)?.json ?? .null) }
      return [
        "attention": .string(attention), "cells": .object(JSONObject(cells)),
        "average": average(attention).map { .number($0) } ?? .null,
        "missing": .array(missing(attention).map { .string($0) }),
      ]
    }
    let anchors = Anchor.all.compactMap { anchor -> JSON? in
      let values = anchor.values(tasks)
      guard !values.isEmpty else { return nil }
      return [
        "attention": anchor.attention.map { .string($0) } ?? .null,
        "model": .string(anchor.model), "source": .string(anchor.source),
        "cells": .object(JSONObject(tasks.map { ($0, values[$0].map { .number($0) } ?? .null) })),
      ]
    }
    return [
      "tasks": .array(tasks.map { .string($0) }), "rows": .array(rows),
      "baselines": .object(
        JSONObject(
          tasks.filter { !Baseline.names(of: $0).isEmpty }.map { task in
            let pairs = zip(Baseline.names(of: task), Baseline.values(of: task))
            return (task, .object(JSONObject(pairs.map { ($0, .string($1)) })))
          })),
      "published": .array(anchors), "notes": .array(notes.map { .string($0) }),
    ]
  }
}

/// The mean of numbers and how far they are spread.
struct Statistics {
  let mean: Double
  /// The standard deviation of the distribution they come from; nil for a single one.
  let spread: Double?

  init(_ numbers: [Double]) {
    let mean = numbers.reduce(0, +) / Double(max(1, numbers.count))
    self.mean = mean
    let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    spread = numbers.count > 1 ? (squares / Double(numbers.count - 1)).squareRoot() : nil
  }
}

private func hundredths(_ number: Double) -> String { String(format: "%.2f", number) }
