extension Fault {
  @inline(__always) static var bandPaddingSeen: Fault { Fault("bandPaddingSeen") }
  @inline(__always) static var localMasked: Fault { Fault("localMasked") }
  @inline(__always) static var causalFlagDead: Fault { Fault("causalFlagDead") }
  @inline(__always) static var paddedKeysVisible: Fault { Fault("paddedKeysVisible") }
  @inline(__always) static var globalLastTokens: Fault { Fault("globalLastTokens") }
  @inline(__always) static var globalRowsLost: Fault { Fault("globalRowsLost") }
  @inline(__always) static var globalSeesItself: Fault { Fault("globalSeesItself") }
  @inline(__always) static var seedIgnored: Fault { Fault("seedIgnored") }
  @inline(__always) static var patternTransposed: Fault { Fault("patternTransposed") }
  @inline(__always) static var patternRenewed: Fault { Fault("patternRenewed") }
  @inline(__always) static var rateHalved: Fault { Fault("rateHalved") }
  @inline(__always) static var diagonalLost: Fault { Fault("diagonalLost") }
  @inline(__always) static var layoutTransposed: Fault { Fault("layoutTransposed") }
  @inline(__always) static var headsShareLayout: Fault { Fault("headsShareLayout") }
  @inline(__always) static var emptyBlockRowFilled: Fault { Fault("emptyBlockRowFilled") }
  @inline(__always) static var blockCausalCoarse: Fault { Fault("blockCausalCoarse") }
}

#if FAULTS
  extension FaultTable {
    static let patterns: [Row] = [
      Row(
        "bandPaddingSeen", "attention local",
        "places before the first and after the last token seen, on the path of windows",
        killers: ["U27", "LOC1", "U02"]),
      Row(
        "localMasked", "attention local", "windows as a mask over all pairs", killers: ["U22"]),
      Row(
        "causalFlagDead", "attention global", "causality without effect",
        killers: ["A01", "GLO1"]),
      Row(
        "paddedKeysVisible", "attention global",
        "a shorter input padded with zeros that are attended to", killers: ["GLO2", "U02"]),
      Row(
        "globalLastTokens", "attention global", "the last entries of the mask for a shorter input",
        killers: ["GLO2", "U02", "A02"]),
      Row(
        "globalRowsLost", "attention global", "global tokens that are seen but do not see",
        killers: ["GLO1", "A02", "U02"]),
      Row(
        "globalSeesItself", "attention global", "a token that sees itself without causality",
        killers: ["GLO3", "GLO1", "A02"]),
      Row(
        "seedIgnored", "attention random", "a new seed without effect on the pattern",
        killers: ["U05"]),
      Row(
        "patternTransposed", "attention random", "a pattern reported with its axes exchanged",
        killers: ["RND1", "A02", "U02"]),
      Row(
        "patternRenewed", "attention random", "a constant pattern drawn anew for each call",
        killers: ["RND3", "U05"]),
      Row(
        "rateHalved", "attention random", "half as many pairs as asked for", killers: ["RND2"]),
      Row(
        "diagonalLost", "attention random", "tokens that may not see themselves",
        killers: ["RND2"]),
      Row(
        "layoutTransposed", "attention blocksparse", "rows of the layout taken for columns",
        killers: ["BSP1", "A02", "U02"]),
      Row(
        "headsShareLayout", "attention blocksparse", "the first head's layout for all heads",
        killers: ["BSP3", "BSP1", "A02"]),
      Row(
        "emptyBlockRowFilled", "attention blocksparse", "an empty row of blocks sees its own block",
        killers: ["BSP2", "BSP1", "A07"]),
      Row(
        "blockCausalCoarse", "attention blocksparse", "causality between blocks, not inside them",
        killers: ["A01", "BSP1"]),
    ]
  }
#endif
