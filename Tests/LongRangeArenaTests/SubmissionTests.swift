import Foundation
import JSON
import LongRangeArena
import Parts
import Testing

struct SubmissionTests {
  static let config: JSON = [
    "listops": [
      "training": ["batch_size": 1, "learning_rate": 1e-3, "num_train_steps": 1],
      "model": [
        "common": [
          "dim_model": 8, "num_heads": 2, "num_classes": 10, "seq_len": 16, "vocab_size": 17,
        ],
        "xformer": [
          [
            "block_type": "encoder", "num_layers": 1,
            "position_encoding_config": ["name": "vocab"],
            "multi_head_config": ["attention": ["name": "linear"]],
            "feedforward_config": [
              "name": "MLP", "activation": "gelu", "hidden_layer_multiplier": 1,
            ],
          ]
        ],
      ],
    ]
  ]

  private func plan(
    _ attentions: [String]?, in folder: String, config: JSON = config, grid: Sweep = .unchanged,
    slurm: [String: String] = [:]
  ) async throws -> Submission {
    try await Submission(
      Submission.Wanted(attentions: attentions, tasks: attentions.map { _ in ["listops"] }),
      config: config, grid: grid, folder: folder, data: "/data", program: "/bin/zoo",
      resources: JobScript.Resources(), timeouts: 3, slurm: FakeSlurm(slurm).slurm)
  }

  private static let sbatch = ["sbatch --version": "slurm", "sbatch --parsable": "5;cluster\n"]

  @Test func `submitting again adds what is new and leaves the rest alone`() async throws {
    try await inTemporaryFolder { folder in
      let first = try await plan(["nystrom", "linear"], in: folder)
      let jobs = try await first.submit(to: FakeSlurm(Self.sbatch).slurm)
      #expect(jobs.map(\.job) == ["5"] && jobs.map(\.trainings) == [2])
      let list = try String(contentsOfFile: folder + "/jobs.txt", encoding: .utf8)
      #expect(list == "5 0 0-1\n")
      let script = try String(contentsOfFile: folder + "/job.sh", encoding: .utf8)
      #expect(script == first.scripts[0].text)
      let entry = try Manifest.entry(0, of: Manifest.file(in: folder))
      #expect(entry.attention == "nystrom" && entry.folder == folder + "/nystrom/listops")
      #expect(
        try JSON(parsing: Data(contentsOf: URL(fileURLWithPath: entry.config))) == Self.config)

      // The first has ended without a result, the second waits.
      let again = try await plan(
        ["linear", "linformer", "nystrom"], in: folder, slurm: ["squeue": "5_1 PENDING\n"])
      #expect(again.scripts.map(\.array) == [[0, 2]])
      #expect(again.notes == ["\(folder)/linear/listops is left out: it is pending"])
    }
  }

  @Test func `missing data and wrong values of a grid are named`() async throws {
    let submission = try await plan(["linear", "local"], in: "/none")
    #expect(submission.trainings.map(\.index) == [0, 1])
    #expect(submission.trainings.map(\.entry.attention) == ["linear", "local"])
    #expect(
      try submission.missingData == [
        "there is no folder /data of data: make it with `zoo lra data listops --data /data`"
      ])
    let error = await #expect(throws: ArenaError.self) {
      try await plan(["linear"], in: "/none", grid: Sweep(["training:learning_rate": ["much"]]))
    }
    let text = try #require(error).description
    #expect(text.hasPrefix("the grid: ") && text.contains("`listops.training.learning_rate`"))
  }

  @Test func `each point of a grid has a folder`() async throws {
    try await inTemporaryFolder { folder in
      let grid = try Sweep(["training:seed": [1, 2]])
      let submission = try await plan(["linear"], in: folder, grid: grid)
      _ = try await submission.submit(to: FakeSlurm(Self.sbatch).slurm)
      let entries = try Manifest(inFolder: folder).entries
      #expect(entries.map(\.folder) == ["linear/listops/seed=1", "linear/listops/seed=2"])
      #expect(entries.map(\.overrides) == [["training:seed": 1], ["training:seed": 2]])
    }
  }

  @Test func `a path that the configuration has not is refused with the nearest`() async throws {
    for attentions in [["linear"], nil] {
      let error = await #expect(throws: ArenaError.self) {
        try await plan(attentions, in: "/none", grid: Sweep(["training:learning_rat": [1]]))
      }
      #expect(try #require(error).description.contains("did you mean `training:learning_rate`"))
    }
  }

  @Test func `attentions that do not fit are left out unless they are named`() async throws {
    let all = try await plan(nil, in: "/none")
    #expect(all.notes.contains { $0.hasPrefix("blocksparse on listops is left out: key ") })
    #expect(all.notes.last?.contains("are left out: text, retrieval") == true)
    await #expect(throws: PartError.self) { try await plan(["blocksparse"], in: "/none") }
    // What is wrong for all of them is an error.
    let wrong: JSON = [
      "listops": ["training": [:], "model": Self.config["listops"]?["model"] ?? [:]]
    ]
    await #expect(throws: PartError.self) { try await plan(nil, in: "/none", config: wrong) }
  }

  @Test func `attentions that the trainer refuses for padding are left out`() async throws {
    let notes = try await plan(nil, in: "/none").notes
    let data = ArenaSplits(train: OneExample(), dev: OneExample(), test: OneExample(), hash: "")
    let task = try ArenaTask.named("listops")
    for name in [
      "compositional", "favor", "lambda", "linear", "linformer", "local", "nystrom",
      "scaled_dot_product", "visual",
    ] {
      guard let config = try? ArenaConfig(Self.config, task: task, attention: name) else {
        continue
      }
      let run = ArenaRun(in: "/none", task: task, attention: name)
      var isRefused = false
      do { _ = try Trainer(config, run: run, data: data) } catch {
        isRefused = "\(error)".contains("cannot hide padding")
      }
      let isLeftOut = notes.contains {
        $0.hasPrefix("\(name) on listops is left out: \(name) cannot")
      }
      #expect(isLeftOut == isRefused, "\(name)")
    }
  }

  @Test func `without sbatch nothing is written`() async throws {
    try await inTemporaryFolder { folder in
      let submission = try await plan(["linear"], in: folder + "/new")
      let error = await #expect(throws: ArenaError.self) {
        try await submission.submit(to: FakeSlurm([:]).slurm)
      }
      #expect(try #require(error).description.hasPrefix("there is no sbatch in PATH"))
      #expect(!FileManager.default.fileExists(atPath: folder + "/new"))
    }
  }

  @Test func `sbatch's complaint is passed on`() async throws {
    try await inTemporaryFolder { folder in
      let submission = try await plan(["linear"], in: folder)
      let slurm = Slurm { _, arguments in
        arguments == ["--version"]
          ? Slurm.Answer() : Slurm.Answer(isGood: false, errors: "error: no such partition\n")
      }
      let error = await #expect(throws: ArenaError.self) { try await submission.submit(to: slurm) }
      #expect(
        try #require(error).description
          == "sbatch refused \(folder)/job.sh: error: no such partition")
    }
  }
}

private struct OneExample: Examples {
  let count = 1
  func tokens(_ example: Int, sequence: Int) -> [UInt16] { [1] }
  func label(_ example: Int) -> Int { 0 }
}
