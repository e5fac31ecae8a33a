internal import Torch

/// Tokens as the cells of a square grid, row by row.
struct TokenCells {
  /// The cells, `[B, E, √L, √L]`.
  let cells: Tensor

  /// Arranges tokens `[B, L, E]` on the grid.
  init(_ tokens: Tensor) throws {
    let side = Int(Double(tokens.size(1)).squareRoot().rounded())
    cells = try tokens.transposed(1, 2).reshaped([tokens.size(0), tokens.size(2), side, side])
  }

  /// The number of rows.
  var side: Int { cells.size(2) }

  /// Converts cells of the same grid to tokens.
  func tokens(_ cells: Tensor) throws -> Tensor {
    try cells.reshaped([cells.size(0), cells.size(1), side * side]).transposed(1, 2)
  }

  /// W x + b for the channels of each cell, with the `_weight` and the `_bias` of a layer.
  func mixed(_ cells: Tensor, _ layer: String, _ call: NaiveCall) throws -> Tensor {
    let weight = try call.parameter("\(layer)_weight")
    let product = try tokens(cells)
      .matmul(weight.reshaped([weight.size(0), weight.size(1)]).transposed())
    let tokens = try product + call.parameter("\(layer)_bias")
    return try tokens.transposed(1, 2).reshaped([cells.size(0), weight.size(0), side, side])
  }

  /// Each channel convolved by itself, with taps some cells apart.
  static func convolved(_ cells: Tensor, _ layer: String, apart: Int = 1, _ call: NaiveCall) throws
    -> Tensor
  {
    let weight = try call.parameter("\(layer)_weight")
    let taps = weight.size(-1)
    var sum = try call.parameter("\(layer)_bias").reshaped([1, -1, 1, 1]).expanded(cells.shape)
    for row in 0..<taps {
      for column in 0..<taps {
        let tap = try weight.index(-1, column).index(-1, row).reshaped([1, -1, 1, 1])
        sum =
          try sum + moved(cells, (taps / 2 - row) * apart, (taps / 2 - column) * apart) * tap
      }
    }
    return sum
  }

  /// The content of cells moved down and to the right, with zeros filled in behind.
  static func moved(_ cells: Tensor, _ rows: Int, _ columns: Int) throws -> Tensor {
    let (height, width) = (cells.size(2), cells.size(3))
    guard abs(rows) < height, abs(columns) < width else { return try cells * 0 }
    let (top, left) = (max(rows, 0), max(columns, 0))
    let (bottom, right) = (max(-rows, 0), max(-columns, 0))
    return try cells.slice(2, bottom..<height - top).slice(3, right..<width - left)
      .padded([left, right, top, bottom])
  }
}
