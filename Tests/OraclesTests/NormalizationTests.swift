import Oracles
import Testing

@Suite struct `normalizations, simplices and patches` {
  func normalized(
    _ oracle: Oracle, _ x: [Double], _ options: [String: OracleOption] = [:],
    _ parameters: [String: [Double]]
  ) throws -> Values {
    try oracle.evaluate(
      OracleCall(
        options: options, inputs: ["x": Values(shape: [1, 1, x.count], values: x)],
        parameters: parameters.mapValues { Values(shape: [$0.count], values: $0) }))
  }

  @Test func `normalizations have their tabulated values`() throws {
    let plain = ["weight": [1.0, 1, 1, 1], "bias": [0, 0, 0, 0]]
    let x = [1.0, 2, 3, 4]
    expectClose(
      try normalized(.layerNorm, x, [:], plain), [-1.341635, -0.447212, 0.447212, 1.341635],
      within: 1e-6)
    let scales = ["weight": plain["weight"] ?? []]
    expectClose(
      try normalized(.rmsNorm, x, [:], scales), [0.365148, 0.730297, 1.095445, 1.460593],
      within: 1e-6)
    // The root of 1e-8 + 1e-8, where narrow types have no squares.
    expectClose(
      try normalized(.rmsNorm, [1e-4, -1e-4], ["eps": 1e-8], ["weight": [1, 1]]),
      [0.707106781186548, -0.707106781186548])
    expectClose(
      try normalized(.layerNorm, [0, 2], ["eps": 3], ["weight": [2, 4], "bias": [10, 20]]), [9, 22])
    expectClose(try normalized(.identity, x, [:], [:]), x)
    #expect(throws: OracleError.self) { try normalized(.layerNorm, x, [:], scales) }
    #expect(throws: OracleError.self) { try normalized(.rmsNorm, [1, 2], [:], scales) }
  }

  @Test func `a simplicial embedding is a softmax of each group`() throws {
    let call = OracleCall(
      options: ["L": 2], inputs: ["x": Values(shape: [1, 1, 4], values: [0, 3, 5, 5])])
    var sharp = call
    sharp.options["temperature"] = .number(3 / 1.0986122886681098)
    expectClose(try Oracle.simplicial.evaluate(sharp), [0.25, 0.75, 0.5, 0.5])
    var uneven = call
    uneven.options["L"] = 3
    #expect(throws: OracleError.self) { try Oracle.simplicial.evaluate(uneven) }
  }

  @Test func `a patch embedding sums over patches, row by row`() throws {
    var call = OracleCall(
      options: ["stride": 2, "padding": 0],
      inputs: ["x": Values(shape: [1, 1, 3, 5], values: (0..<15).map(Double.init))],
      parameters: [
        "weight": Values(shape: [1, 1, 2, 2], values: [1, 10, 100, 1000]),
        "bias": Values(shape: [1], values: [0.5]),
      ])
    expectClose(
      try Oracle.patchConvolution.evaluate(call),
      Values(shape: [1, 2, 1], values: [6510.5, 8732.5]))
    call.options["padding"] = 1
    // The first patch has only its last cell inside the image.
    #expect(try Oracle.patchConvolution.evaluate(call).values.prefix(2) == [0.5, 2100.5])
    call.inputs["x"] = Values(shape: [1, 5, 1], values: [0, 0, 0, 0, 0])
    #expect(throws: OracleError.self) { try Oracle.patchConvolution.evaluate(call) }
  }
}
