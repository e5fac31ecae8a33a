extension Fault {
  @inline(__always) static var rotaryBackwards: Fault { Fault("rotaryBackwards") }
  @inline(__always) static var rotaryLossyPositions: Fault { Fault("rotaryLossyPositions") }
  @inline(__always) static var rotaryKeyAtZero: Fault { Fault("rotaryKeyAtZero") }
  @inline(__always) static var tablePromotes: Fault { Fault("tablePromotes") }
  @inline(__always) static var tableReversed: Fault { Fault("tableReversed") }
  @inline(__always) static var vocabPositionShift: Fault { Fault("vocabPositionShift") }
}

#if FAULTS
  extension FaultTable {
    static let position: [Row] = [
      Row(
        "rotaryBackwards", "position_embedding rotary", "turned the other way",
        killers: ["U02"]),
      Row(
        "rotaryLossyPositions", "position_embedding rotary", "positions in bfloat16",
        killers: ["U02"]),
      Row(
        "rotaryKeyAtZero", "position_embedding rotary", "keys left where they are",
        killers: ["U02"]),
      Row(
        "tablePromotes", "position_embedding sine", "a single-precision table, whatever the input",
        killers: ["U02", "U03"]),
      Row(
        "tableReversed", "position_embedding learnable", "rows in reverse",
        killers: ["U02"]),
      Row(
        "vocabPositionShift", "position_embedding vocab", "positions in reverse",
        killers: ["U02"]),
    ]
  }
#endif
