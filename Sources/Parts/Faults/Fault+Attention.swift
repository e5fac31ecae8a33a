extension Fault {
  @inline(__always) static var softmaxNoMax: Fault { Fault("softmaxNoMax") }
  @inline(__always) static var softmaxGlobalMax: Fault { Fault("softmaxGlobalMax") }
  @inline(__always) static var softmaxEpsilon: Fault { Fault("softmaxEpsilon") }
  @inline(__always) static var scaleMissing: Fault { Fault("scaleMissing") }
  @inline(__always) static var scaleTwice: Fault { Fault("scaleTwice") }
  @inline(__always) static var biasScaled: Fault { Fault("biasScaled") }
  @inline(__always) static var causalPlusOne: Fault { Fault("causalPlusOne") }
  @inline(__always) static var causalLostWithMask: Fault { Fault("causalLostWithMask") }
  @inline(__always) static var causalLostWithDropout: Fault { Fault("causalLostWithDropout") }
  @inline(__always) static var maskTiled: Fault { Fault("maskTiled") }
  @inline(__always) static var maskMinusHundred: Fault { Fault("maskMinusHundred") }
  @inline(__always) static var maskLowest: Fault { Fault("maskLowest") }
  @inline(__always) static var maskedValueNaN: Fault { Fault("maskedValueNaN") }
  @inline(__always) static var lossyProbabilities: Fault { Fault("lossyProbabilities") }
  @inline(__always) static var dropoutInEval: Fault { Fault("dropoutInEval") }
  @inline(__always) static var gradKeyUnscaled: Fault { Fault("gradKeyUnscaled") }
  @inline(__always) static var gradNoRowSum: Fault { Fault("gradNoRowSum") }
  @inline(__always) static var windowPlusOne: Fault { Fault("windowPlusOne") }
  @inline(__always) static var emptyRowNaN: Fault { Fault("emptyRowNaN") }
  @inline(__always) static var distanceBias: Fault { Fault("distanceBias") }
  @inline(__always) static var maskPlanesOverflow: Fault { Fault("maskPlanesOverflow") }
  @inline(__always) static var gradMaskDropped: Fault { Fault("gradMaskDropped") }
  @inline(__always) static var windowCapped: Fault { Fault("windowCapped") }
  @inline(__always) static var controlSumReversed: Fault { Fault("controlSumReversed") }
  @inline(__always) static var controlBaseTwo: Fault { Fault("controlBaseTwo") }
  @inline(__always) static var controlKeyShift: Fault { Fault("controlKeyShift") }
  @inline(__always) static var controlNoMaxBelowTen: Fault { Fault("controlNoMaxBelowTen") }
}

#if FAULTS
  extension FaultTable {
    static let attention: [Row] = [
      Row(
        "softmaxNoMax", "attention scaled_dot_product", "exponentials without the row maximum",
        killers: ["A19", "A16"]),
      Row(
        "softmaxGlobalMax", "attention scaled_dot_product",
        "the maximum of the whole tensor instead of the row's",
        killers: ["A01", "A07", "A16", "A05"]),
      Row(
        "softmaxEpsilon", "attention scaled_dot_product", "a denominator that is 1e-3 too large",
        killers: ["A19", "U02", "A10", "A18"]),
      Row(
        "scaleMissing", "attention scaled_dot_product", "logits without 1/√D",
        killers: ["A17", "FIX", "U02", "A10"]),
      Row(
        "scaleTwice", "attention scaled_dot_product", "logits times 1/D",
        killers: ["A17", "U02", "A10"]),
      Row(
        "biasScaled", "attention scaled_dot_product", "an additive mask that is scaled as well",
        killers: ["A10"]),
      Row(
        "causalPlusOne", "attention scaled_dot_product", "a query that sees the next key",
        killers: ["A01", "A02"]),
      Row(
        "causalLostWithMask", "attention scaled_dot_product",
        "causality dropped when there is a mask",
        killers: ["A01", "A02"]),
      Row(
        "causalLostWithDropout", "attention scaled_dot_product",
        "causality dropped when there is dropout",
        killers: ["A01", "A02"]),
      Row(
        "maskTiled", "attention scaled_dot_product",
        "masks of items repeated instead of interleaved over heads",
        killers: ["A02", "U09"]),
      Row(
        "maskMinusHundred", "attention scaled_dot_product", "hidden logits of −100 instead of −∞",
        killers: ["A07", "A01", "A05"]),
      Row(
        "maskLowest", "attention local",
        "hidden logits of the lowest finite number: an empty row becomes a mean",
        killers: ["A07", "A05"]),
      Row(
        "maskedValueNaN", "attention scaled_dot_product", "a NaN value times a weight of 0",
        killers: ["A01"]),
      Row(
        "lossyProbabilities", "attention scaled_dot_product", "weights rounded to bfloat16",
        killers: ["A17", "U02", "A10"]),
      Row(
        "dropoutInEval", "attention scaled_dot_product", "dropout that acts in evaluation",
        killers: ["U02", "A02", "A12"]),
      Row(
        "gradKeyUnscaled", "attention scaled_dot_product", "a derivative by keys without the scale",
        killers: ["U10"]),
      Row(
        "gradNoRowSum", "attention scaled_dot_product", "a softmax derivative without its row sum",
        killers: ["U10"]),
      Row(
        "windowPlusOne", "attention local", "a window one token wider to each side",
        killers: ["LOC4", "LOC3", "LOC1", "A02"]),
      Row(
        "windowCapped", "attention local", "a window no wider than the sequence",
        killers: ["LOC4", "LOC2"]),
      Row(
        "emptyRowNaN", "attention scaled_dot_product", "a query without keys gives 0/0",
        killers: ["A07", "A02", "A12"]),
      Row(
        "distanceBias", "attention scaled_dot_product", "a preference for near keys, always on",
        killers: ["A17", "A11", "A12", "A18", "U02"]),
      Row(
        "maskPlanesOverflow", "attention scaled_dot_product",
        "masks as planes of the lowest number, which overflow in their sum",
        killers: ["A07", "A01", "A05", "A02"]),
      Row(
        "gradMaskDropped", "attention scaled_dot_product",
        "a derivative by weights recomputed without the mask",
        killers: ["U10"]),
      Row(
        "controlSumReversed", "attention scaled_dot_product",
        "values summed from the last key to the first", killers: [], isControl: true),
      Row(
        "controlBaseTwo", "attention scaled_dot_product",
        "powers of two, with the logarithm of e in the scale", killers: [], isControl: true),
      Row(
        "controlKeyShift", "attention scaled_dot_product",
        "one constant added to every key", killers: [], isControl: true),
      Row(
        "controlNoMaxBelowTen", "attention scaled_dot_product",
        "no maximum taken from rows of small logits", killers: [], isControl: true),
    ]
  }
#endif
