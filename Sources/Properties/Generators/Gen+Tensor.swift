extension Gen where Value == TensorRecipe {
  /// Recipes of tensors of a shape.
  public static func tensor(
    _ shape: [Int], dtype: ElementKind = .f64, fills: FillSet = .standard
  ) -> Self {
    Gen("tensor") { source throws(Rejected) in
      try source.tensor(shape, element: dtype, fills: fills)
    }
  }

  /// Recipes of masks of a shape: 1 where a query may attend, 0 elsewhere.
  public static func mask(
    _ shape: [Int], fills: FillSet = .masksWithEmptyRows
  ) -> Self {
    Gen("mask") { source throws(Rejected) in
      try source.tensor(shape, element: .boolean, fills: fills)
    }
  }
}
