internal import Torch

extension NaiveForm {
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
}
