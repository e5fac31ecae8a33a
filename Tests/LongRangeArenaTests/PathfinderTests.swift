import Foundation
import Testing

@testable import LongRangeArena

@Suite struct `Pathfinder pictures` {
  private static func pictures(_ name: String, count: Int) throws -> [PathfinderPicture] {
    let level = PathfinderLevel(try ArenaTask.named(name))
    return (0..<count).map { number in
      var random = ArenaRandom(seed: 5, stream: number)
      return PathfinderPicture(level, &random)
    }
  }

  @Test(arguments: ["pathfinder32-curv_contour_length_9", "pathfinder128-curv_baseline"])
  func `have label 1 when both markers are on one snake`(name: String) throws {
    let level = PathfinderLevel(try ArenaTask.named(name))
    let pictures = try Self.pictures(name, count: 60)
    #expect(20...40 ~= pictures.count { $0.label == 1 })
    for picture in pictures {
      #expect((picture.label == 1) == (picture.marked.0 == picture.marked.1))
      let last = try #require(picture.tips[picture.marked.1].last)
      for end in [picture.tips[picture.marked.0][0], last] {
        // Before scaling, the middle of a marker has the value 1, or nearly so after resampling.
        let value = picture.pixels[end.y * level.window + end.x]
        #expect(Double(value) >= (254 / picture.peak).rounded(.down))
      }
      for tips in picture.tips {
        #expect(tips.count == level.contourLength + 1)
        let reach = Double(2 * level.paddleLength + 3 * picture.margin + 2)
        for (a, b) in zip(tips, tips.dropFirst()) {
          #expect(hypot(Double(a.x - b.x), Double(a.y - b.y)) <= reach)
        }
      }
    }
  }

  /// Measured with another implementation, 300 pictures each.
  struct Figures: Sendable, CustomTestStringConvertible {
    let level: String
    let attempts: Double
    let distractors: Double
    let mean: Double
    let zeros: Double
    var testDescription: String { level }
  }

  @Test(arguments: [
    Figures(level: "curv_baseline", attempts: 3.8, distractors: 10, mean: 20.7, zeros: 0.653),
    Figures(
      level: "curv_contour_length_9", attempts: 10.8, distractors: 5.98, mean: 22.4, zeros: 0.629),
    Figures(
      level: "curv_contour_length_14", attempts: 51, distractors: 4.6, mean: 27.5, zeros: 0.55),
  ])
  func `have the known statistics`(known: Figures) throws {
    let pictures = try Self.pictures("pathfinder32-\(known.level)", count: 300)
    func mean(_ value: (PathfinderPicture) -> Double) -> Double {
      pictures.reduce(0) { $0 + value($1) } / Double(pictures.count)
    }
    let attempts = mean { Double($0.attempts) }
    let distractors = mean { Double($0.distractors) }
    let pixel = mean { Double($0.pixels.reduce(0) { $0 + Int($1) }) / 1024 }
    let zeros = mean { Double($0.pixels.count { $0 == 0 }) / 1024 }
    // Four standard errors of the difference of two such samples; attempts vary as their mean.
    #expect(abs(attempts - known.attempts) < 4 * known.attempts * (2 / 300.0).squareRoot())
    #expect(abs(distractors - known.distractors) < 0.25)
    #expect(abs(pixel - known.mean) < 0.7)
    #expect(abs(zeros - known.zeros) < 0.01)
    // Known to one decimal.
    #expect(abs(mean(\.peak) - 1.2) < 0.06)
    #expect(pictures.allSatisfy { $0.pixels.contains(255) })
  }

  @Test func `are the same for any number of threads`() async throws {
    let task = try ArenaTask.named("pathfinder32-curv_baseline")
    let source = try ArenaSource.pathfinder(
      task, counts: ArenaCounts(train: 40, dev: 5, test: 5), seed: 6)
    let train = source.splits[0].source
    let one = try await inParallel(0..<40, workers: 1, train.example)
    #expect(try await inParallel(0..<40, workers: 2, train.example) == one)
    let first = try #require(one[0])
    #expect(first != one[1])
    let other = try ArenaSource.pathfinder(
      task, counts: ArenaCounts(train: 40, dev: 5, test: 5), seed: 7)
    #expect(try other.splits[0].source.example(0) != first)
  }

  @Test func `have lines as the Python Imaging Library draws them`() {
    func rows(_ width: Int, _ start: Point, _ end: Point) -> [String] {
      let pixels = linePixels(from: start, to: end, width: width)
      return (0..<9).map { y in
        String((0..<9).map { x in pixels.contains(Point(y: y, x: x)) ? "#" : "." })
      }
    }
    func drawn(_ rows: [String], from row: Int) -> [String] {
      (0..<9).map { row..<row + rows.count ~= $0 ? rows[$0 - row] : "........." }
    }
    let thin = ["....#....", ".....##..", ".......##"]
    #expect(rows(1, Point(y: 4, x: 4), Point(y: 6, x: 8)) == drawn(thin, from: 4))
    let wide = ["...#.....", "..###....", ".######..", "..######.", "....###..", ".....#..."]
    #expect(rows(3, Point(y: 2, x: 2), Point(y: 5, x: 6)) == drawn(wide, from: 1))
  }

  @Test func `shrink with a Lanczos filter, rounded after each axis`() {
    // What the Python Imaging Library makes of a line of 9 × 9 pixels.
    var line = [UInt8](repeating: 0, count: 81)
    for x in 4..<8 { line[4 * 9 + x] = 255 }
    let blank = [UInt8](repeating: 0, count: 10)
    #expect(Resampling(from: 9, to: 5).apply(line) == blank + [2, 0, 109, 143, 65] + blank)
  }
}
