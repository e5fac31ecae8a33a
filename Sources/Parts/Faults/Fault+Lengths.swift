extension Fault {
  @inline(__always) static var causalMisaligned: Fault { Fault("causalMisaligned") }
  @inline(__always) static var lengthsUnchecked: Fault { Fault("lengthsUnchecked") }
  @inline(__always) static var lengthLimitUnchecked: Fault { Fault("lengthLimitUnchecked") }
  @inline(__always) static var valueWidthRefused: Fault { Fault("valueWidthRefused") }
  @inline(__always) static var maskOfItemsIgnored: Fault { Fault("maskOfItemsIgnored") }
}

#if FAULTS
  extension FaultTable {
    static let lengths: [Row] = [
      Row(
        "causalMisaligned", "attention scaled_dot_product",
        "unequal lengths accepted when causal, aligned at the first token",
        killers: ["A03", "U04", "A21"]),
      Row(
        "lengthsUnchecked", "attention local", "unequal lengths accepted by a window",
        killers: ["A21", "U04"]),
      Row(
        "lengthLimitUnchecked", "attention linformer",
        "inputs longer than the projections not refused", killers: ["A26", "U04"]),
      Row(
        "valueWidthRefused", "attention scaled_dot_product",
        "values of another width than keys refused", killers: ["A23", "U02", "U03"]),
      Row(
        "maskOfItemsIgnored", "attention scaled_dot_product",
        "a Boolean mask of items ignored", killers: ["A08", "A02", "A05"]),
    ]
  }
#endif
