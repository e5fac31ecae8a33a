internal import ArgumentParser
internal import Foundation
internal import JSON
internal import Parts
internal import Torch

/// What is loaded into a part that was built, and where its state is saved.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Load a checkpoint into it: a safetensors file, an index of shards, or a folder.",
      discussion: """
        A key that is missing, extra or of another shape is an error; all of them are shown.
        """, valueName: "file"))
  var checkpoint: String?
  @Flag(help: "Load what fits by its key, and report what is missing and what is left over.")
  var partial = false
  @Option(
    help: ArgumentHelp(
      "Change the beginning of keys of the checkpoint: 'model.=' cuts 'model.' off.",
      discussion: "The first of several that fits a key is applied.", valueName: "old=new"),
    transform: renaming)
  var rename: [Checkpoint.Renaming] = []
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Save its state to a safetensors file.", valueName: "file"))
  var output: String?
  @Option(
    help: ArgumentHelp(
      "Save at most so many bytes of tensors in a file, in several files with an index if needed.",
      valueName: "bytes"))
  var shardBytes: Int?

  func validate() throws {
    if checkpoint == nil, partial || !rename.isEmpty {
      throw ValidationError(
        "\(partial ? "--partial" : "--rename") is about a checkpoint, give one with --checkpoint")
    }
    guard let shardBytes else { return }
    guard output != nil else {
      throw ValidationError("--shard-bytes is about saving, give a file with --output")
    }
    guard shardBytes > 0 else {
      throw ValidationError("--shard-bytes is \(shardBytes), expected at least 1")
    }
  }

  /// Checks where the state goes, before any work is done for it.
  func checkOutput(inputs: [String]) throws(CommandFailure) {
    guard let output else { return }
    let destination = try Destination(
      output, option: "--output", inputs: inputs + [checkpoint].compactMap { $0 })
    guard destination.isRegular else {
      throw CommandFailure("--output is \(output), expected a file: standard output has the report")
    }
  }

  /// Loads and saves the state of a part.
  func apply(to part: any PartModule) throws -> CheckpointResult {
    let report = try checkpoint.map {
      try part.load(contentsOf: $0, renaming: rename, strict: !partial)
    }
    let saved = try output.map { try part.save(to: $0, shardBytes: shardBytes) }
    return CheckpointResult(checkpoint: checkpoint, report: report, saved: saved)
  }
}

/// A change of keys, such as `model.=` or `old.=new.`.
private func renaming(_ text: String) throws -> Checkpoint.Renaming {
  guard let sign = text.firstIndex(of: "=") else {
    throw ValidationError("expected OLD=NEW, or OLD= to cut OLD off, got `\(text)`")
  }
  return Checkpoint.Renaming(
    String(text[..<sign]), to: String(text[text.index(after: sign)...]))
}

/// What was loaded and saved.
struct CheckpointResult {
  let checkpoint: String?
  let report: LoadReport?
  let saved: [String]?

  private func keys(_ report: LoadReport) -> [(word: String, keys: [String])] {
    [
      ("missing, kept as built", report.missing), ("left over", report.leftOver),
      ("dropped", report.dropped),
    ]
  }

  /// A line for each fact.
  var lines: [String] {
    var lines: [String] = []
    if let report, let checkpoint {
      lines.append("loaded \(report.loaded.count) of \(report.total) tensors from \(checkpoint)")
      for (word, keys) in keys(report) where !keys.isEmpty {
        lines.append("\(word) (\(keys.count)): \(keys.joined(separator: ", "))")
      }
    }
    if let saved { lines.append("saved to \(saved.joined(separator: ", "))") }
    return lines
  }

  /// The facts as an object; null for what was not asked for.
  var json: [(String, JSON)] {
    func list(_ words: [String]) -> JSON { .array(words.map { .string($0) }) }
    let loaded: JSON? = report.map { report in
      [
        "loaded": .integer(report.loaded.count), "total": .integer(report.total),
        "missing": list(report.missing), "leftOver": list(report.leftOver),
        "dropped": list(report.dropped),
      ]
    }
    return [("checkpoint", loaded ?? .null), ("saved", saved.map(list) ?? .null)]
  }
}
