extension Fault {
  @inline(__always) static var splitNoTranspose: Fault { Fault("splitNoTranspose") }
  @inline(__always) static var scaleModelWidth: Fault { Fault("scaleModelWidth") }
  @inline(__always) static var broadcastFirstItem: Fault { Fault("broadcastFirstItem") }
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
      Row(
        "broadcastFirstItem", "multihead scaled_dot_product",
        "the first item of everything serves the batch, once one item must",
        killers: ["A24"]),
    ]
  }
#endif
