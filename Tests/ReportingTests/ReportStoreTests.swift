import Catalogue
import Foundation
import Reporting
import Testing

@Suite struct `the report of a running process` {
  private let cells = [
    Sample.cell(), Sample.cell("local"), Sample.cell("favor"), Sample.cell("linformer"),
  ]

  private func inFolder(_ body: (URL) throws -> Void) throws {
    let folder = try Sample.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appendingPathComponent("new/report.json"))
  }

  private func journal(_ file: URL) -> URL { file.appendingPathExtension("journal") }

  @Test func `lists every cell as not run before anything ran`() throws {
    try inFolder { file in
      _ = try ReportStore(file: file, run: Sample.run, expected: cells)
      let report = try Report(json: Data(contentsOf: file))
      #expect(report.cells.map(\.verdict) == cells.map { _ in .notRun })
      #expect(report.exitStatus == .lawFailed)
      #expect(report.unfinished != nil)
    }
  }

  @Test func `keeps results and begun cells when the process dies`() throws {
    try inFolder { file in
      do {
        let store = try ReportStore(file: file, run: Sample.run, expected: cells)
        try store.begin(cells[0])
        try store.record(Sample.passed(cells[0]))
        try store.begin(cells[1])
      }
      let report = try ReportStore.load(from: file)
      #expect(report.cells[0] == Sample.passed(cells[0]))
      #expect(report.cells[1].verdict == .failed(.crash))
      #expect(report.cells[1].failure?.message.contains("while this cell ran") == true)
      #expect(report.cells[2].verdict == .notRun)
      #expect(report.totals.passed == 1 && report.totals.failed == 1 && report.totals.notRun == 2)
      #expect(report.exitStatus == .lawFailed)
    }
  }

  @Test func `survives a last line that was cut off`() throws {
    try inFolder { file in
      let store = try ReportStore(file: file, run: Sample.run, expected: cells)
      try store.record(Sample.passed(cells[0]))
      try store.record(Sample.passed(cells[1]))
      var data = try Data(contentsOf: journal(file))
      data.removeLast(40)
      try data.write(to: journal(file))
      let report = try ReportStore.load(from: file)
      #expect(report.totals.passed == 1)
      #expect(report.cells[1].verdict == .notRun)
    }
  }

  @Test func `reports a journal that is damaged in the middle`() throws {
    try inFolder { file in
      let store = try ReportStore(file: file, run: Sample.run, expected: cells)
      try store.record(Sample.passed(cells[0]))
      let text = try String(contentsOf: journal(file), encoding: .utf8)
        .replacingOccurrences(of: "\"comparisons\": 7688", with: "\"comparisons\": 0")
      try Data(text.utf8).write(to: journal(file))
      let error = #expect(throws: ReportError.self) { try ReportStore.load(from: file) }
      #expect(error?.description.contains("journal line 2") == true)
      try Data("\(text)nonsense\n".utf8).write(to: journal(file))
      #expect(throws: ReportError.self) { try ReportStore.load(from: file) }
    }
  }

  @Test func `ignores the journal of another run`() throws {
    try inFolder { file in
      let first = try ReportStore(file: file, run: Sample.run, expected: cells)
      try first.record(Sample.passed(cells[0]))
      let old = try Data(contentsOf: journal(file))
      _ = try ReportStore(file: file, run: Sample.run, expected: cells)
      try old.write(to: journal(file))
      #expect(try ReportStore.load(from: file).totals.passed == 0)
    }
  }

  @Test func `ends by itself with the last cell`() throws {
    try inFolder { file in
      let store = try ReportStore(file: file, run: Sample.run, expected: cells)
      for cell in cells { try store.record(Sample.passed(cell)) }
      let report = try Report(json: Data(contentsOf: file))
      #expect(report.exitStatus == .success)
      #expect(report.unfinished == nil)
      #expect(!FileManager.default.fileExists(atPath: journal(file).path))
      #expect(try store.finish() == report)
    }
  }

  @Test func `can end early, and the other cells are not run`() throws {
    try inFolder { file in
      let store = try ReportStore(file: file, run: Sample.run, expected: cells)
      try store.record(Sample.passed(cells[2]))
      let report = try store.finish()
      #expect(try ReportStore.load(from: file) == report)
      #expect(report.unfinished == nil)
      #expect(report.totals.notRun == 3 && report.totals.failed == 0)
      #expect(report.exitStatus == .lawFailed)
    }
  }

  @Test func `refuses no cells, unexpected cells and second results`() throws {
    try inFolder { file in
      #expect(throws: ReportError.empty) {
        try ReportStore(file: file, run: Sample.run, expected: [])
      }
      #expect(ReportError.empty.exitStatus == .nothingSelected)
      #expect(throws: ReportError.duplicate(cells[0].path)) {
        try ReportStore(file: file, run: Sample.run, expected: [cells[0], cells[0]])
      }
      let store = try ReportStore(file: file, run: Sample.run, expected: cells)
      let stranger = Sample.cell("global")
      #expect(throws: ReportError.unexpected(stranger.path)) { try store.begin(stranger) }
      #expect(throws: ReportError.unexpected(stranger.path)) {
        try store.record(Sample.passed(stranger))
      }
      try store.record(CellResult(cells[0], .failed(.falsified), failure: Sample.failure))
      #expect(throws: ReportError.duplicate(cells[0].path)) {
        try store.record(Sample.passed(cells[0]))
      }
      #expect(try store.current().cells[0].verdict == .failed(.falsified))
    }
  }

  @Test func `accepts results from many threads without losing any`() async throws {
    let folder = try Sample.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("report.json")
    let many = (0..<400).map { Sample.cell("part\($0)") }
    let last = Sample.cell("last")
    let store = try ReportStore(file: file, run: Sample.run, expected: many + [last])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for cell in many {
        group.addTask {
          try store.begin(cell)
          try store.record(Sample.passed(cell))
        }
      }
      try await group.waitForAll()
    }
    #expect(try ReportStore.load(from: file).totals.passed == many.count)
    #expect(try store.current().totals.passed == many.count)
  }

  @Test func `that is missing is a clear error`() throws {
    try inFolder { file in
      let error = #expect(throws: ReportError.self) { try ReportStore.load(from: file) }
      #expect(error?.description.contains("there is no report here") == true)
      #expect(error?.exitStatus == .commandFailed)
    }
  }
}
