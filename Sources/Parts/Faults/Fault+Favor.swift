extension Fault {
  @inline(__always) static var favorCumsumAxis: Fault { Fault("favorCumsumAxis") }
  @inline(__always) static var favorTwoMaps: Fault { Fault("favorTwoMaps") }
  @inline(__always) static var favorRegularisedNorm: Fault { Fault("favorRegularisedNorm") }
  @inline(__always) static var favorLengthsFixed: Fault { Fault("favorLengthsFixed") }
  @inline(__always) static var favorBlocksRepeated: Fault { Fault("favorBlocksRepeated") }
  @inline(__always) static var favorOffsetMissing: Fault { Fault("favorOffsetMissing") }
  @inline(__always) static var favorPeakLost: Fault { Fault("favorPeakLost") }
  @inline(__always) static var favorNormalisedByToken: Fault { Fault("favorNormalisedByToken") }
  @inline(__always) static var favorPaddingIgnored: Fault { Fault("favorPaddingIgnored") }
  @inline(__always) static var favorRedrawLate: Fault { Fault("favorRedrawLate") }
  @inline(__always) static var favorRedrawnInEvaluation: Fault {
    Fault("favorRedrawnInEvaluation")
  }
}

#if FAULTS
  extension FaultTable {
    static let favor: [Row] = [
      Row(
        "favorCumsumAxis", "attention favor", "a causal sum over channels",
        killers: ["FAV5", "U02"]),
      Row(
        "favorTwoMaps", "attention favor", "queries and keys with different features",
        killers: ["FAV3", "FAV7", "FAV8", "U02"]),
      Row(
        "favorRegularisedNorm", "attention favor",
        "rows, not feature vectors, orthogonal and scaled to √D", killers: ["FAV6", "FAV1"]),
      Row(
        "favorLengthsFixed", "attention favor", "all feature vectors of length √D",
        killers: ["FAV6", "FAV1"]),
      Row(
        "favorBlocksRepeated", "attention favor", "one block of feature directions repeated",
        killers: ["FAV2", "FAV8"]),
      Row(
        "favorOffsetMissing", "attention favor", "keys without their squared length",
        killers: ["FAV3", "FAV8", "U02"]),
      Row(
        "favorPeakLost", "attention favor",
        "the peaks of features taken off keys and not put back on queries",
        killers: ["FAV3", "U02"]),
      Row(
        "favorNormalisedByToken", "attention favor",
        "inputs normalised by their own length instead of the longest", killers: ["FAV4", "U02"]),
      Row(
        "favorPaddingIgnored", "attention favor", "padded keys that count",
        killers: ["A05", "FAV3", "U02"]),
      Row(
        "favorRedrawLate", "attention favor", "features drawn anew one call late",
        killers: ["FAV7"]),
      Row(
        "favorRedrawnInEvaluation", "attention favor", "features drawn anew in evaluation",
        killers: ["FAV7", "U05"]),
    ]
  }
#endif
