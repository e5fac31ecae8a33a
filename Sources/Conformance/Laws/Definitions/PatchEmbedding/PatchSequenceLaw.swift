internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension NaiveForm {
  /// The sum over the cells of a patch, each times its own matrix, plus an offset.
  static let patchConvolution = NaiveForm("patch_convolution") { call in
    let (x, weight) = (try call.input("x"), try call.parameter("weight"))
    let cells = try x.rank == 4 ? x : TokenCells(x).cells
    let stride = call.integer("stride", default: 1)
    let padding = call.integer("padding", default: 0)
    let wide = try cells.padded([padding, padding, padding, padding])
    let taps = weight.size(2)
    /// One cell of each patch along an axis, so far from the corner.
    func cell(_ x: Tensor, _ axis: Int, _ offset: Int) throws -> Tensor {
      let places = (x.size(axis) - taps) / stride
      return try x.slice(axis, offset..<offset + places * stride + 1, step: stride)
    }
    var sum: Tensor?
    for row in 0..<taps {
      for column in 0..<taps {
        let patches = try cell(cell(wide, 2, row), 3, column)
        let tokens = try patches.reshaped([x.size(0), cells.size(1), -1]).transposed(1, 2)
        let term = try tokens.matmul(weight.index(2, row).index(2, column).transposed())
        sum = try sum.map { try $0 + term } ?? term
      }
    }
    guard let sum else { throw KitError("the kernel has no cells") }
    return try sum + call.parameter("bias")
  }
}

extension Law {
  /// H08: of an image of any sides, token p is the sum of the entries of patch p times their weights,
  /// plus the offset, patches being counted row by row; a square image gives what its cells give as
  /// tokens; a cell changes exactly the tokens of the patches it lies in; a smaller image is refused.
  static let patchSequence = Law(
    .patchSequence, trials: 16, witness: "patchGridTurned",
    needs: [.definition("patch_convolution")],
    plan: ScenarioPlan(fills: .small) { draft in
      let problem = try PatchProblem(draft.part, seed: draft.scenario.parameterSeed)
      return [
        .tensor("image", problem.shape), .number("cell", below: problem.rows * problem.columns),
      ]
    }
  ) { setting, trial in
    let part = try setting.part()
    let problem = try PatchProblem(part, seed: setting.scenario.parameterSeed)
    let image = try setting.extra("image")
    let name = setting.scenario.inputs[0].name
    let (weight, bias) = (
      try part.stateDict.tensor(setting.key(of: "weight")).detached(),
      try part.stateDict.tensor(setting.key(of: "bias")).detached()
    )
    let padding = problem.padding
    let smallest = try image.slice(2, 0..<problem.least).slice(3, 0..<problem.least)
    for (label, image) in [("an image", image), ("the smallest image", smallest)] {
      let wide = try image.padded([padding, padding, padding, padding])
      let tokens = try problem.corners(in: image).map { row, column in
        let patch = try wide.slice(2, row..<row + problem.taps)
          .slice(3, column..<column + problem.taps).unsqueezed(1)
        return try (patch * weight).sum(2, 3, 4) + bias
      }
      try trial.equal(part.run([name: image]), Tensor.stack(tokens, 1), .exact(), label: label)
    }

    let inputs = try setting.inputs()
    let grid = try TokenCells(inputs.tensor(name)).cells
    try trial.unchanged(
      part.run(inputs), part.run([name: grid]), label: "tokens in place of a square image")

    let place = try setting.number("cell")
    let (row, column) = (place / problem.columns, place % problem.columns)
    var marks = [Double](repeating: 0, count: image.size(0) * problem.rows * problem.columns)
    marks[place] = 100
    let mark = try Tensor(marks, shape: [image.size(0), 1, problem.rows, problem.columns])
    let patches = problem.corners(in: image).map { top, left in
      let (i, j) = (row + padding - top, column + padding - left)
      return (0..<problem.taps).contains(i) && (0..<problem.taps).contains(j)
    }
    // Only the first item changes.
    let others = patches.map { _ in false }
    try trial.dependence(
      movedRows(part.run([name: image + mark]), part.run([name: image])),
      equals: patches + (1..<image.size(0)).flatMap { _ in others }, label: "dependence on a cell"
    ) { "with the cell of row \(row) and column \(column), token \($0)" }

    guard problem.least > 1 else { return }
    for axis in [2, 3] {
      let small = try image.slice(axis, 0..<problem.least - 1)
      trial.refuses(
        WrongCall(
          label: "an image with a side of \(problem.least - 1)", inputs: [name: small],
          mistake: .shape, blamed: [name]), by: part)
    }
  }
}

/// Images for a patch embedding, of different sides.
private struct PatchProblem {
  let (taps, stride, padding): (Int, Int, Int)
  /// The least side into which a patch fits.
  let least: Int
  let (rows, columns): (Int, Int)
  let shape: [Int]

  /// Reads the definition of the part; the seed gives the sides.
  init(_ part: any PartModule, seed: UInt64) throws {
    guard let definition = part.claims.definition, let key = definition.parameters["weight"] else {
      throw KitError("the part claims no definition with a kernel")
    }
    let weight = try part.stateDict.tensor(key)
    (taps, stride) = (weight.size(2), definition.options["stride"]?.int ?? 1)
    padding = definition.options["padding"]?.int ?? 0
    least = max(1, taps - 2 * padding)
    (rows, columns) = (least + Int(seed % 5), least + 1 + Int(seed / 5 % 5))
    shape = [2, weight.size(1), rows, columns]
  }

  /// The corners of the patches in an image with its border.
  func corners(in image: Tensor) -> [(row: Int, column: Int)] {
    func places(_ side: Int) -> [Int] {
      Array(Swift.stride(from: 0, through: side + 2 * padding - taps, by: stride))
    }
    return places(image.size(2)).flatMap { row in places(image.size(3)).map { (row, $0) } }
  }
}
