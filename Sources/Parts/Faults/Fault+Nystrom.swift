extension Fault {
  @inline(__always) static var paddingIgnored: Fault { Fault("paddingIgnored") }
  @inline(__always) static var paddingInverted: Fault { Fault("paddingInverted") }
  @inline(__always) static var paddingBatchZero: Fault { Fault("paddingBatchZero") }
  @inline(__always) static var nystromPaddingAveraged: Fault { Fault("nystromPaddingAveraged") }
  @inline(__always) static var nystromEmptyLandmarkRow: Fault { Fault("nystromEmptyLandmarkRow") }
  @inline(__always) static var nystromEmptyLandmarkColumn: Fault {
    Fault("nystromEmptyLandmarkColumn")
  }
  @inline(__always) static var nystromInverseTransposed: Fault {
    Fault("nystromInverseTransposed")
  }
  @inline(__always) static var nystromLongSegmentsFirst: Fault { Fault("nystromLongSegmentsFirst") }
  @inline(__always) static var nystromSkipUnmasked: Fault { Fault("nystromSkipUnmasked") }
  @inline(__always) static var pinvRowNorm: Fault { Fault("pinvRowNorm") }
  @inline(__always) static var pinvCoefficient: Fault { Fault("pinvCoefficient") }
  @inline(__always) static var pinvBatchNorm: Fault { Fault("pinvBatchNorm") }
  @inline(__always) static var pinvStepMissing: Fault { Fault("pinvStepMissing") }
}

#if FAULTS
  extension FaultTable {
    static let nystrom: [Row] = [
      Row(
        "paddingIgnored", "attention nystrom", "key padding lost on the exact path",
        killers: ["A05", "NYS1"]),
      Row(
        "paddingInverted", "attention nystrom", "key padding with the other polarity",
        killers: ["A05", "U02"]),
      Row(
        "paddingBatchZero", "attention nystrom", "the first item's padding for all items",
        killers: ["U09", "A05"]),
      Row(
        "nystromPaddingAveraged", "attention nystrom", "padding counted in the means of landmarks",
        killers: ["NYS5"]),
      Row(
        "nystromEmptyLandmarkRow", "attention nystrom", "a landmark of padding keeps its row",
        killers: ["NYS8", "NYS5"]),
      Row(
        "nystromEmptyLandmarkColumn", "attention nystrom", "a landmark of padding keeps its column",
        killers: ["NYS8", "NYS5"]),
      Row(
        "nystromInverseTransposed", "attention nystrom", "the inverse of the transposed kernel",
        killers: ["NYS6", "NYS2", "NYS3", "NYS4", "U02"]),
      Row(
        "nystromLongSegmentsFirst", "attention nystrom", "longer segments first",
        killers: ["NYS5", "U02"]),
      Row(
        "nystromSkipUnmasked", "attention nystrom", "a convolution that sees padded values",
        killers: ["NYS7", "A05"]),
      Row(
        "pinvRowNorm", "attention nystrom", "an iteration that starts from the row norm",
        killers: ["NYS3", "NYS4"]),
      Row(
        "pinvCoefficient", "attention nystrom", "12 instead of 13 in the iteration",
        killers: ["NYS3", "NYS4"]),
      Row(
        "pinvBatchNorm", "attention nystrom", "an iteration that starts from the batch's norm",
        killers: ["NYS3", "U02", "U09"]),
      Row(
        "pinvStepMissing", "attention nystrom", "one iteration too few",
        killers: ["NYS3", "NYS4", "U02"]),
    ]
  }
#endif
