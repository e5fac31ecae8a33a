internal import Charts
internal import JSON
internal import Support

/// The curves of a training as a picture: losses above, accuracies below, against steps.
struct TrainingChart {
  private typealias Point = (x: Double, y: Double)

  private var curves: [String: [Point]] = [:]
  /// More points than a curve has pixels would only cover each other.
  private static let mostPoints = 300

  /// Reads the log of a training.
  init(log path: String) throws {
    for line in try readFile(path).split(separator: UInt8(ascii: "\n")) {
      let entry: JSON
      do { entry = try JSON(parsing: Array(line)) } catch { throw ArenaError("\(path): \(error)") }
      guard let step = entry["step"]?.double else { continue }
      for (key, value) in entry.object ?? [:] {
        if let value = value.double { curves[key, default: []].append((step, value)) }
      }
    }
  }

  /// Writes the picture.
  func write(to path: String) throws { try writeFile(path, svg) }

  private var svg: String {
    let steps = curves.values.flatMap { $0 }.map(\.x)
    var chart = Chart(
      "Loss and accuracy of a training",
      [
        panel("loss", train: "train_loss", dev: "val_loss_mean"),
        panel("accuracy", train: "train_accu", dev: "val_accu_mean"),
      ])
    chart.x = Chart.Axis(range: steps + [0])
    return chart.svg
  }

  private func panel(_ title: String, train: String, dev: String) -> Chart.Panel {
    Chart.Panel(
      title,
      [
        Chart.Curve("train", .first, smoothed(curves[train] ?? [])),
        Chart.Curve("dev", .second, curves[dev] ?? []),
      ])
  }

  /// Means of neighbouring points.
  private func smoothed(_ points: [Point]) -> [Point] {
    shares(of: points.count, Self.mostPoints).map { range in
      let count = Double(range.count)
      return points[range].reduce(into: Point(0, 0)) { mean, point in
        mean.x += point.x / count
        mean.y += point.y / count
      }
    }
  }
}
