public import Foundation

/// The formats of reports.
public enum ReportFormat: String, CaseIterable, Sendable {
  /// For a terminal.
  case text
  /// Format 1, which the kit reads back.
  case json
  /// For a pull request.
  case markdown
  /// For a CI server.
  case junit
  /// A self-contained page without scripts.
  case html
}

extension Report {
  /// The report in this format.
  ///
  /// - `today`: the day that expiry days of known failures are compared with.
  /// - `width`: the columns of the terminal, for text only.
  /// - `colors`: whether to use colours, for text only.
  public func written(
    as format: ReportFormat, today: CalendarDay = CalendarDay(Date()), width: Int = 100,
    colors: Bool = false
  ) -> String {
    switch format {
    case .text: TextReport(today: today, width: width, colors: colors).text(of: self)
    case .json: json
    case .markdown: MarkdownReport(today: today).text(of: self)
    case .junit: JUnitReport().text(of: self)
    case .html: HTMLReport(today: today).text(of: self)
    }
  }
}
