/// Panels with curves in one picture, an SVG for light and dark pages.
public struct Chart: Sendable {
  /// The colour of a curve.
  public enum Color: String, Sendable, CaseIterable {
    case first, second, quiet
  }

  /// A curve. Curves with the same name share an entry of the legend.
  public struct Curve: Sendable {
    /// The name in the legend.
    public let name: String
    /// The colour.
    public let color: Color
    /// Whether the line is dashed.
    public let isDashed: Bool
    /// The points, from left to right.
    public let points: [(x: Double, y: Double)]

    /// Makes a curve; one point alone is shown as a dot.
    public init(
      _ name: String, _ color: Color, isDashed: Bool = false, _ points: [(x: Double, y: Double)]
    ) {
      self.name = name
      self.color = color
      self.isDashed = isDashed
      self.points = points
    }
  }

  /// Curves over common axes.
  public struct Panel: Sendable {
    /// The heading.
    public let title: String
    /// What stands opposite to the heading.
    public let note: String
    /// The curves; later ones cover earlier ones.
    public let curves: [Curve]

    /// Makes a panel.
    public init(_ title: String, note: String = "", _ curves: [Curve]) {
      self.title = title
      self.note = note
      self.curves = curves
    }
  }

  /// The numbers along an axis.
  public struct Axis: Sendable {
    /// Whether equal factors have equal lengths; only positive numbers are shown then.
    public let isLogarithmic: Bool
    /// The numbers that the axis must reach, the same in all panels; nil for those of each panel.
    public let range: [Double]?
    /// The numbers to label; nil for round ones.
    public let ticks: [Double]?

    /// Makes an axis.
    public init(isLogarithmic: Bool = false, range: [Double]? = nil, ticks: [Double]? = nil) {
      self.isLogarithmic = isLogarithmic
      self.range = range
      self.ticks = ticks
    }
  }

  /// What the picture shows.
  public let title: String
  /// The panels, row by row.
  public let panels: [Panel]
  /// The panels of a row.
  public var columns = 1
  /// The size of a panel, in pixels.
  public var size = (width: 720.0, height: 240.0)
  /// The horizontal axis.
  public var x = Axis()
  /// The vertical axis.
  public var y = Axis()

  /// Makes a picture of panels below each other.
  public init(_ title: String, _ panels: [Panel]) {
    self.title = title
    self.panels = panels
  }

  private static let header = 46.0
  private static let margin = (left: 46.0, right: 18.0, top: 26.0, bottom: 24.0)

  /// The picture.
  public var svg: String {
    let rows = (panels.count + columns - 1) / columns
    let width = size.width * Double(columns)
    let height = Self.header + size.height * Double(rows)
    let bodies = panels.enumerated().map { index, panel in
      self.body(
        of: panel, left: size.width * Double(index % columns),
        top: Self.header + size.height * Double(index / columns))
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(short(width)) \(short(height))" \
      width="\(short(width))" height="\(short(height))" role="img" font-family="sans-serif" \
      font-size="11">
      <title>\(escaped(title))</title>
      <style>
      .back { fill: #fff } .text { fill: #222 } .faint { fill: #666 } .grid { stroke: #ddd }
      .curve { fill: none; stroke-width: 1.7 } .dashed { stroke-dasharray: 4 3 }
      \(Self.colors("#1f6fb4", "#c2410c", "#8a8a8a"))
      @media (prefers-color-scheme: dark) {
      .back { fill: #16181d } .text { fill: #e6e6e6 } .faint { fill: #a0a0a0 } .grid { stroke: #3a3d44 }
      \(Self.colors("#6cb6ff", "#ff9d5c", "#8f949e"))
      }
      </style>
      <rect class="back" width="100%" height="100%"/>
      \(text(title, 8, 17, "text", bold: true))
      \(legend)
      \(bodies.joined(separator: "\n"))
      </svg>

      """
  }

  private static func colors(_ values: String...) -> String {
    zip(Color.allCases, values).map { color, value in
      ".\(color) { stroke: \(value) } .\(color)-dot { fill: \(value) }"
    }.joined(separator: " ")
  }

  /// Each name once, with a piece of its line.
  private var legend: String {
    var x = 8.0
    var names: Set<String> = []
    var parts: [String] = []
    for curve in panels.flatMap(\.curves) where names.insert(curve.name).inserted {
      parts.append(
        "<path class=\"\(classes(curve))\" d=\"M\(short(x)) 33h15\"/>"
          + text(curve.name, x + 18, 37, "text"))
      x += 18 + 6.6 * Double(curve.name.count) + 8
    }
    return parts.joined(separator: "\n")
  }

  private func body(of panel: Panel, left: Double, top: Double) -> String {
    let points = panel.curves.flatMap(\.points)
    let (right, bottom) = (left + size.width, top + size.height)
    let x = Scale(
      self.x, points.map(\.x), from: left + Self.margin.left, to: right - Self.margin.right)
    // Rising values go up.
    let y = Scale(
      self.y, points.map(\.y), from: bottom - Self.margin.bottom, to: top + Self.margin.top)
    var parts = [
      text(panel.title, left + 8, top + 15, "text", bold: true),
      text(panel.note, right - 4, top + 15, "faint", "end"),
    ]
    for tick in y.ticks {
      let height = short(y(tick))
      parts.append(
        "<path class=\"grid\" d=\"M\(short(x.start)) \(height)H\(short(x.end))\"/>"
          + text(label(tick), x.start - 5, y(tick) + 4, "faint", "end"))
    }
    var free = -Double.infinity
    for tick in x.ticks {
      let half = 3.2 * Double(label(tick).count)
      guard x(tick) - half > free else { continue }
      free = x(tick) + half + 2
      parts.append(
        text(label(tick), x(tick), bottom - Self.margin.bottom + 14, "faint", "middle"))
    }
    parts += panel.curves.map { curve in
      let shown = curve.points.filter { x.shows($0.x) && y.shows($0.y) }
        .map { (short(x($0.x)), short(y($0.y))) }
      guard shown.count == 1 else {
        let list = shown.map { "\($0),\($1)" }.joined(separator: " ")
        return shown.isEmpty ? "" : "<polyline class=\"\(classes(curve))\" points=\"\(list)\"/>"
      }
      return
        "<circle class=\"\(curve.color)-dot\" cx=\"\(shown[0].0)\" cy=\"\(shown[0].1)\" r=\"3\"/>"
    }
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func classes(_ curve: Curve) -> String {
    "curve \(curve.color)" + (curve.isDashed ? " dashed" : "")
  }

  private func text(
    _ content: String, _ x: Double, _ y: Double, _ style: String, _ anchor: String = "start",
    bold: Bool = false
  ) -> String {
    guard !content.isEmpty else { return "" }
    return "<text class=\"\(style)\" x=\"\(short(x))\" y=\"\(short(y))\" text-anchor=\"\(anchor)\""
      + "\(bold ? " font-weight=\"bold\"" : "")>\(escaped(content))</text>"
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
