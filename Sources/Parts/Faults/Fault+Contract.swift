internal import Torch

extension Fault {
  @inline(__always) static var batchOneAccepted: Fault { Fault("batchOneAccepted") }
  @inline(__always) static var paddingValuesUnchecked: Fault { Fault("paddingValuesUnchecked") }
  @inline(__always) static var unknownKeyIgnored: Fault { Fault("unknownKeyIgnored") }
  @inline(__always) static var falseIsAbsent: Fault { Fault("falseIsAbsent") }
  @inline(__always) static var queryScaledInPlace: Fault { Fault("queryScaledInPlace") }
  @inline(__always) static var dropoutSharedStream: Fault { Fault("dropoutSharedStream") }
  @inline(__always) static var wordsNotSaved: Fault { Fault("wordsNotSaved") }
  @inline(__always) static var splitAcrossItems: Fault { Fault("splitAcrossItems") }
  @inline(__always) static var tableNotCropped: Fault { Fault("tableNotCropped") }
  @inline(__always) static var indexClamped: Fault { Fault("indexClamped") }

  /// Drops half of the elements by random numbers that all parts of the process draw from, as from
  /// libtorch's global generator.
  @inline(__always)
  static func droppedFromSharedStream(_ x: Tensor) throws -> Tensor {
    #if FAULTS
      return try x * x.bernoulli(0.5, generator: FaultTable.sharedStream)
    #else
      return x
    #endif
  }
}

#if FAULTS
  extension FaultTable {
    fileprivate static let sharedStream = Generator(seed: 1)

    static let contract: [Row] = [
      Row(
        "batchOneAccepted", "attention scaled_dot_product",
        "a key or value of one item broadcast over the batch", killers: ["U03", "U04"]),
      Row(
        "paddingValuesUnchecked", "attention linformer",
        "an additive key padding whose other values count as masked", killers: ["U04"]),
      Row(
        "unknownKeyIgnored", "attention scaled_dot_product",
        "unknown keys of a configuration dropped in silence", killers: ["U04", "U16"]),
      Row(
        "falseIsAbsent", "feedforward MLP", "an option that is false counts as left out",
        killers: ["U16"]),
      Row(
        "queryScaledInPlace", "attention scaled_dot_product", "the caller's query scaled in place",
        killers: ["U06", "U05"]),
      Row(
        "dropoutSharedStream", "feedforward MLP",
        "dropout drawn from a stream that the whole process shares", killers: ["U05"]),
      Row(
        "wordsNotSaved", "position_embedding vocab", "the table of words missing from the state",
        killers: ["U15"]),
      Row(
        "splitAcrossItems", "multihead scaled_dot_product",
        "heads split off the batch instead of the channels", killers: ["U09", "U02"]),
      Row(
        "tableNotCropped", "position_embedding learnable",
        "the whole table added, so that one token becomes as many as rows", killers: ["U03", "U02"]),
      Row(
        "indexClamped", "position_embedding vocab", "indices out of range moved into it",
        killers: ["U04"]),
    ]
  }
#endif
