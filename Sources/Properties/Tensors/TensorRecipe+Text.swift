extension TensorRecipe: LosslessStringConvertible {
  /// The recipe as text that rebuilds it, such as `zeros(2, 3, 4) with [0,2,1] = 1`.
  public var description: String {
    var arguments = shape.map(String.init)
    switch fill {
    case .constant(let value): arguments.append("value: \(Self.text(value))")
    case .mask(let pattern, let rows):
      switch pattern {
      case .random(let probability): arguments.append("random: \(probability)")
      default: arguments.append(pattern.name)
      }
      if rows != .any { arguments.append(rows.rawValue) }
    default: break
    }
    if element != fill.usualElement { arguments.append(element.rawValue) }
    if fill.isSeeded { arguments.append("seed: \(seed)") }
    let base = "\(fill.name)(\(arguments.joined(separator: ", ")))"
    if overrides.isEmpty { return base }
    let entries = overrides.map {
      "[\($0.index.map(String.init).joined(separator: ","))] = \(Self.text($0.value))"
    }
    return base + " with " + entries.joined(separator: ", ")
  }

  /// Reads what ``description`` wrote; nil for anything else.
  public init?(_ description: String) {
    let halves = description.split(separator: ") with ", maxSplits: 1).map(String.init)
    guard let head = halves.first, let open = head.firstIndex(of: "(") else { return nil }
    var body = head[head.index(after: open)...]
    if halves.count == 1 {
      guard body.last == ")" else { return nil }
      body = body.dropLast()
    }
    let arguments = body.split(separator: ",").map { $0.drop { $0 == " " } }
    var reading = Arguments()
    for argument in arguments where !reading.read(argument) { return nil }
    guard let fill = reading.fill(named: String(head[..<open])) else { return nil }
    var overrides: [Override] = []
    if halves.count == 2 {
      for entry in halves[1].split(separator: "[") {
        guard let override = Self.override(entry) else { return nil }
        overrides.append(override)
      }
    }
    let element = reading.element ?? fill.usualElement
    let recipe = try? Self(
      shape: reading.shape, element: element, fill: fill, seed: reading.seed, overrides: overrides)
    guard let recipe else { return nil }
    self = recipe
  }

  private static func override(_ text: Substring) -> Override? {
    guard let close = text.firstIndex(of: "]") else { return nil }
    let numbers = text[..<close].split(separator: ",")
    let index = numbers.compactMap { Int($0) }
    let rest = text[text.index(after: close)...]
    guard index.count == numbers.count, rest.hasPrefix(" = ") else { return nil }
    let digits = rest.dropFirst(3).prefix { $0 != "," && $0 != " " }
    return Double(digits).map { Override(index, $0) }
  }

  /// A number without a needless `.0`.
  private static func text(_ value: Double) -> String {
    let text = String(value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension Fill {
  /// The kind of element that is not printed.
  fileprivate var usualElement: ElementKind {
    if case .mask = self { .boolean } else { .f64 }
  }
}

/// The arguments between the parentheses of a printed recipe.
private struct Arguments {
  var shape: [Int] = []
  var element: ElementKind?
  var seed: UInt64 = 0
  private var value: Double?
  private var pattern: MaskPattern?
  private var rows = MaskRows.any

  /// Reads one argument; false if it is invalid.
  mutating func read(_ text: Substring) -> Bool {
    let patterns: [MaskPattern] = [.allTrue, .oneFalse, .oneTrue, .firstColumn, .prefix]
    if let extent = Int(text) {
      shape.append(extent)
    } else if text.hasPrefix("seed: "), let seed = UInt64(text.dropFirst(6)) {
      self.seed = seed
    } else if text.hasPrefix("value: "), let value = Double(text.dropFirst(7)) {
      self.value = value
    } else if text.hasPrefix("random: "), let probability = Double(text.dropFirst(8)) {
      pattern = .random(probability)
    } else if let kind = ElementKind(rawValue: String(text)) {
      element = kind
    } else if let rows = MaskRows(rawValue: String(text)) {
      self.rows = rows
    } else if let pattern = patterns.first(where: { $0.name == text }) {
      self.pattern = pattern
    } else {
      return false
    }
    return true
  }

  func fill(named name: String) -> Fill? {
    switch name {
    case "constant": value.map { .constant($0) }
    case "mask": pattern.map { .mask($0, rows) }
    default: Fill.plain.first { $0.name == name }
    }
  }
}
