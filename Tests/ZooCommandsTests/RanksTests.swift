import Foundation
import Testing

@testable import ZooCommands

/// Trainings by several processes of the program, started by one.
@Suite(.serialized) struct `ranks of the program` {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "ranks-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let config = """
      {"listops": {
        "training": {"batch_size": 7, "learning_rate": 1e-3, "num_train_steps": 1000000,
          "eval_frequency": 1000000},
        "model": {"pooling_mode": "mean",
          "common": {"dim_model": 8, "num_heads": 2, "num_classes": 10, "seq_len": 32,
            "vocab_size": 16},
          "xformer": [{"block_type": "encoder", "num_layers": 1,
            "position_encoding_config": {"name": "vocab"},
            "multi_head_config": {"attention": {"name": "fourier_mix"}},
            "feedforward_config": {"name": "MLP", "activation": "relu",
              "hidden_layer_multiplier": 1}}]}}}
      """
    try Data(config.utf8).write(to: folder.appending(path: "config.json"))
  }

  /// Runs lines of shell in which `train` trains, `await` waits for a command to succeed, `steps N`
  /// does after more than N steps, `ranks` prints the processes of all ranks or of one, and `gone`
  /// succeeds when nothing is left of them.
  private func shell(_ lines: String) async throws -> ChildProcess.Collected {
    defer { try? FileManager.default.removeItem(at: folder) }
    let zoo = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "zoo").path
    let script = #"""
      export TMPDIR=$PWD
      "$0" lra data listops --small --train 40 --dev 8 --test 8 --data . >/dev/null || exit 1
      train() {
        exec "$0" lra run --task listops --attention fourier_mix --config config.json --data . \
          --checkpoint-dir runs --ignore-padding "$@"
      }
      await() { for _ in $(seq 600); do "$@" && return; sleep 0.1; done; echo "$* in vain" >&2; }
      steps() { [ "$(cat runs/*/log.jsonl 2>/dev/null | wc -l)" -gt $1 ]; }
      ranks() {
        for process in /proc/[0-9]*; do
          tr '\0' '\n' <$process/environ | grep -qF "ZOO_MEETING=$TMPDIR/" &&
            tr '\0' '\n' <$process/environ | grep -qx "RANK=${1:-[0-9]*}" && basename $process
        done 2>/dev/null
        true
      }
      gone() { [ -z "$(ranks)" ] && ! ls | grep -q zoo-ranks; }
      """#
    return try await ChildProcess("bash", ["-c", script + "\n" + lines, zoo], folder: folder)
      .collect(within: .seconds(120))
  }

  @Test func `a rank that is killed ends all, and is named`() async throws {
    let outcome = try await shell(
      """
      train --world-size 3 --quiet & await steps 3
      kill -9 $(ranks 1); wait $!; echo $?; gone && echo gone
      """)
    #expect(outcome.output == "1\ngone\n", "\(outcome.errors)")
    #expect(outcome.errors.hasSuffix("error: rank 1 of 3 was ended by signal 9, Killed\n"))
  }

  @Test func `a signal stops all at one step, and another number of them goes on`() async throws {
    let outcome = try await shell(
      """
      train --world-size 2 & await steps 3; kill -USR2 $!; wait $!; echo $?; gone && echo gone
      (train --max-minutes 0.001); echo $?
      """)
    #expect(outcome.output == "75\ngone\n75\n", "\(outcome.errors)")
    let lines = outcome.errors.split(separator: "\n").map(String.init)
      .filter { !$0.hasSuffix("lose their ends") }
    try #require(lines.count == 3, "\(outcome.errors)")
    #expect(lines[0].hasPrefix("error: stopped by SIGUSR2 after step "))
    let step = lines[0].split(separator: " ")[6]
    #expect(lines[1] == "resuming after step \(step) of 1000000")
    #expect(lines[2].hasPrefix("error: stopped by the time limit after step "))
  }

  @Test(arguments: ["", "--world-size 2"])
  func `a signal before there is a model stops the run, which goes on`(size: String) async throws {
    let outcome = try await shell(
      """
      caught() { [ $((0x$(sed -n 's/SigCgt:.//p' /proc/$1/status) & 0x800)) != 0 ]; }
      resume() { exec "$0" lra run --manifest manifest.json --index 0 \(size) "$@"; }
      cat >kept <<<'{"version": 1, "timeouts": 1, "entries": [{"attention": "fourier_mix", \
        "task": "listops", "config": "config.json", "overrides": {}, "folder": "runs", \
        "data": ".", "ignore_padding": true}]}'
      mkfifo manifest.json; resume & await caught $!; kill -USR2 $!
      timeout 20 cat kept >manifest.json; wait $!; echo $?
      mv kept manifest.json; (resume --max-minutes 0.001); echo $?
      """)
    #expect(outcome.output == "75\n75\n", "\(outcome.errors)")
    #expect(outcome.errors.contains("stopped by SIGUSR2 "), "\(outcome.errors)")
  }

  @Test func `ranks end when their launcher is killed`() async throws {
    let outcome = try await shell(
      """
      train --world-size 2 --quiet & await steps 3; ranks | wc -l
      kill -9 $!; wait $! 2>/dev/null; await gone; gone && echo gone
      """)
    #expect(outcome.output == "2\ngone\n", "\(outcome.errors)")
  }
}
