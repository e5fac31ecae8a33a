import JSON
import LongRangeArena
import Testing

struct JobScriptTests {
  private func scripts(
    _ indices: [Int] = [0], folder: String = "/data/ck", program: String = "/bin/zoo",
    _ change: (inout JobScript.Resources) -> Void = { _ in }
  ) throws -> [JobScript] {
    var resources = JobScript.Resources()
    change(&resources)
    return try JobScript.all(for: indices, resources, folder: folder, program: program)
  }

  @Test func `a script asks for all resources and starts the entry of its element`() throws {
    let scripts = try scripts([0, 1, 2, 5]) {
      ($0.partition, $0.nodes, $0.tasksPerNode) = ("long", 2, 4)
      ($0.cpusPerTask, $0.timeout, $0.arrayLimit, $0.margin) = (3, 90, 7, 60)
      ($0.comment, $0.options) = ("two words", ["--constraint=volta32gb"])
    }
    #expect(scripts.map(\.name) == ["job.sh"])
    #expect(
      scripts[0].text == """
        #!/bin/bash
        #SBATCH --job-name=lra
        #SBATCH --partition=long
        #SBATCH --nodes=2
        #SBATCH --ntasks-per-node=4
        #SBATCH --cpus-per-task=3
        #SBATCH --time=90
        #SBATCH --comment="two words"
        #SBATCH --array=0-2,5%7
        #SBATCH --requeue
        #SBATCH --open-mode=append
        #SBATCH --signal=USR2@60
        #SBATCH --output=/data/ck/logs/%A_%a_0_log.out
        #SBATCH --error=/data/ck/logs/%A_%a_0_log.err
        #SBATCH --constraint=volta32gb
        srun --kill-on-bad-exit=1 --unbuffered --cpus-per-task=3 \\
          --output=/data/ck/logs/%A_%a_%t_log.out \\
          --error=/data/ck/logs/%A_%a_%t_log.err \\
          /bin/zoo lra run --manifest /data/ck/manifest.json \\
          --index "$SLURM_ARRAY_TASK_ID"

        """)
  }

  @Test func `paths with spaces, quotes and percent signs arrive as they are`() throws {
    let text = try scripts(folder: "/it's 100% mine", program: "/my bin/zoo")[0].text
    #expect(text.contains("#SBATCH --error=\"/it's 100%% mine/logs/%A_%a_0_log.err\"\n"))
    #expect(text.contains("--error='/it'\\''s 100%% mine/logs/%A_%a_%t_log.err'"))
    #expect(text.contains("'/my bin/zoo' lra run --manifest '/it'\\''s 100% mine/manifest.json'"))
  }

  @Test func `high indices have arrays of their own`() throws {
    let scripts = try scripts([3, 1_001, 1_000, 2_500])
    #expect(scripts.map(\.name) == ["job.sh", "job-1000.sh", "job-2000.sh"])
    #expect(scripts.map(\.array) == [[3], [0, 1], [500]])
    #expect(scripts[1].text.contains("--index \"$((SLURM_ARRAY_TASK_ID + 1000))\""))
  }

  @Test(arguments: ["/a\nb", "/a\"b", "/a\\b"])
  func `a path that SLURM cannot have is refused`(path: String) throws {
    #expect(throws: ArenaError.self) { try scripts(folder: path) }
    #expect(throws: ArenaError.self) { try scripts(program: path) }
    #expect(throws: ArenaError.self) { try scripts { $0.comment = "a\nb" } }
  }
}

struct ManifestTests {
  private let entry = Manifest.Entry(
    attention: "nystrom", task: "listops", config: "config.json",
    overrides: ["training:seed": 3], folder: "nystrom/listops", data: "/data")

  @Test func `entries keep their index, and their paths begin at the folder`() throws {
    try inTemporaryFolder { folder in
      var manifest = try Manifest(inFolder: folder)
      #expect(manifest.entries.isEmpty)
      var other = entry
      (other.attention, other.folder) = ("local", "local/listops")
      #expect(try [manifest.add(entry), manifest.add(other), manifest.add(entry)] == [0, 1, 0])
      try manifest.write(toFolder: folder)
      #expect(try Manifest(inFolder: folder) == manifest)
      let found = try Manifest.entry(0, of: Manifest.file(in: folder))
      #expect(found.config == folder + "/config.json" && found.data == "/data")
      #expect(found.folder == folder + "/nystrom/listops" && found.overrides == entry.overrides)
    }
  }

  @Test func `another training in the same folder is refused`() throws {
    var manifest = Manifest()
    _ = try manifest.add(entry)
    var other = entry
    other.config = "other.json"
    let error = #expect(throws: ArenaError.self) { try manifest.add(other) }
    #expect(try #require(error).description.contains("config.json instead of other.json"))
  }

  @Test func `a wrong index or file is named`() throws {
    try inTemporaryFolder { folder in
      var manifest = Manifest()
      _ = try manifest.add(entry)
      try manifest.write(toFolder: folder)
      let file = Manifest.file(in: folder)
      let error = #expect(throws: ArenaError.self) { try Manifest.entry(1, of: file) }
      #expect(try #require(error).description.contains("no entry 1: its 1 entries begin at 0"))
      try write("{\"version\": 1, \"timeouts\": 3, \"entries\": [{}]}", to: file)
      let problem = #expect(throws: ArenaError.self) { try Manifest.entry(0, of: file) }
      #expect(try #require(problem).description.contains("entries[0].attention is missing"))
    }
  }
}

struct SweepTests {
  @Test func `the last path varies fastest, and tags are as short as they can be`() throws {
    let grid = try Sweep([
      "training:learning_rate": [1e-4, 0.5], "model:common:dropout": [0, 0.1],
    ])
    #expect(
      grid.points.map(\.tag) == [
        "learning_rate=0.0001,dropout=0", "learning_rate=0.0001,dropout=0.1",
        "learning_rate=0.5,dropout=0", "learning_rate=0.5,dropout=0.1",
      ])
    #expect(grid.points[1].overrides["model:common:dropout"] == 0.1)
    let stacks = try Sweep(["model:xformer:0:num_layers": [1], "model:xformer:1:num_layers": [2]])
    #expect(stacks.points.map(\.tag) == ["0.num_layers=1,1.num_layers=2"])
  }

  @Test(arguments: [
    ("[]", "expected an object"), ("{}", "got no path"), ("{\"a\": 1}", "`a` is 1"),
    ("{\"a\": []}", "expected a list of values"), ("{\"a\": [1, 1.0]}", "twice"),
    ("{\"a\": [\"x y\", \"x/y\"]}", "the folder `a=x_y`"),
  ])
  func `a wrong grid is refused`(text: String, reason: String) throws {
    let error = #expect(throws: ArenaError.self) { try Sweep(JSON(parsing: text)) }
    #expect(try #require(error).description.contains(reason))
  }
}
