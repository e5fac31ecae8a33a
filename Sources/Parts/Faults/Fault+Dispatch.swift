extension Fault {
  @inline(__always) static var splitNoTranspose: Fault { Fault("splitNoTranspose") }
}

#if FAULTS
  extension FaultTable {
    static let dispatch: [Row] = [
      Row(
        "splitNoTranspose", "multihead scaled_dot_product", "heads split without moving their axis",
        killers: ["U02"])
    ]
  }
#endif
