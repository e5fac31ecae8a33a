internal import Foundation
internal import Torch

extension NaiveForm {
  /// Re(F_S x F_E) with the matrices of two discrete Fourier transforms.
  static let fourierMix = NaiveForm("fourier_mix") { call in
    let x = try call.input("q")
    func matrix(_ size: Int, _ wave: (Double) -> Double) throws -> Tensor {
      let values = (0..<size * size).map { index in
        wave(2 * .pi * Double(index / size * (index % size) % size) / Double(size))
      }
      return try Tensor(values, shape: [size, size], dtype: x.dtype)
    }
    let (tokens, channels) = (x.size(1), x.size(2))
    let even = try matrix(tokens, cos).matmul(x).matmul(matrix(channels, cos))
    let odd = try matrix(tokens, sin).matmul(x).matmul(matrix(channels, sin))
    return try even - odd
  }

  /// The sum of the cells of a window over their number, less the token.
  static let pooling = NaiveForm("pooling") { call in
    let x = try call.input("q")
    let half = call.integer("pool_size", default: 3) / 2
    let grid = try TokenCells(x)
    let reach = min(half, grid.side - 1)
    let cells = try Tensor.ones([1, 1, grid.side, grid.side], x.dtype)
    var (sum, count): (Tensor?, Tensor?) = (nil, nil)
    for row in -reach...reach {
      for column in -reach...reach {
        let cell = try TokenCells.moved(grid.cells, row, column)
        let isThere = try TokenCells.moved(cells, row, column)
        sum = try sum.map { try $0 + cell } ?? cell
        count = try count.map { try $0 + isThere } ?? isThere
      }
    }
    return try grid.tokens((sum ?? grid.cells) / (count ?? cells)) - x
  }

  /// x + W_o (u ⊙ (W_g wide(near(u)) + b_g)) + b_o, u = GELU(W_i x + b_i).
  static let visual = NaiveForm("visual") { call in
    let x = try call.input("q")
    let grid = try TokenCells(x)
    func mixed(_ cells: Tensor, _ layer: String) throws -> Tensor {
      let weight = try call.parameter("\(layer)_weight")
      let product = try grid.tokens(cells)
        .matmul(weight.reshaped([weight.size(0), weight.size(1)]).transposed())
      let tokens = try product + call.parameter("\(layer)_bias")
      return try tokens.transposed(1, 2).reshaped(cells.shape)
    }
    func convolved(_ cells: Tensor, _ layer: String, apart: Int) throws -> Tensor {
      let weight = try call.parameter("\(layer)_weight")
      let taps = weight.size(-1)
      var sum = try call.parameter("\(layer)_bias").reshaped([1, -1, 1, 1]).expanded(cells.shape)
      for row in 0..<taps {
        for column in 0..<taps {
          let tap = try weight.index(-1, column).index(-1, row).reshaped([1, -1, 1, 1])
          sum =
            try sum
            + TokenCells.moved(
              cells, (taps / 2 - row) * apart, (taps / 2 - column) * apart) * tap
        }
      }
      return sum
    }
    let first = try mixed(grid.cells, "input")
    let u = try first * 0.5 * ((first * 0.5.squareRoot()).erf() + 1)
    let seen = try convolved(convolved(u, "near", apart: 1), "wide", apart: 3)
    return try x + grid.tokens(mixed(u * mixed(seen, "gate"), "output"))
  }
}

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
