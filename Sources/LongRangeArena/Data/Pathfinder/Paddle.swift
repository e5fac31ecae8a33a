internal import Foundation

/// A short line, and the space that it takes, around the pixel where it begins.
struct Paddle: Sendable {
  /// The distance from the first pixel to the border of the drawing.
  let radius: Int
  /// The brightness of each pixel, 0 ... 1.
  let ink: [Double]
  /// How much each pixel belongs to the space around the line, 0 ... 1.
  let body: [Double]

  /// Steps from the first pixel to all pixels of the drawing.
  var points: [Point] {
    (-radius...radius).flatMap { y in (-radius...radius).map { Point(y: y, x: $0) } }
  }

  func body(_ point: Point) -> Double {
    body[(point.y + radius) * (2 * radius + 1) + point.x + radius]
  }
}

/// Draws paddles of one size at a higher resolution, and scales them down.
struct PaddleDrawing: Sendable {
  private let length: Int
  private let width: Int
  private let radius: Int
  private let space: [Point]
  private let resampling: Resampling
  private let scale = PathfinderLevel.supersampling

  init(length: Int, thickness: Double, margin: Int) {
    self.length = length
    width = Int((thickness * Double(scale)).rounded())
    radius = length + Int(thickness.rounded(.up)) + margin
    space = disc(margin * scale)
    resampling = Resampling(from: 2 * radius * scale + 1, to: 2 * radius + 1)
  }

  /// The paddle from the middle in a direction.
  func paddle(_ angle: Double) -> Paddle {
    let middle = radius * scale
    let side = 2 * middle + 1
    let start = Point(y: middle, x: middle)
    var line = [UInt8](repeating: 0, count: side * side)
    var body = line
    for pixel in linePixels(from: start, to: start.moved(angle, length * scale), width: width) {
      line[pixel.y * side + pixel.x] = 255
      for step in space {
        let place = pixel + step
        guard 0..<side ~= place.y, 0..<side ~= place.x else { continue }
        body[place.y * side + place.x] = 255
      }
    }
    func fractions(_ canvas: [UInt8]) -> [Double] {
      resampling.apply(canvas).map { Double($0) / 255 }
    }
    return Paddle(radius: radius, ink: fractions(line), body: fractions(body))
  }
}

/// The pixels of a line, both ends included: Bresenham's if it is one pixel wide, otherwise those of
/// a rectangle with rounded corners' coordinates, as the Python Imaging Library draws them.
func linePixels(from start: Point, to end: Point, width: Int) -> [Point] {
  let step = Point(y: end.y - start.y, x: end.x - start.x)
  let isFlat = abs(step.x) >= abs(step.y)
  let long = max(abs(step.x), abs(step.y))
  let short = min(abs(step.x), abs(step.y))
  guard width > 1, long > 0 else {
    var points: [Point] = []
    var point = start
    var error = 2 * short - long
    for _ in 0...long {
      points.append(point)
      if error >= 0 {
        if isFlat { point.y += step.y.signum() } else { point.x += step.x.signum() }
        error -= 2 * long
      }
      error += 2 * short
      if isFlat { point.x += step.x.signum() } else { point.y += step.y.signum() }
    }
    return points
  }
  let half = Double(width - 1) / 2 / hypot(Double(step.x), Double(step.y))
  let (dx, dy) = (
    Int((-Double(step.y) * half).rounded()), Int((Double(step.x) * half).rounded())
  )
  let corners = [
    Point(y: start.y + dy, x: start.x + dx), Point(y: end.y + dy, x: end.x + dx),
    Point(y: end.y - dy, x: end.x - dx), Point(y: start.y - dy, x: start.x - dx),
  ]
  let rows = corners.map(\.y)
  return ((rows.min() ?? 0)...(rows.max() ?? 0)).flatMap { y in
    var crossings: [Double] = []
    for (a, b) in zip(corners, corners[1...] + corners[..<1])
    where min(a.y, b.y)...max(a.y, b.y) ~= y {
      crossings +=
        a.y == b.y
        ? [Double(a.x), Double(b.x)]
        : [Double(a.x) + Double(b.x - a.x) * Double(y - a.y) / Double(b.y - a.y)]
    }
    let left = Int(((crossings.min() ?? 0) - 0.5).rounded(.up))
    let right = Int(((crossings.max() ?? 0) + 0.5).rounded(.down))
    return (left...right).map { Point(y: y, x: $0) }
  }
}

/// Scales square pictures down with a Lanczos filter of 3 lobes, rounding to 8 bits after each axis.
struct Resampling: Sendable {
  private let from: Int
  private let to: Int
  /// For each pixel of the result, the first pixel that counts and the weights from there.
  private let kernels: [(start: Int, weights: [Double])]

  init(from: Int, to: Int) {
    self.from = from
    self.to = to
    let scale = Double(from) / Double(to)
    let support = 3 * scale
    kernels = (0..<to).map { pixel in
      let centre = (Double(pixel) + 0.5) * scale
      let start = max(0, Int(centre - support + 0.5))
      let end = min(from, Int(centre + support + 0.5))
      let weights = (start..<end).map { Self.lanczos((Double($0) - centre + 0.5) / scale) }
      let sum = weights.reduce(0, +)
      return (start, weights.map { $0 / sum })
    }
  }

  private static func lanczos(_ x: Double) -> Double {
    func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }
    return abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0
  }

  func apply(_ picture: [UInt8]) -> [UInt8] {
    let narrow = shrunk(picture, lines: from, along: 1, between: from)
    return shrunk(narrow, lines: to, along: to, between: 1)
  }

  /// Shrinks lines: horizontally to rows, or vertically, where a line is a column.
  private func shrunk(_ values: [UInt8], lines: Int, along: Int, between: Int) -> [UInt8] {
    let isRow = along == 1
    var result = [UInt8](repeating: 0, count: lines * to)
    for line in 0..<lines {
      let first = line * between
      let isBlank = !(0..<from).contains { values[first + $0 * along] != 0 }
      // Most lines of a picture with two markers are black.
      if isBlank { continue }
      for (pixel, kernel) in kernels.enumerated() {
        var sum = 0.5
        for (offset, weight) in kernel.weights.enumerated() {
          sum += weight * Double(values[first + (kernel.start + offset) * along])
        }
        result[isRow ? line * to + pixel : pixel * to + line] =
          UInt8(min(255, max(0, sum.rounded(.down))))
      }
    }
    return result
  }
}
