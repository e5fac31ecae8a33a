internal import ArgumentParser
internal import Benchmarking
internal import Catalogue
internal import Charts
internal import Reporting
internal import Support

/// The formats of a benchmark.
enum BenchFormat: String, CaseIterable, ExpressibleByArgument {
  case text, markdown, csv, jsonl, html
}

extension BenchResults {
  private var title: String {
    header.settings.kind == .attention ? "What each attention costs" : "What each feedforward costs"
  }

  /// The results in a format.
  ///
  /// - Parameter pictures: the addresses of the charts, for Markdown.
  func written(as format: BenchFormat, pictures: [String]) throws -> String {
    switch format {
    case .jsonl: try jsonLines
    case .csv: csv
    case .text:
      (header.lines.map { "\($0.name): \($0.value)" } + ["", table.text, "", summary.text]
        + (errorNotes.isEmpty ? [] : [""] + errorNotes) + ["", Self.legend(self)])
        .joined(separator: "\n")
    case .markdown:
      (["# \(title)", "", "Measured by `zoo bench \(header.settings.kind.rawValue)`.", ""]
        + header.lines.map { "- \($0.name): \($0.value)" } + [""]
        + pictures.flatMap { ["![\($0)](\($0))", ""] } + [summary.markdown, ""]
        + errorNotes.flatMap { [$0, ""] } + [Self.legend(self), "", table.markdown])
        .joined(separator: "\n")
    case .html:
      htmlPage(
        title,
        body: (["<h1>\(title)</h1>", "<ul>"]
          + header.lines.map { "<li>\(markupEscaped("\($0.name): \($0.value)"))</li>" } + ["</ul>"]
          + ["<div class=\"charts\">"] + charts.map(\.svg) + ["</div>", summary.html]
          + errorNotes.map { "<p>\(markupEscaped($0))</p>" }
          + ["<p>\(markupEscaped(Self.legend(self)))</p>", table.html])
          .joined(separator: "\n"))
    }
  }

  private var csv: String {
    var table = Table([
      "part", "level", "length", "pass", "median_ms", "iqr_ms", "runs", "times_baseline", "peak_mb",
      "error", "limit_ms", "times_limit", "skipped",
    ])
    table.rows = rows.map { row in
      let own = row.measured
      let numbers = [
        own?.medianMs, own?.iqrMs, own.map { Double($0.runs) }, row.timesBaseline, own?.peakMb,
        own?.error, own?.limitMs, own?.timesLimit,
      ]
      return [row.key.part, row.key.level.rawValue, "\(row.key.length)", row.key.pass.rawValue]
        + numbers.map { $0.map { "\($0)" } ?? "" } + [row.skipped ?? ""]
    }
    return table.csv
  }

  /// A chart and its name.
  struct NamedChart {
    let name: String
    let svg: String
  }

  /// Time, memory and error of the first level that was measured, each part in a panel of its own.
  var charts: [NamedChart] {
    guard let level = rows.first?.key.level else { return [] }
    let baseline = header.settings.baseline
    let name = header.settings.kind == .attention ? "exact" : baseline
    var charts = [
      chart("time", "Time in ms against S", level) { part in
        [
          curve("\(name), with backward", .quiet, level, baseline, .both) { $0.medianMs },
          curve("forward", .second, isDashed: true, level, part, .forward) { $0.medianMs },
          curve("with backward", .first, level, part, .both) { $0.medianMs },
        ]
      } note: {
        $0.time[.both] ?? $0.time[.forward]
      },
      chart("memory", "Peak memory in MB against S, with backward", level) { part in
        [
          curve(name, .quiet, level, baseline, .both) { $0.peakMb },
          curve("part", .first, level, part, .both) { $0.peakMb },
        ]
      } note: {
        $0.memory
      },
    ]
    if header.settings.kind == .attention, level == .core {
      charts.append(
        chart("error", "Error against exact attention, by S", level) { part in
          part == baseline
            ? [] : [curve("part", .first, level, part, .forward) { $0.error }]
        } note: { _ in
          nil
        })
    }
    return charts
  }

  private func curve(
    _ name: String, _ color: Chart.Color, isDashed: Bool = false, _ level: BenchCase.Level,
    _ part: String, _ pass: BenchCase.Pass, _ value: (BenchFigures) -> Double?
  ) -> Chart.Curve {
    let points = rows.filter {
      $0.key.part == part && $0.key.level == level && $0.key.pass == pass
    }.compactMap { row in
      row.measured.flatMap(value).map { (x: Double(row.key.length), y: $0) }
    }
    return Chart.Curve(name, color, isDashed: isDashed, points.sorted { $0.x < $1.x })
  }

  private func chart(
    _ name: String, _ title: String, _ level: BenchCase.Level, _ curves: (String) -> [Chart.Curve],
    note: (BenchSummary) -> Double?
  ) -> NamedChart {
    let summaries = BenchSummary.all(self).filter { $0.level == level }
    let panels = summaries.map { summary in
      Chart.Panel(
        summary.part,
        note: note(summary).map(Self.power) ?? "",
        curves(summary.part).filter { !$0.points.isEmpty })
    }.filter { panel in
      panel.curves.contains { $0.color != .quiet || panel.title == header.settings.baseline }
    }
    var chart = Chart(title, panels)
    (chart.columns, chart.size) = (2, (width: 180, height: 124))
    let points = panels.flatMap(\.curves).flatMap(\.points)
    let lengths = Set(points.map(\.x)).sorted()
    chart.x = Chart.Axis(isLogarithmic: true, range: lengths, ticks: lengths)
    chart.y = Chart.Axis(isLogarithmic: true, range: points.map(\.y))
    return NamedChart(name: "\(header.settings.kind.rawValue)-\(name).svg", svg: chart.svg)
  }
}
