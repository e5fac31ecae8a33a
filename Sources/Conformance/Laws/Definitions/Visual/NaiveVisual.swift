internal import Torch

extension NaiveForm {
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
    let gated = try call.dropping(u * mixed(seen, "gate"), at: "inside")
    return try x + grid.tokens(mixed(gated, "output"))
  }
}
