internal import Torch

extension Tensor {
  /// Tokens `[B, L, E]` as cells of a square grid, `[B, E, √L, √L]`; token i is the cell in row
  /// i / √L and column i mod √L.
  func tokenGrid() throws(TorchError) -> Tensor {
    let side = Int(Double(size(1)).squareRoot().rounded())
    return try transposed(1, 2).reshaped([size(0), size(2), side, side])
  }

  /// Cells `[B, E, Y, X]` as tokens `[B, Y·X, E]`.
  func gridTokens() throws(TorchError) -> Tensor {
    try reshaped([size(0), size(1), size(2) * size(3)]).transposed(1, 2)
  }
}
