extension Fault {
  @inline(__always) static var lambdaSqueeze: Fault { Fault("lambdaSqueeze") }
  @inline(__always) static var lambdaChannelSoftmax: Fault { Fault("lambdaChannelSoftmax") }
  @inline(__always) static var lambdaPositionUnmixed: Fault { Fault("lambdaPositionUnmixed") }
  @inline(__always) static var lambdaPositionsReversed: Fault { Fault("lambdaPositionsReversed") }
  @inline(__always) static var lambdaTableStart: Fault { Fault("lambdaTableStart") }
  @inline(__always) static var lambdaQueryNormalised: Fault { Fault("lambdaQueryNormalised") }
}

#if FAULTS
  extension FaultTable {
    static let lambda: [Row] = [
      Row(
        "lambdaSqueeze", "attention lambda",
        "the position term loses an axis of length 1, so that one token becomes as many as items",
        killers: ["U03", "U02"]),
      Row(
        "lambdaChannelSoftmax", "attention lambda", "keys normalised over channels",
        killers: ["LAM3", "LAM1", "U02"]),
      Row(
        "lambdaPositionUnmixed", "attention lambda",
        "a position term that scales the token's own value", killers: ["LAM1", "U02"]),
      Row(
        "lambdaPositionsReversed", "attention lambda", "relative positions counted backwards",
        killers: ["LAM1", "U02"]),
      Row(
        "lambdaTableStart", "attention lambda", "the first rows of the table for a shorter input",
        killers: ["LAM4", "LAM1", "U02"]),
      Row(
        "lambdaQueryNormalised", "attention lambda", "queries normalised over channels",
        killers: ["LAM2", "LAM1", "U02"]),
    ]
  }
#endif
