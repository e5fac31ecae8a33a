public import Properties
public import Torch

/// Which rows of an output have moved (T1), which means that they depend on what was changed.
///
/// A row runs along the last axis. It has moved when an element differs by more than
/// 1e-9·max(1, ‖before‖∞), or is not finite where it was.
///
/// - Returns: one truth value a row, row-major over the other axes.
public func movedRows(_ after: Tensor, _ before: Tensor) throws -> [Bool] {
  guard after.shape == before.shape, after.rank > 0, after.count > 0 else {
    throw KitError("rows of the shapes \(after.shape) and \(before.shape) cannot be compared")
  }
  let (a, b) = (try after.detached().doubles(), try before.detached().doubles())
  let norm = b.reduce(0) { max($0, abs($1)) }
  let width = after.size(-1)
  return stride(from: 0, to: a.count, by: width).map { start in
    (start..<start + width).contains { !(abs(a[$0] - b[$0]) <= 1e-9 * max(1, norm)) }
  }
}

extension Trial {
  /// Asserts that exactly the expected rows of an output have moved.
  ///
  /// - `moved`: what was observed and what was expected, one truth value a row.
  @discardableResult
  public mutating func dependence(
    _ moved: [Bool], equals expected: [Bool], label: String, row: (Int) -> String
  ) -> Bool {
    compared(moved.count)
    let wrong = moved.indices.first { moved[$0] != expected[$0] }
    return expect(
      wrong == nil, label: label,
      wrong.map { "\(label): \(row($0)) \(moved[$0] ? "moved" : "did not move")" } ?? "")
  }
}
