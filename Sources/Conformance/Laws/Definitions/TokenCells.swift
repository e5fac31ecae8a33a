internal import Torch

/// Tokens as the cells of a square grid, row by row.
struct TokenCells {
  /// The cells, `[B, E, √L, √L]`.
  let cells: Tensor

  /// Lays tokens `[B, L, E]` out.
  init(_ tokens: Tensor) throws {
    let side = Int(Double(tokens.size(1)).squareRoot().rounded())
    cells = try tokens.transposed(1, 2).reshaped([tokens.size(0), tokens.size(2), side, side])
  }

  /// The number of rows.
  var side: Int { cells.size(2) }

  /// Cells of the same grid as tokens.
  func tokens(_ cells: Tensor) throws -> Tensor {
    try cells.reshaped([cells.size(0), cells.size(1), side * side]).transposed(1, 2)
  }

  /// The content of cells moved down by some rows and to the right by some columns, zeros behind it.
  static func moved(_ cells: Tensor, _ rows: Int, _ columns: Int) throws -> Tensor {
    let (height, width) = (cells.size(2), cells.size(3))
    guard abs(rows) < height, abs(columns) < width else { return try cells * 0 }
    let (top, left) = (max(rows, 0), max(columns, 0))
    let (bottom, right) = (max(-rows, 0), max(-columns, 0))
    return try cells.slice(2, bottom..<height - top).slice(3, right..<width - left)
      .padded([left, right, top, bottom])
  }
}
