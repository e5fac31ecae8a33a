extension Fault {
  @inline(__always) static var dropoutIgnored: Fault { Fault("dropoutIgnored") }
  @inline(__always) static var linformerSharedProjection: Fault {
    Fault("linformerSharedProjection")
  }
  @inline(__always) static var linformerRolesSwapped: Fault { Fault("linformerRolesSwapped") }
  @inline(__always) static var linformerSlotScale: Fault { Fault("linformerSlotScale") }
  @inline(__always) static var linformerPaddingIgnored: Fault { Fault("linformerPaddingIgnored") }
  @inline(__always) static var linformerValueGated: Fault { Fault("linformerValueGated") }
  @inline(__always) static var linformerLastColumns: Fault { Fault("linformerLastColumns") }
}

#if FAULTS
  extension FaultTable {
    static let linformer: [Row] = [
      Row(
        "dropoutIgnored", "attention linformer", "a dropout rate that is never passed on",
        killers: ["U19"]),
      Row(
        "linformerSharedProjection", "attention linformer",
        "values projected by the projection of keys",
        killers: ["LIN4", "LIN2", "U02"]),
      Row(
        "linformerRolesSwapped", "attention linformer",
        "keys projected by the projection of values, and values by that of keys",
        killers: ["LIN4", "LIN2", "LIN3", "U02"]),
      Row(
        "linformerSlotScale", "attention linformer",
        "logits divided by the root of the number of slots instead of the width",
        killers: ["LIN1", "LIN3", "U02"]),
      Row(
        "linformerPaddingIgnored", "attention linformer", "padded tokens projected with the others",
        killers: ["A05", "LIN3"]),
      Row(
        "linformerValueGated", "attention linformer", "slots of values cut off below 0",
        killers: ["A15", "LIN2", "LIN4", "U02"]),
      Row(
        "linformerLastColumns", "attention linformer",
        "the last columns of the projections for a shorter input",
        killers: ["LIN3", "U02"]),
    ]
  }
#endif
