extension Fault {
  @inline(__always) static var composeOrder: Fault { Fault("composeOrder") }
  @inline(__always) static var composeUnscaled: Fault { Fault("composeUnscaled") }
  @inline(__always) static var scoreUnscaled: Fault { Fault("scoreUnscaled") }
  @inline(__always) static var rulesSigmoid: Fault { Fault("rulesSigmoid") }
  @inline(__always) static var rulesOverHeads: Fault { Fault("rulesOverHeads") }
  @inline(__always) static var rulesOrdered: Fault { Fault("rulesOrdered") }
}

#if FAULTS
  extension FaultTable {
    static let compositional: [Row] = [
      Row(
        "composeOrder", "attention compositional",
        "retrieval queries taken from a folded tensor as if its axes were in another order",
        killers: ["CMP4", "U09", "U02"]),
      Row(
        "composeUnscaled", "attention compositional",
        "retrieval queries made of queries that are not scaled", killers: ["U02"]),
      Row(
        "scoreUnscaled", "attention compositional",
        "scores not divided by the root of their width", killers: ["U02"]),
      Row(
        "rulesSigmoid", "attention compositional",
        "retrievals picked by a sigmoid each instead of one softmax",
        killers: ["CMP1", "CMP2", "CMP3", "U02"]),
      Row(
        "rulesOverHeads", "attention compositional",
        "a softmax over searches instead of retrievals",
        killers: ["CMP2", "CMP1", "CMP3", "U02"]),
      Row(
        "rulesOrdered", "attention compositional", "later retrievals preferred",
        killers: ["CMP3", "U02"]),
    ]
  }
#endif
