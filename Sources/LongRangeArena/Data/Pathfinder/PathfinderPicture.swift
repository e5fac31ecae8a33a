internal import Foundation

/// A Pathfinder picture: two long snakes among short ones, and two markers at ends of the long ones.
///
/// After Linsley et al., "Learning long-range spatial dependencies with horizontal gated recurrent
/// units", NeurIPS 2018.
struct PathfinderPicture: Sendable {
  /// Grey values, row by row.
  let pixels: [UInt8]
  /// 1 if both markers are on one snake.
  let label: Int
  let margin: Int
  /// The snakes on which the first and the second marker are.
  let marked: (Int, Int)
  /// The tips of the paddles of both target snakes, tails first.
  let tips: [[Point]]
  /// How often the target snakes were begun.
  let attempts: Int
  /// The short snakes that found room.
  let distractors: Int
  /// The brightest value before scaling to 8 bits.
  let peak: Double

  /// Draws a picture.
  init(_ level: PathfinderLevel, _ random: inout ArenaRandom) {
    let label = random.below(2)
    let paddles = level.margins[random.below(level.margins.count)]
    var attempts = 0
    var targets: (canvas: Canvas, snakes: [Snake])?
    while targets == nil {
      attempts += 1
      var canvas = Canvas(level, paddles)
      targets = canvas.drawTargets(&random).map { (canvas, $0) }
    }
    guard case (var canvas, let snakes)? = targets else { preconditionFailure("no targets") }
    distractors = canvas.drawDistractors(&random)
    let first = random.below(2)
    marked = (first, label == 1 ? first : 1 - first)
    canvas.drawMarker(at: snakes[marked.0].tips[0])
    canvas.drawMarker(at: snakes[marked.1].tips[level.contourLength])
    (self.label, self.attempts, margin) = (label, attempts, paddles.margin)
    tips = snakes.map(\.tips)
    peak = canvas.image.max() ?? 0
    let low = canvas.image.min() ?? 0
    let scale = 255 / (peak - low)
    pixels = canvas.image.map { UInt8(($0 - low) * scale + 0.5) }
  }
}

/// A snake that grows paddle by paddle.
private struct Snake {
  /// Where the last paddle turns.
  var pivot: Point
  /// The direction of the last paddle.
  var angle: Double
  /// The last paddle and its place, which do not block others yet.
  var last: (paddle: Paddle, place: Point)
  /// The tail, and the outer ends of all paddles so far.
  var tips: [Point]
}

/// A picture being drawn, and the space that is taken.
private struct Canvas {
  private let level: PathfinderLevel
  private let paddles: PaddleSet
  private(set) var image: [Double]
  /// How much of each pixel is taken, 0 ... 1.
  private var mask: [Double]

  init(_ level: PathfinderLevel, _ paddles: PaddleSet) {
    self.level = level
    self.paddles = paddles
    image = [Double](repeating: 0, count: level.window * level.window)
    mask = level.emptyMask
  }

  private func isInside(_ point: Point) -> Bool {
    0..<level.window ~= point.y && 0..<level.window ~= point.x
  }

  // Target snakes

  /// Draws both target snakes, paddle by paddle in turn; nil if one of them finds no room.
  mutating func drawTargets(_ random: inout ArenaRandom) -> [Snake]? {
    let contrast = level.snakeContrast * level.paddleContrast
    guard
      let first = seed(where: level.seedArea, contrast: contrast, &random),
      let second = seed(beside: first.tips[0], contrast: contrast, &random)
    else { return nil }
    var snakes = [first, second]
    for _ in 1..<level.contourLength {
      for number in 0...1 {
        guard extend(&snakes[number], contrast: contrast, &random) else { return nil }
      }
    }
    block(snakes[1].last)
    return snakes
  }

  /// Begins a snake where there is room for its first paddle.
  private mutating func seed(
    where taken: Bitmap, contrast: Double, _ random: inout ArenaRandom
  ) -> Snake? {
    for _ in 0..<PathfinderLevel.paddleAttempts {
      let seed = paddles.seeds[random.below(360)]
      let blocked = taken.dilated(by: seed.kernel)
      guard blocked.freeCount > 0 else { return nil }
      let tail = blocked.free(random.below(blocked.freeCount))
      if let snake = begin(seed, at: tail, contrast: contrast) { return snake }
    }
    return nil
  }

  /// Begins the second snake at a distance from the tail of the first.
  private mutating func seed(
    beside tail: Point, contrast: Double, _ random: inout ArenaRandom
  ) -> Snake? {
    for _ in 0..<PathfinderLevel.paddleAttempts {
      let seed = paddles.seeds[random.below(360)]
      let direction = Double(random.below(360)) * .pi / 180
      let distance = Double(level.seedDistance)
      let other = Point(
        y: Int((Double(tail.y) + distance * sin(direction)).rounded(.toNearestOrEven)),
        x: Int((Double(tail.x) + distance * cos(direction)).rounded(.toNearestOrEven)))
      if let snake = begin(seed, at: other, contrast: contrast) { return snake }
    }
    return nil
  }

  private mutating func begin(
    _ seed: PaddleSet.Seed, at tail: Point, contrast: Double
  ) -> Snake? {
    let head = tail.moved(seed.angle, level.paddleLength)
    let pivot = head.moved(back(seed.angle), level.paddleLength + paddles.margin)
    guard isInside(head), isInside(pivot) else { return nil }
    draw(seed.paddle, at: tail, contrast: contrast)
    return Snake(
      pivot: pivot, angle: seed.angle, last: (seed.paddle, tail), tips: [tail, head])
  }

  /// Adds a paddle to a snake, unless it finds no room.
  private mutating func extend(
    _ snake: inout Snake, contrast: Double, _ random: inout ArenaRandom
  ) -> Bool {
    let pivot = snake.pivot.moved(snake.angle, level.paddleLength + 2 * paddles.margin)
    let weights = paddles.candidates.map { candidate in
      let tip = pivot + candidate.offset
      guard isInside(tip) else { return 0.0 }
      let turn = abs(candidate.angle - snake.angle)
      let delta = min(level.continuity * min(turn, 2 * .pi - turn), .pi / 2)
      let direct = max(0, cos(delta))
      // Turning back is out of the question, whatever the space.
      guard direct > 1e-9 else { return 0 }
      let crowd = paddles.surrounding.reduce(0) { crowd, step in
        let place = tip + step
        return isInside(place) ? max(crowd, mask[place.y * level.window + place.x]) : crowd
      }
      return (1 - crowd) * direct * direct
    }
    let sum = weights.reduce(0, +)
    guard sum >= 1e-4 else { return false }
    for _ in 0..<PathfinderLevel.paddleAttempts {
      var rest = random.fraction() * sum
      let chosen = weights.indices.first { number in
        rest -= weights[number]
        return rest < 0
      }
      let candidate = paddles.candidates[chosen ?? weights.lastIndex { $0 > 0 } ?? 0]
      let tip = pivot + candidate.offset
      guard !overlaps(candidate.paddle, at: tip) else { continue }
      draw(candidate.paddle, at: tip, contrast: contrast)
      block(snake.last)
      snake.last = (candidate.paddle, tip)
      (snake.pivot, snake.angle) = (pivot, candidate.angle)
      snake.tips.append(tip)
      return true
    }
    return false
  }

  // Distractors and markers

  /// Draws short snakes, and returns how many found room.
  mutating func drawDistractors(_ random: inout ArenaRandom) -> Int {
    (0..<level.distractorCount).count { _ in
      (0..<PathfinderLevel.distractorAttempts).contains { _ in drawDistractor(&random) }
    }
  }

  /// Draws a short snake, or nothing.
  private mutating func drawDistractor(_ random: inout ArenaRandom) -> Bool {
    // The border of one pixel that the first paddle avoids is taken from the beginning.
    let taken = Bitmap(mask, side: level.window)
    guard 100 * taken.freeCount >= mask.count else { return false }
    var trial = self
    guard var snake = trial.seed(where: taken, contrast: level.snakeContrast, &random) else {
      return false
    }
    for _ in 1..<level.distractorLength {
      guard trial.extend(&snake, contrast: level.snakeContrast, &random) else { return false }
    }
    trial.block(snake.last)
    self = trial
    return true
  }

  /// Draws a white disc.
  mutating func drawMarker(at point: Point) {
    let scale = PathfinderLevel.supersampling
    let side = level.window * scale
    var canvas = [UInt8](repeating: 0, count: side * side)
    let radius = level.markerRadius * Double(scale)
    for step in disc(Int(radius.rounded(.up)))
    where Double(step.y * step.y + step.x * step.x) <= radius * radius {
      let place = Point(y: point.y * scale, x: point.x * scale) + step
      guard 0..<side ~= place.y, 0..<side ~= place.x else { continue }
      canvas[place.y * side + place.x] = 255
    }
    for (pixel, value) in level.markers.apply(canvas).enumerated() {
      image[pixel] = max(image[pixel], Double(value) / 255)
    }
  }

  // Paddles

  private mutating func draw(_ paddle: Paddle, at place: Point, contrast: Double) {
    forEachPixel(of: paddle, at: place) { canvas, pixel, source in
      canvas.image[pixel] = max(canvas.image[pixel], contrast * paddle.ink[source])
    }
  }

  private mutating func block(_ last: (paddle: Paddle, place: Point)) {
    forEachPixel(of: last.paddle, at: last.place) { canvas, pixel, source in
      canvas.mask[pixel] = max(canvas.mask[pixel], last.paddle.body[source])
    }
  }

  private mutating func overlaps(_ paddle: Paddle, at place: Point) -> Bool {
    var isTaken = false
    forEachPixel(of: paddle, at: place) { canvas, pixel, source in
      if canvas.mask[pixel] + paddle.body[source] >= 1.8 { isTaken = true }
    }
    return isTaken
  }

  /// Visits the pixels of a paddle that are inside the picture.
  @inline(__always)
  private mutating func forEachPixel(
    of paddle: Paddle, at place: Point, _ body: (inout Canvas, Int, Int) -> Void
  ) {
    let (radius, side) = (paddle.radius, 2 * paddle.radius + 1)
    let columns = max(0, place.x - radius)...min(level.window - 1, place.x + radius)
    for y in max(0, place.y - radius)...min(level.window - 1, place.y + radius) {
      let row = (y - place.y + radius) * side - place.x + radius
      for x in columns { body(&self, y * level.window + x, row + x) }
    }
  }
}

extension ArenaSource {
  /// Draws Pathfinder pictures.
  ///
  /// - Throws: ``ArenaError`` if a count is out of range.
  public static func pathfinder(
    _ task: ArenaTask, counts: ArenaCounts, seed: UInt64
  ) throws -> ArenaSource {
    try counts.check()
    let level = PathfinderLevel(task)
    let all = SplitSource(count: counts.total) { number in
      var random = ArenaRandom(seed: seed, stream: number)
      let picture = PathfinderPicture(level, &random)
      return ArenaExample(
        sequences: [picture.pixels.map { UInt16($0) }], label: picture.label,
        metadata: "\(picture.label) \(level.continuity) \(level.contourLength) "
          + "\(level.distractorLength) \(level.paddleLength) \(level.paddleThickness) "
          + "\(picture.margin) 1")
    }
    let dev = counts.train + counts.dev
    return ArenaSource(
      task, name: "generator of \(task.name), seed \(seed)",
      // They are drawn independently, so cutting them in order is as good as in a random one.
      rule: "independent pictures, cut in order", train: all.selecting(0..<counts.train),
      dev: all.selecting(counts.train..<dev), test: all.selecting(dev..<counts.total))
  }
}
