extension Fault {
  @inline(__always) static var splitNoTranspose: Fault { Fault("splitNoTranspose") }
  @inline(__always) static var scaleModelWidth: Fault { Fault("scaleModelWidth") }
  @inline(__always) static var broadcastFirstItem: Fault { Fault("broadcastFirstItem") }
  @inline(__always) static var keysOfFirstHead: Fault { Fault("keysOfFirstHead") }
  @inline(__always) static var dispatchShortcut: Fault { Fault("dispatchShortcut") }
  @inline(__always) static var valueDefaultsToQuery: Fault { Fault("valueDefaultsToQuery") }
  @inline(__always) static var sharedOffsets: Fault { Fault("sharedOffsets") }
  @inline(__always) static var valueOffsetOfFirstHead: Fault { Fault("valueOffsetOfFirstHead") }
  @inline(__always) static var rotaryTurnsValues: Fault { Fault("rotaryTurnsValues") }
  @inline(__always) static var rotaryQueriesOnly: Fault { Fault("rotaryQueriesOnly") }
  @inline(__always) static var headsFolded: Fault { Fault("headsFolded") }
  @inline(__always) static var maskOfFirstItem: Fault { Fault("maskOfFirstItem") }
  @inline(__always) static var valueWidthIgnored: Fault { Fault("valueWidthIgnored") }
  @inline(__always) static var controlRotaryShifted: Fault { Fault("controlRotaryShifted") }
  @inline(__always) static var residualDropoutBefore: Fault { Fault("residualDropoutBefore") }
}

#if FAULTS
  extension FaultTable {
    static let dispatch: [Row] = [
      Row(
        "splitNoTranspose", "multihead scaled_dot_product", "heads split without moving their axis",
        killers: ["M01", "A01", "U02", "A11", "U09", "M11"]),
      Row(
        "scaleModelWidth", "multihead scaled_dot_product",
        "logits scaled by the width of all heads instead of one",
        killers: ["M01", "U02"]),
      Row(
        "broadcastFirstItem", "multihead scaled_dot_product",
        "the first item of everything serves the batch, once one item must",
        killers: ["A24"]),
      Row(
        "keysOfFirstHead", "multihead scaled_dot_product",
        "the keys of the first head for all heads",
        killers: ["M02", "M01", "U02"]),
      Row(
        "dispatchShortcut", "multihead scaled_dot_product", "the query added to the output",
        killers: ["M03", "M01", "U02"]),
      Row(
        "valueDefaultsToQuery", "multihead scaled_dot_product",
        "a value left out is the query although a key was given", killers: ["M04", "U02"]),
      Row(
        "sharedOffsets", "multihead scaled_dot_product",
        "keys that share the queries' offset with their weight", killers: ["M05", "U15"]),
      Row(
        "valueOffsetOfFirstHead", "multihead scaled_dot_product",
        "the values' offset of the first head for all heads", killers: ["M06", "M01", "U02"]),
      Row(
        "rotaryTurnsValues", "multihead scaled_dot_product", "values turned by their positions",
        killers: ["M07", "U02"]),
      Row(
        "rotaryQueriesOnly", "multihead scaled_dot_product", "keys left where they are",
        killers: ["M07", "U02"]),
      Row(
        "headsFolded", "multihead scaled_dot_product",
        "heads folded for an attention that wants them as an axis", killers: ["M08"]),
      Row(
        "maskOfFirstItem", "multihead scaled_dot_product", "the first item's mask for all items",
        killers: ["M09", "U02", "U09"]),
      Row(
        "valueWidthIgnored", "multihead scaled_dot_product", "`dim_value` read and never used",
        killers: ["M10"]),
      Row(
        "residualDropoutBefore", "multihead scaled_dot_product",
        "outputs dropped before the last projection", killers: ["M12"]),
      Row(
        "controlRotaryShifted", "multihead scaled_dot_product",
        "queries and keys turned as if one position later", killers: [], isControl: true),
    ]
  }
#endif
