internal import Foundation
internal import JSON
internal import Support

/// The curves of a training as a picture: losses above, accuracies below, against steps.
struct TrainingChart {
  private var curves: [String: [Point]] = [:]

  private struct Point {
    var step: Double
    var value: Double
  }

  /// Reads the log of a training.
  init(log path: String) throws {
    for line in try readFile(path).split(separator: UInt8(ascii: "\n")) {
      let entry: JSON
      do { entry = try JSON(parsing: Array(line)) } catch { throw ArenaError("\(path): \(error)") }
      guard let step = entry["step"]?.double else { continue }
      for (key, value) in entry.object ?? [:] {
        if let value = value.double {
          curves[key, default: []].append(Point(step: step, value: value))
        }
      }
    }
  }

  /// Writes the picture.
  func write(to path: String) throws { try writeFile(path, svg) }

  private static let width = 720.0
  private static let height = 240.0
  private static let margin = (left: 56.0, right: 16.0, top: 34.0, bottom: 28.0)
  /// More points than a curve has pixels would only cover each other.
  private static let mostPoints = 300

  var svg: String {
    let total = 2 * Self.height
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.width) \(total)" \
      width="\(Self.width)" height="\(total)" role="img" font-family="sans-serif" font-size="12">
      <title>Loss and accuracy of a training</title>
      <style>
      .back { fill: #fff } .text { fill: #222 } .grid { stroke: #ccc } .curve { fill: none; \
      stroke-width: 1.5 }
      .train { stroke: #1f6fb4 } .train-key { fill: #1f6fb4 } .dev { stroke: #c2410c } \
      .dev-key { fill: #c2410c }
      @media (prefers-color-scheme: dark) {
      .back { fill: #16181d } .text { fill: #e6e6e6 } .grid { stroke: #444 }
      .train { stroke: #6cb6ff } .train-key { fill: #6cb6ff } .dev { stroke: #ff9d5c } \
      .dev-key { fill: #ff9d5c }
      }
      </style>
      <rect class="back" width="100%" height="100%"/>
      \(panel("loss", train: "train_loss", dev: "val_loss_mean", top: 0))
      \(panel("accuracy", train: "train_accu", dev: "val_accu_mean", top: Self.height))
      </svg>

      """
  }

  private func panel(_ title: String, train: String, dev: String, top: Double) -> String {
    let lines = [("train", smoothed(curves[train] ?? [])), ("dev", curves[dev] ?? [])]
    let points = lines.flatMap(\.1)
    let steps = Scale(points.map(\.step) + [0], 0, Self.width, Self.margin.left, Self.margin.right)
    // Rising values go up.
    let values = Scale(
      points.map(\.value), top + Self.height, top, -Self.margin.bottom, -Self.margin.top)
    var parts = [text(title, Self.margin.left, top + 20, "start", "text", bold: true)]
    for (index, (name, _)) in lines.enumerated() {
      parts.append(
        text(
          "— \(name)", Self.width - Self.margin.right - 60 * Double(1 - index), top + 20, "end",
          "\(name)-key"))
    }
    for tick in values.ticks {
      let y = short(values(tick))
      parts.append(
        "<line class=\"grid\" x1=\"\(short(Self.margin.left))\" "
          + "x2=\"\(short(Self.width - Self.margin.right))\" y1=\"\(y)\" y2=\"\(y)\"/>")
      parts.append(text(short(tick), Self.margin.left - 6, values(tick) + 4, "end", "text"))
    }
    for tick in steps.ticks {
      parts.append(
        text(
          short(tick), steps(tick), top + Self.height - Self.margin.bottom + 18, "middle", "text")
      )
    }
    for (name, points) in lines where points.count == 1 {
      let (x, y) = (short(steps(points[0].step)), short(values(points[0].value)))
      parts.append("<circle class=\"\(name)-key\" cx=\"\(x)\" cy=\"\(y)\" r=\"3\"/>")
    }
    for (name, points) in lines where points.count > 1 {
      let list = points.map { "\(short(steps($0.step))),\(short(values($0.value)))" }
      parts.append(
        "<polyline class=\"curve \(name)\" points=\"\(list.joined(separator: " "))\"/>")
    }
    return parts.joined(separator: "\n")
  }

  /// Means of neighbouring points.
  private func smoothed(_ points: [Point]) -> [Point] {
    shares(of: points.count, Self.mostPoints).map { range in
      let count = Double(range.count)
      return points[range].reduce(into: Point(step: 0, value: 0)) { mean, point in
        mean.step += point.step / count
        mean.value += point.value / count
      }
    }
  }

  private func text(
    _ content: String, _ x: Double, _ y: Double, _ anchor: String, _ style: String,
    bold: Bool = false
  ) -> String {
    "<text class=\"\(style)\" x=\"\(short(x))\" y=\"\(short(y))\" text-anchor=\"\(anchor)\""
      + "\(bold ? " font-weight=\"bold\"" : "")>\(content)</text>"
  }

  private func short(_ value: Double) -> String { String(format: "%.6g", value) }

  /// A linear map of values to pixels, with round numbers between.
  private struct Scale {
    let low: Double
    let high: Double
    let start: Double
    let end: Double
    let ticks: [Double]

    init(_ values: [Double], _ start: Double, _ end: Double, _ before: Double, _ after: Double) {
      let (least, most) = (values.min() ?? 0, values.max() ?? 1)
      let span = most > least ? most - least : max(abs(most), 1)
      let rough = span / 4
      let power = pow(10, floor(log10(rough)))
      let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? rough
      low = most > least ? least : least - span / 2
      high = most > least ? most : most + span / 2
      (self.start, self.end) = (start + before, end - after)
      let (first, last) = (Int((low / step).rounded(.up)), Int((high / step).rounded(.down)))
      ticks = first <= last ? (first...last).map { Double($0) * step } : []
    }

    func callAsFunction(_ value: Double) -> Double {
      start + (value - low) / (high - low) * (end - start)
    }
  }
}
