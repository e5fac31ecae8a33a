public import Foundation

/// The forms in which a report can be written.
public enum ReportFormat: String, CaseIterable, Sendable {
  /// For a terminal.
  case text
  /// Format 1, which the kit reads back.
  case json
  /// For a pull request.
  case markdown
  /// For a continuous integration server.
  case junit
  /// One page that needs neither network nor scripts.
  case html
}

extension Report {
  /// The report in one of its forms.
  ///
  /// - `today`: the day from which terms of known failures are counted.
  /// - `width`: the columns of the terminal, for text only.
  /// - `colors`: whether the terminal shows colours, for text only.
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
