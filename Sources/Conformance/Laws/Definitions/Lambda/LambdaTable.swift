internal import Parts
internal import Properties
internal import Torch

extension Need {
  /// The part is defined as a lambda layer.
  static let lambda = Need.definition("lambda")
}

/// The table of relative positions of a lambda layer, and the layer with another one.
struct LambdaTable {
  /// The layer under judgement; its table changes.
  let part: any PartModule
  /// The table as it was drawn, `[2·L − 1, D]`.
  let drawn: Tensor
  private let key: String

  init(_ setting: Setting) throws {
    part = try setting.part()
    key = try setting.key(of: "rel_pos_emb")
    drawn = try part.stateDict.tensor(key).detached().clone()
  }

  /// The row of a token's position relative to itself, L − 1.
  var middle: Int { drawn.size(0) / 2 }

  /// What the layer gives with another table.
  func run(_ table: Tensor, _ inputs: [String: Tensor]) throws -> Tensor {
    try part.load([key: table], strict: false)
    let output = try part.run(inputs)
    try part.load([key: drawn], strict: false)
    return output
  }

  /// The drawn table with a number added to the rows from `first` to one before `end`.
  func adding(_ number: Double, _ rows: Range<Int>) throws -> Tensor {
    let steps = (0..<drawn.size(0)).map { rows.contains($0) ? number : 0 }
    return try drawn + Tensor(steps, shape: [drawn.size(0), 1]).to(drawn.dtype)
  }
}
