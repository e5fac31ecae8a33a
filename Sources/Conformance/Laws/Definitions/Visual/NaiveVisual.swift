internal import Torch

extension NaiveForm {
  /// x + W_o (u ⊙ (W_g wide(near(u)) + b_g)) + b_o, u = GELU(W_i x + b_i).
  static let visual = NaiveForm("visual") { call in
    let x = try call.input("q")
    let grid = try TokenCells(x)
    let first = try grid.mixed(grid.cells, "input", call)
    let u = try first * 0.5 * ((first * 0.5.squareRoot()).erf() + 1)
    let seen = try TokenCells.convolved(
      TokenCells.convolved(u, "near", call), "wide", apart: 3, call)
    let gated = try call.dropping(u * grid.mixed(seen, "gate", call), at: "inside")
    return try x + grid.tokens(grid.mixed(gated, "output", call))
  }
}
