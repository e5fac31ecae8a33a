extension Fault {
  @inline(__always) static var geluTanh: Fault { Fault("geluTanh") }
  @inline(__always) static var feedforwardLeak: Fault { Fault("feedforwardLeak") }
}

#if FAULTS
  extension FaultTable {
    static let feedforward: [Row] = [
      Row(
        "geluTanh", "feedforward MLP", "the tanh form of GELU",
        killers: ["U02"]),
      Row(
        "feedforwardLeak", "feedforward MLP", "a thousandth of the sequence mean leaks in",
        killers: ["U02"]),
    ]
  }
#endif
