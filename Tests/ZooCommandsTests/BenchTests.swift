import Catalogue
import Foundation
import Testing

@testable import Benchmarking
@testable import ZooCommands

@Suite struct `benchmarks of parts` {
  let package: Package

  init() throws { package = try Package() }

  /// Measures three attentions at two lengths, in this process.
  private func bench(_ arguments: String...) async -> Package.Outcome {
    await package.zoo(
      ["bench", "attention", "-k", "part:local or part:pooling", "--lengths", "16", "8"]
        + ["--levels", "core", "--passes", "forward"] + arguments)
  }

  @Test func `every format shows each case, the baseline first`() async throws {
    let file = package.path("figures.jsonl")
    let text = await bench("--append", file, "--chart", package.path("charts"))
    #expect(text.status == 0, "\(text.errors)")
    let lines = text.output.split(separator: "\n").map(String.init)
    let rows = lines.filter { $0.contains(" core ") && $0.contains(" forward ") }
    #expect(
      rows.map { $0.split(separator: " ").prefix(3).joined(separator: " ") } == [
        "scaled_dot_product core 8", "scaled_dot_product core 16", "local core 8", "local core 16",
        "pooling core 8", "pooling core 16",
      ])
    #expect(rows.count == 6 && rows[4].hasSuffix("it takes only a length that is a square"))
    #expect(text.output.contains("preset v1: B 1, H 4, head width 32, f32, dropout 0, 1 thread"))
    #expect(text.output.contains("pooling has no error: its formula is pooling"))
    #expect(text.output.contains("debug build: slower") == (Machine.current.build == "debug"))
    #expect(text.errors.contains("\npooling: it takes only a length"))
    for name in ["time", "memory", "error"] {
      let path = package.path("charts/attention-\(name).svg")
      #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("<svg"))
    }
    // What the file holds is not measured again, so all formats show the same figures.
    let kept = try String(contentsOfFile: file, encoding: .utf8)
    #expect(await bench("--append", file, "--format", "jsonl").output == kept)
    let csv = await bench("--append", file, "--format", "csv").output.split(separator: "\n")
    #expect(csv.count == 7 && csv[0].hasPrefix("part,level,length,pass,median_ms,"))
    let path = package.path("costs.md")
    _ = await bench(
      "--append", file, "--format", "markdown", "-o", path, "--chart", package.path("pictures"))
    let markdown = try String(contentsOfFile: path, encoding: .utf8)
    #expect(markdown.contains("![pictures/attention-time.svg](pictures/attention-time.svg)"))
    #expect(markdown.contains("| local | core | 16 | forward | "))
    let html = await bench("--append", file, "--format", "html").output
    #expect(html.hasPrefix("<!DOCTYPE html>") && html.components(separatedBy: "<svg").count == 4)
  }

  @Test func `a part that cannot be causal costs its rows, the others go on`() async {
    let outcome = await bench("--causal")
    #expect(outcome.status == 0)
    #expect(outcome.output.components(separatedBy: "it cannot be causal").count == 3)
    #expect(outcome.output.contains("causal, dropout 0"))
  }

  @Test func `layers, blocks and feedforwards are measured`() async {
    let attention = await package.zoo(
      "bench", "attention", "-k", "part:local", "--lengths", "8", "--dtype", "f64")
    #expect(attention.output.components(separatedBy: "\nlocal ").count == 10)
    let feedforward = await package.zoo(
      "bench", "feedforward", "-k", "part:MixtureOfExperts", "--lengths", "8")
    #expect(feedforward.output.components(separatedBy: "\nMixtureOfExperts ").count == 7)
    #expect(!feedforward.output.contains("error"))
    #expect(attention.errors.count { $0 == "\n" } == 2, "a line for each part, none is skipped")
  }

  @Test(arguments: [
    (["--preset", "v0"], 64, "there is no preset `v0` (known: v1)"),
    (["--lengths", "0"], 64, "expected lengths of at least 1, got 0"),
    (["--lengths", "8", "9", "8"], 64, "the length 8 is given twice"),
    (["--dtype", "f33"], 64, "there is no dtype `f33`, did you mean `f32`?"),
    (["--levels", "cores"], 64, "there is no level `cores`, did you mean `core`?"),
    (["--threads", "0"], 64, "expected a whole number from 1 upward"),
    (["-k", "kind:feedforward"], 5, "no attention is selected"),
    (["--append", "/no/such/folder/f"], 1, "there is no folder /no/such/folder"),
  ])
  func `wrong options are refused`(options: [String], status: Int32, message: String) async {
    let outcome = await package.zoo(["bench", "attention"] + options)
    #expect(outcome.status == status)
    #expect(outcome.errors.hasPrefix("error: ") && outcome.errors.contains(message))
  }

  @Test func `a level that a kind lacks is refused`() async {
    let outcome = await package.zoo("bench", "feedforward", "--levels", "layer")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("a feedforward has no level layer, only core and block"))
  }

  // MARK: Files

  /// A file of results of one case that took so long, with a header that is changed.
  private func results(
    _ name: String, ms: Double, _ change: (inout BenchHeader) -> Void = { _ in }
  ) throws -> String {
    var header = BenchHeader(
      settings: BenchSettings(.attention), machine: .current, revision: "abc", date: "2026-01-01",
      rates: MachineRates(gflops: 1, copies: []))
    change(&header)
    var results = BenchResults(header)
    let key = BenchCase(part: "scaled_dot_product", level: .core, length: 8, pass: .forward)
    results.add(BenchRow(key, BenchFigures(medianMs: ms, iqrMs: 0.1, runs: 9, limitMs: 1)))
    return try package.write(results.jsonLines, to: name)
  }

  @Test func `figures of another kind are not mixed`() async throws {
    let file = try results("a.jsonl", ms: 1) { $0.settings.threads = 2 }
    let outcome = await bench("--append", file)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("a.jsonl was measured with threads 2, not 1, "))
    #expect(outcome.errors.contains("revision abc, not "))
  }

  @Test func `a torn last line is left out, any other wrong line is named`() throws {
    let whole = try String(contentsOfFile: results("a.jsonl", ms: 1), encoding: .utf8)
    let torn = try BenchResults.load(package.write(whole + #"{"row":{"ke"#, to: "torn"))
    #expect(torn.results.rows.count == 1)
    #expect(torn.note?.hasPrefix("line 3 of ") == true)
    func problem(_ text: String) throws -> String? {
      let path = try package.write(text, to: "wrong")
      return #expect(throws: CommandFailure.self) { try BenchResults.load(path) }?.lines.first
    }
    #expect(try problem("{}\n" + whole)?.hasPrefix("line 1 of ") == true)
    #expect(try problem(whole + "x\n{}\n")?.hasSuffix("it is not JSON") == true)
    let header = whole.split(separator: "\n")[0]
    #expect(try problem(header + "\n" + header + "\n")?.hasSuffix("a second header") == true)
    let row = whole.split(separator: "\n")[1]
    #expect(try problem("\(row)\n")?.hasSuffix("expected a header, got a row") == true)
    let unnamed = whole.replacing("\"part\"", with: "\"pat\"") + "\n"
    #expect(try problem(unnamed + "x")?.hasSuffix("`row.key.part` is missing") == true)
    #expect(
      try problem(whole.replacing("\"schema\":1", with: "\"schema\":9"))?
        .hasSuffix("the format is 9, this program reads 1") == true)
    #expect(try problem("")?.hasSuffix("is empty, expected results of bench") == true)
  }

  @Test func `a comparison fails for what became slower`() async throws {
    let before = try results("a.jsonl", ms: 10)
    let same = await package.zoo("bench", "compare", before, try results("b.jsonl", ms: 10.4))
    #expect(same.status == 0 && same.output.contains("1 same"))
    let slower = try results("c.jsonl", ms: 12)
    let outcome = await package.zoo("bench", "compare", before, slower)
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("10.0 ± 0.100  12.0 ± 0.100  1.20"))
    #expect(await package.zoo("bench", "compare", before, slower, "--threshold", "25").status == 0)
    #expect(await package.zoo("bench", "compare", slower, before).output.contains("1 faster"))
    let json = await package.zoo("bench", "compare", before, slower, "--format", "json").output
    #expect(json.contains(#""change":"slower""#))
  }

  @Test func `a comparison refuses another machine unless told`() async throws {
    let before = try results("a.jsonl", ms: 10)
    let after = try results("b.jsonl", ms: 10) { header in
      (header.machine.cpu, header.settings.threads, header.revision) = ("Other", 4, "def")
    }
    let refused = await package.zoo("bench", "compare", before, after)
    #expect(refused.status == 1)
    #expect(
      refused.errors.contains("threads is 1 and 4, cpu is \(Machine.current.cpu) and Other;"))
    #expect(await package.zoo("bench", "compare", before, after, "--across").status == 0)
  }
}

/// The program with parts that crash, hang or take too much.
@Suite(.serialized) struct `benchmarks of troubled parts` {
  let package: Package

  init() throws { package = try Package() }

  private func shell(_ line: String) async throws -> ChildProcess.Collected {
    let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "TroubledZoo").path
    let bench = "\"$0\" bench attention --levels core --passes forward --lengths 16 "
    return try await ChildProcess(
      "bash", ["-c", line.replacing("BENCH", with: bench), program], folder: package.folder
    ).collect(within: .seconds(300))
  }

  private func rows(_ line: String) async throws -> [String: BenchRow] {
    let outcome = try await shell(line + " --append rows.jsonl")
    #expect(outcome.ending == .exited(0), "\(outcome.errors)")
    let rows = try BenchResults.load(package.path("rows.jsonl")).results.rows
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.key.part, $0) })
  }

  @Test func `each costs one row, and what it does is seen`() async throws {
    let names = ["slow", "leaking", "crashing", "chatty", "hungry"].map { "part:\($0)" }
    let rows = try await rows(
      "BENCH --memory-limit 2000 -k '\(names.joined(separator: " or "))'")
    #expect(rows.count == 6)
    #expect(try #require(rows["slow"]?.measured).medianMs >= 20)
    #expect(try #require(rows["slow"]?.timesBaseline) > 1)
    let leaked = try #require(rows["leaking"]?.measured)
    #expect(try #require(leaked.peakMb) >= 4 * Double(leaked.runs))
    #expect(try #require(rows["crashing"]?.skipped).hasPrefix("the process was ended by signal 11"))
    #expect(rows["chatty"]?.measured != nil)
    #expect(try #require(rows["hungry"]?.skipped).contains("memory"))
    #expect(rows["scaled_dot_product"]?.measured != nil)
  }

  @Test func `one that hangs is stopped`() async throws {
    let hanging = try #require(try await rows("BENCH -k part:hanging --timeout 20")["hanging"])
    #expect(hanging.skipped == "it took longer than 20.0 s")
  }

  @Test func `a signal keeps what was measured, and the next run goes on from there`() async throws
  {
    let outcome = try await shell(
      """
      BENCH -k 'part:global or part:hanging' --append rows.jsonl & child=$!
      until grep -q '"global"' rows.jsonl; do sleep 0.1; done; kill -INT $child; wait $child
      """)
    #expect(outcome.ending == .exited(130), "\(outcome.errors)")
    #expect(outcome.output.contains("\nglobal "))
    #expect(outcome.errors.contains("cases were measured before the run was stopped"))
    let before = try BenchResults.load(package.path("rows.jsonl")).results.rows
    #expect(before.allSatisfy { $0.measured != nil })
    let after = try await rows("BENCH -k 'part:global or part:slow'")
    #expect(after.count == before.count + 1)
    #expect(before.allSatisfy { after[$0.key.part] == $0 })
  }
}
