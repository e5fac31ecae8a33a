extension Fault {
  @inline(__always) static var splitNoTranspose: Fault { Fault("splitNoTranspose") }
  @inline(__always) static var scaleModelWidth: Fault { Fault("scaleModelWidth") }
}

#if FAULTS
  extension FaultTable {
    static let dispatch: [Row] = [
      Row(
        "splitNoTranspose", "multihead scaled_dot_product", "heads split without moving their axis",
        killers: ["A01", "U02", "A11", "U09"]),
      Row(
        "scaleModelWidth", "multihead scaled_dot_product",
        "logits scaled by the width of all heads instead of one",
        killers: ["U02"]),
    ]
  }
#endif
