internal import JSON
internal import Torch

extension NaiveForm {
  /// W_o act(near(W_i x + b_i)) + b_o on a grid of cells.
  static let convMLP = NaiveForm("conv_mlp") { call in
    let grid = try TokenCells(call.input("inputs"))
    let seen = try TokenCells.convolved(grid.mixed(grid.cells, "input", call), "near", call)
    let active = try activated(seen, call.options["activation"]?.string)
    return try grid.tokens(grid.mixed(active, "output", call))
  }
}
