extension Oracle {
  /// y = x.
  ///
  /// - Inputs: `x`.
  public static let identity = Oracle(
    name: "identity", file: "Sources/Oracles/Identity.swift", exactArithmetic: true
  ) { call in
    try call.allowOnly(options: ["name", "dim_model"], inputs: ["x"])
    return try call.input("x")
  }
}
