import Foundation
import Testing

@testable import ZooCommands

/// Trainings of the command line, on data that it has made.
@Suite(.serialized) struct `the arena's commands` {
  private let package: Package

  init() throws {
    package = try Package()
    try package.write(Self.config, to: "config.json")
  }

  private static let config = """
    {"listops": {
      "training": {"batch_size": 8, "learning_rate": 1e-3, "num_train_steps": 4},
      "model": {
        "common": {"dim_model": 8, "num_heads": 2, "num_classes": 10, "seq_len": 32,
          "vocab_size": 16},
        "extra_settings": {"attention": {"nystrom": {"num_landmark": 2}}},
        "xformer": [{"block_type": "encoder", "num_layers": 1,
          "position_encoding_config": {"name": "vocab"},
          "multi_head_config": {"attention": {"name": "linear"}},
          "feedforward_config": {"name": "MLP", "activation": "relu", "hidden_layer_multiplier": 1}}]}}}
    """

  private func data() async {
    let made = await package.zoo(
      "lra", "data", "listops", "--small", "--train", "40", "--dev", "8", "--test", "8", "--data",
      package.path("data"), "--quiet")
    #expect(made.status == 0, "\(made.errors)")
  }

  private func run(_ more: String...) async -> Package.Outcome {
    await package.zoo(
      [
        "lra", "run", "--attention", "linear", "--task", "listops", "--config",
        package.path("config.json"), "--data", package.path("data"), "--threads", "1",
      ] + more)
  }

  @Test(
    arguments: [
      ["run", "--max-minutes", "0"], ["run", "--max-minutes", "nan"],
      ["run", "--max-minutes", "1e9"], ["run", "--threads", "0"], ["run", "--threads", "1025"],
      ["run", "--steps", "0"], ["run", "--steps", "4294967297"], ["run", "--rank-timeout", "0"],
      ["run", "--rank-timeout", "16777217"], ["run", "--checkpoint-dir", ""],
      ["run", "--data", ""],
      ["run", "--early-stop", "0"], ["run", "--skip-train"], ["run", "--checkpoint-path", "x"],
      ["run", "--manifest", "x"], ["run", "--set", "training:seed"],
      ["data", "listops", "--threads", "1025"], ["data", "listops", "--threads", "0"],
      ["try", "--length", "0"], ["try", "--batch", "0"], ["try", "--steps", "0"],
      ["submit", "--nodes", "0"], ["submit", "--signal", "KILL"], ["submit", "--margin", "-1"],
    ])
  func `a value out of its range is wrong usage`(arguments: [String]) async {
    var all = ["lra"] + arguments
    switch arguments[0] {
    case "run": all += ["--attention", "linear", "--task", "listops", "--config", "c"]
    case "try": all += ["--config", "c"]
    case "submit": all += ["-c", "c", "-ck", "k"]
    default: break
    }
    let outcome = await package.zoo(all)
    let option = arguments.last { $0.hasPrefix("--") } ?? ""
    #expect(outcome.status == 64 && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.hasPrefix("error: ") && outcome.errors.contains(option), "\(outcome)")
  }

  @Test func `graphics processors are not reserved`() async {
    let outcome = await package.zoo("lra", "submit", "-c", "c", "-ck", "k", "--ngpus", "2")
    #expect(outcome.status == 1 && outcome.errors.hasPrefix("error: --ngpus would reserve"))
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
  }

  @Test func `quiet shows what changes a result, and nothing else`() async throws {
    await data()
    let outcome = await run("--quiet", "-ck", package.path("runs"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 4 && lines.dropFirst().allSatisfy { $0.hasSuffix("lose their ends") })
    #expect(lines.first?.contains("not trained: unknown key") == true, "\(outcome.errors)")
    #expect(outcome.output.contains("\"revision\": \"unknown\""))
    for arguments in [["status"], ["fetch"]] {
      let shown = await package.zoo(
        ["lra"] + arguments + ["--checkpoint-dir", package.path("runs")])
      #expect(shown.status == 0 && shown.output.contains("linear"), "\(shown)")
    }
  }

  @Test func `missing data and values that do not fit them are named with their files`()
    async throws
  {
    let missing = await run()
    #expect(missing.status == 1)
    let advice = "make it with `zoo lra data listops --data \(package.path("data"))`"
    #expect(missing.errors.contains(advice), "\(missing.errors)")
    await data()
    for (change, key) in [
      ("training:batch_size=41", "training.batch_size"),
      ("model:common:vocab_size=15", "model.common.vocab_size"),
      ("model:common:num_classes=9", "model.common.num_classes"),
    ] {
      let outcome = await run("--set", change)
      let start = "error: \(package.path("config.json")): key `listops.\(key)`: expected at "
      #expect(outcome.status == 1 && outcome.errors.hasPrefix(start), "\(outcome.errors)")
    }
    let digits = await package.zoo("lra", "data", "digits")
    #expect(digits.status == 1 && digits.errors.contains("scripts/arena-data"), "\(digits.errors)")
  }

  @Test func `a section of no task is an error of every command that reads it`() async throws {
    try package.write(Self.config.replacing("\"listops\":", with: "\"listop\":"), to: "config.json")
    let config = package.path("config.json")
    await data()
    for outcome in [
      await run(), await package.zoo("lra", "try", "--config", config),
      await package.zoo(
        "lra", "submit", "--config", config, "-ck", package.path("k"), "--dry-run"),
    ] {
      #expect(
        outcome.errors.hasPrefix("error: \(config): unknown key `listop`, did you mean `listops`?")
          || outcome.errors.hasPrefix("error: this program cannot be started"), "\(outcome.errors)")
    }
  }

  @Test func `a revision is that of the sources, and tells whether they differ`() async throws {
    #expect(await revision(of: URL(filePath: "/none")) == "unknown")
    let folder = package.folder
    #expect(await revision(of: folder) == "unknown")
    for arguments in [
      ["init", "--quiet"], ["add", "config.json"],
      [
        "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "one",
      ], ["tag", "v1"],
    ] { _ = try await ChildProcess("git", arguments, folder: folder).run() }
    let clean = await revision(of: folder)
    #expect(clean.count == 40 && clean.allSatisfy(\.isHexDigit), "\(clean)")
    try package.write("{}", to: "config.json")
    #expect(await revision(of: folder) == clean + "-dirty")
  }
}
