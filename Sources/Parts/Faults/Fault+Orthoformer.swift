extension Fault {
  @inline(__always) static var orthoformerFirstByItem: Fault { Fault("orthoformerFirstByItem") }
  @inline(__always) static var orthoformerSignedCosine: Fault { Fault("orthoformerSignedCosine") }
  @inline(__always) static var orthoformerCosineSum: Fault { Fault("orthoformerCosineSum") }
  @inline(__always) static var orthoformerUnitLandmarks: Fault { Fault("orthoformerUnitLandmarks") }
  @inline(__always) static var orthoformerEmptyCentroidZero: Fault {
    Fault("orthoformerEmptyCentroidZero")
  }
  @inline(__always) static var orthoformerExactByKeys: Fault { Fault("orthoformerExactByKeys") }
  @inline(__always) static var orthoformerRandomFloor: Fault { Fault("orthoformerRandomFloor") }
  @inline(__always) static var orthoformerGradientOfLandmarks: Fault {
    Fault("orthoformerGradientOfLandmarks")
  }
  @inline(__always) static var orthoformerScaleTwice: Fault { Fault("orthoformerScaleTwice") }
  @inline(__always) static var controlLandmarksReversed: Fault {
    Fault("controlLandmarksReversed")
  }
}

#if FAULTS
  extension FaultTable {
    static let orthoformer: [Row] = [
      Row(
        "orthoformerFirstByItem", "attention orthoformer",
        "another first landmark for each item of a batch", killers: ["ORT4", "U09"]),
      Row(
        "orthoformerSignedCosine", "attention orthoformer",
        "opposite queries that count as far from each other", killers: ["ORT4"]),
      Row(
        "orthoformerCosineSum", "attention orthoformer",
        "the smallest sum of cosines instead of the smallest largest one", killers: ["ORT4"]),
      Row(
        "orthoformerUnitLandmarks", "attention orthoformer", "landmarks of length 1",
        killers: ["ORT3", "ORT4"]),
      Row(
        "orthoformerEmptyCentroidZero", "attention orthoformer",
        "a centroid without queries that becomes 0", killers: ["ORT5"]),
      Row(
        "orthoformerExactByKeys", "attention orthoformer",
        "exact attention only from as many landmarks as keys on", killers: ["ORT1", "U02"]),
      Row(
        "orthoformerRandomFloor", "attention orthoformer",
        "an odd number of random landmarks that is rounded down", killers: ["ORT2"]),
      Row(
        "orthoformerGradientOfLandmarks", "attention orthoformer",
        "a gradient that flows through the landmarks", killers: ["ORT2", "U10"]),
      Row(
        "orthoformerScaleTwice", "attention orthoformer", "queries scaled twice",
        killers: ["ORT2", "ORT3", "U02"]),
      Row(
        "controlLandmarksReversed", "attention orthoformer", "landmarks listed in reverse",
        killers: [], isControl: true),
    ]
  }
#endif
