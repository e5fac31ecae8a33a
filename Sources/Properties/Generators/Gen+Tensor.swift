extension Gen where Value == TensorRecipe {
  /// Recipes of tensors of a shape.
  public static func tensor(
    _ shape: [Int], dtype: ElementKind = .f64, fills: FillSet = .standard,
    fileID: StaticString = #fileID, line: UInt = #line
  ) -> Self {
    Gen("tensor") { source throws(Rejected) in
      try source.tensor(shape, element: dtype, fills: fills, fileID: fileID, line: line)
    }
  }

  /// Recipes of masks of a shape: 1 where a query may attend, 0 elsewhere.
  public static func mask(
    _ shape: [Int], fills: FillSet = .masksWithEmptyRows, fileID: StaticString = #fileID,
    line: UInt = #line
  ) -> Self {
    Gen("mask") { source throws(Rejected) in
      try Rejected.require(
        fills.isMask, "fills that are masks", got: fills.entries.map(\.fill.name), fileID, line)
      return try source.tensor(shape, element: .boolean, fills: fills, fileID: fileID, line: line)
    }
  }
}
