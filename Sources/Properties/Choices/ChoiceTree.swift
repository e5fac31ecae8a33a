/// Choices as the nested spans they were drawn in.
///
/// Replayed as a tree, a span takes its choices from its own node: what is missing there becomes
/// simplest and what is left over is dropped, so that a part can move to a place where generators
/// ask for more or fewer choices, and its neighbours keep theirs.
struct ChoiceTree: Sendable {
  enum Item: Sendable {
    case choice(ChoiceValue)
    case node(ChoiceTree)
  }

  let label: UInt64
  fileprivate(set) var items: [Item] = []

  /// The tree of a recorded sequence.
  ///
  /// - Parameter replacements: which span's contents to take for that of another, by index.
  init(_ choices: [Choice], _ spans: [Span], replacements: [Int: Int] = [:]) {
    self.init(root: choices, Builder(choices, spans, replacements))
  }

  private init(root choices: [Choice], _ builder: Builder) {
    label = 0
    items = builder.items(of: nil)
  }

  fileprivate init(label: UInt64, items: [Item]) {
    self.label = label
    self.items = items
  }
}

/// Puts choices and spans together.
private struct Builder {
  private let choices: [Choice]
  private let spans: [Span]
  private let replacements: [Int: Int]
  private var children: [Int: [Int]] = [:]

  init(_ choices: [Choice], _ spans: [Span], _ replacements: [Int: Int]) {
    self.choices = choices
    self.spans = spans
    self.replacements = replacements
    for (index, span) in spans.enumerated() { children[span.parent, default: []].append(index) }
  }

  func items(of parent: Int?) -> [ChoiceTree.Item] {
    let range = parent.map { spans[$0].range } ?? 0..<choices.count
    var items: [ChoiceTree.Item] = []
    var position = range.lowerBound
    for child in children[parent ?? -1] ?? [] {
      items += choices[position..<spans[child].start].map { .choice($0.value) }
      let source = replacements[child] ?? child
      items.append(
        .node(ChoiceTree(label: spans[child].label, items: self.items(of: source))))
      position = spans[child].end
    }
    return items + choices[position..<range.upperBound].map { .choice($0.value) }
  }
}

/// How far the replay of a tree has come.
struct TreeReplay: Sendable {
  private struct Place: Sendable {
    let tree: ChoiceTree
    var next = 0
  }

  private var places: [Place]

  init(_ tree: ChoiceTree) { places = [Place(tree: tree)] }

  /// The next choice of the current span, if there is one here.
  mutating func take() -> ChoiceValue? {
    let place = places[places.count - 1]
    guard case .choice(let value) = place.tree.items[safe: place.next] else { return nil }
    places[places.count - 1].next += 1
    return value
  }

  mutating func open(_ label: UInt64) {
    let place = places[places.count - 1]
    if case .node(let tree) = place.tree.items[safe: place.next], tree.label == label {
      places[places.count - 1].next += 1
      places.append(Place(tree: tree))
    } else {
      places.append(Place(tree: ChoiceTree(label: label, items: [])))
    }
  }

  mutating func close() { places.removeLast() }
}
