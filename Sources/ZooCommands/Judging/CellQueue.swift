internal import Conformance
internal import Reporting
internal import Synchronization

/// Deals cells out to several judges. Each stays with one part while it can, because a process works
/// out only once what it needs to know about a part.
final class CellQueue: Sendable {
  private struct Group {
    /// In reverse order.
    var cells: [Cell]
    var judges = 0
  }

  private let groups: Mutex<[String: Group]>

  /// Groups cells by their parts.
  init(_ cells: [Cell]) {
    var groups: [String: Group] = [:]
    for cell in cells.reversed() {
      groups[cell.suite, default: Group(cells: [])].cells.append(cell)
    }
    self.groups = Mutex(groups)
  }

  /// The next cell for a judge; nil when all are dealt out.
  ///
  /// - Parameter suite: the part that this judge is working on; changed when that is done.
  func next(_ suite: inout String?) -> Cell? {
    groups.withLock { groups in
      if let current = suite {
        if let cell = groups[current]?.cells.popLast() { return cell }
        groups[current] = nil
        suite = nil
      }
      let best = groups.filter { !$0.value.cells.isEmpty }.min { first, second in
        (first.value.judges, -first.value.cells.count, first.key)
          < (second.value.judges, -second.value.cells.count, second.key)
      }
      guard let name = best?.key else { return nil }
      suite = name
      groups[name]?.judges += 1
      return groups[name]?.cells.popLast()
    }
  }
}
