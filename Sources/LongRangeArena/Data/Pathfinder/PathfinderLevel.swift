internal import Foundation

/// A pixel, or a step between pixels.
struct Point: Equatable, Sendable {
  var y: Int
  var x: Int

  static func + (a: Point, b: Point) -> Point { Point(y: a.y + b.y, x: a.x + b.x) }

  /// The pixel at a distance and an angle in radians, rounded up.
  func moved(_ angle: Double, _ distance: Int) -> Point {
    Point(
      y: Int((Double(y) + Double(distance) * sin(angle)).rounded(.up)),
      x: Int((Double(x) + Double(distance) * cos(angle)).rounded(.up)))
  }
}

/// The opposite direction.
func back(_ angle: Double) -> Double { angle < 0 ? angle + .pi : angle - .pi }

/// The measures of Pathfinder pictures of one size and difficulty, in pixels.
struct PathfinderLevel: Sendable {
  /// The side of a picture.
  let window: Int
  /// The paddles of a target snake.
  let contourLength: Int
  let seedDistance: Int
  let markerRadius: Double
  let paddleLength: Int
  let paddleThickness: Double
  /// The margins, one of which is drawn for each picture, with the paddles for each.
  let margins: [PaddleSet]
  let continuity: Double
  let distractorLength: Int
  let distractorCount: Int
  let snakeContrast: Double
  let paddleContrast: Double
  let markers: Resampling
  /// How much of each pixel is taken before anything is drawn, 0 ... 1.
  let emptyMask: [Double]
  /// Where the first snake may not begin: too near the border for the second one.
  let seedArea: Bitmap

  static let supersampling = 2
  /// The width of the border that no paddle enters.
  static let padding = 1
  static let paddleAttempts = 3
  static let distractorAttempts = 5

  /// The level of a task such as `pathfinder32-curv_baseline`.
  ///
  /// Where the original divides numbers of paddles and distractors, the quotient is a whole number.
  init(_ task: ArenaTask) {
    let isSmall = task.name.hasPrefix("pathfinder32-")
    contourLength =
      task.name.hasSuffix("_14") ? 14 : task.name.hasSuffix("_9") ? 9 : 6
    distractorLength = contourLength / 3
    window = isSmall ? 32 : 128
    seedDistance = isSmall ? 7 : 20
    markerRadius = isSmall ? 1.5 : 3
    paddleLength = isSmall ? 2 : 5
    paddleThickness = isSmall ? 0.5 : 1.5
    continuity = isSmall ? 1 : 1.8
    distractorCount = (isSmall ? 20 : 35) / distractorLength
    snakeContrast = isSmall ? 2 : 0.9
    paddleContrast = isSmall ? 0.75 : 1
    let (length, thickness) = (paddleLength, paddleThickness)
    margins = (isSmall ? [1] : [2, 3]).map {
      PaddleSet(length: length, thickness: thickness, margin: $0)
    }
    markers = Resampling(from: window * Self.supersampling, to: window)
    emptyMask = Self.mask(window, border: Self.padding)
    seedArea = Bitmap(Self.mask(window, border: 2 * seedDistance), side: window)
  }
}

extension PathfinderLevel {
  private static func mask(_ side: Int, border: Int) -> [Double] {
    let inner = border..<side - border
    return (0..<side).flatMap { y in
      (0..<side).map { x in inner ~= y && inner ~= x ? 0.0 : 1.0 }
    }
  }
}

/// All paddles that snakes of one margin can have.
struct PaddleSet: Sendable {
  let margin: Int
  /// A first paddle, by its angle in degrees from -180.
  let seeds: [Seed]
  /// The places for the tip of a paddle around its pivot.
  let candidates: [Candidate]
  /// The pixels that must be free around a tip.
  let surrounding: [Point]

  struct Seed: Sendable {
    let angle: Double
    let paddle: Paddle
    /// The pixels that must be free around its tail.
    let kernel: [Point]
  }

  struct Candidate: Sendable {
    let offset: Point
    let angle: Double
    /// The paddle from the tip towards the pivot.
    let paddle: Paddle
  }

  init(length: Int, thickness: Double, margin: Int) {
    self.margin = margin
    let drawing = PaddleDrawing(length: length, thickness: thickness, margin: margin)
    let reach = length + margin
    seeds = (-180..<180).map { degrees in
      let angle = Double(degrees) * .pi / 180
      let paddle = drawing.paddle(angle)
      // It is drawn one pixel off the middle of a square, and what is outside is cut off.
      let square = -reach...reach
      let kernel = paddle.points.filter { paddle.body($0) == 1 }
        .map { $0 + Point(y: 1, x: 1) }.filter { square ~= $0.y && square ~= $0.x }
      return Seed(angle: angle, paddle: paddle, kernel: kernel)
    }
    var offsets: [Point] = []
    // Steps of one pixel along the circle.
    for step in 0... {
      let angle = Double(step) / Double(reach)
      guard angle < 2 * .pi else { break }
      let offset = Point(
        y: Int((Double(reach) * sin(angle)).rounded(.down)),
        x: Int((Double(reach) * cos(angle)).rounded(.down)))
      if !offsets.contains(offset) { offsets.append(offset) }
    }
    candidates = offsets.map { offset in
      let angle = atan2(Double(offset.y), Double(offset.x))
      return Candidate(offset: offset, angle: angle, paddle: drawing.paddle(back(angle)))
    }
    surrounding = disc(margin)
  }
}

/// The steps that are no longer than a radius.
func disc(_ radius: Int) -> [Point] {
  (-radius...radius).flatMap { y in (-radius...radius).map { Point(y: y, x: $0) } }
    .filter { $0.y * $0.y + $0.x * $0.x <= radius * radius }
}

/// Which pixels of a picture are taken, a row in a number.
struct Bitmap {
  private var rows: [UInt128]
  private let window: UInt128

  init(_ mask: [Double], side: Int) {
    window = UInt128.max >> (128 - side)
    rows = (0..<side).map { y in
      (0..<side).reduce(0) { $0 | (mask[y * side + $1] > 0.3 ? 1 << UInt128($1) : 0) }
    }
  }

  /// Marks each pixel that has a taken one at a step of the kernel.
  func dilated(by kernel: [Point]) -> Bitmap {
    var result = self
    for y in rows.indices {
      result.rows[y] =
        kernel.reduce(0) { row, step in
          guard rows.indices ~= y + step.y else { return row }
          return row | (step.x < 0 ? rows[y + step.y] << -step.x : rows[y + step.y] >> step.x)
        } & window
    }
    return result
  }

  var freeCount: Int {
    rows.count * (window.nonzeroBitCount) - rows.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// The free pixel of a number, row by row.
  func free(_ number: Int) -> Point {
    var rest = number
    for y in rows.indices {
      var free = ~rows[y] & window
      guard rest >= free.nonzeroBitCount else {
        for _ in 0..<rest { free &= free - 1 }
        return Point(y: y, x: free.trailingZeroBitCount)
      }
      rest -= free.nonzeroBitCount
    }
    preconditionFailure("there is no free pixel \(number)")
  }
}
