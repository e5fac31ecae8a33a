internal import Torch

extension Fault {
  @inline(__always) static var fourierChannelsOnly: Fault { Fault("fourierChannelsOnly") }
  @inline(__always) static var fourierNormalised: Fault { Fault("fourierNormalised") }
  @inline(__always) static var fourierShortcut: Fault { Fault("fourierShortcut") }
  @inline(__always) static var fourierAddsValue: Fault { Fault("fourierAddsValue") }
  @inline(__always) static var paddingOptionDead: Fault { Fault("paddingOptionDead") }
  @inline(__always) static var poolingCountsBorder: Fault { Fault("poolingCountsBorder") }
  @inline(__always) static var poolingRowsOnly: Fault { Fault("poolingRowsOnly") }
  @inline(__always) static var poolingKeepsToken: Fault { Fault("poolingKeepsToken") }
  @inline(__always) static var poolingMixesChannels: Fault { Fault("poolingMixesChannels") }
  @inline(__always) static var visualGridTurned: Fault { Fault("visualGridTurned") }
  @inline(__always) static var visualNoShortcut: Fault { Fault("visualNoShortcut") }
  @inline(__always) static var visualDilationTwo: Fault { Fault("visualDilationTwo") }
  @inline(__always) static var visualGateAdds: Fault { Fault("visualGateAdds") }
}

extension Tensor {
  /// The mean over a window of a row, of the cells that are there.
  func averagePooledAlongRows(_ width: Int) throws -> Tensor {
    let flat = try reshaped([size(0), size(1) * size(2), 1, size(3)])
    return try flat.averagePooled(width).reshaped(shape)
  }

  /// The mean over a window, of zeros as well where there is no cell.
  func averagePooledWithBorder(_ width: Int) throws -> Tensor {
    let half = width / 2
    let wide = try padded([half, half, half, half]).averagePooled(width)
    return try wide.slice(2, half..<half + size(2)).slice(3, half..<half + size(3))
  }
}

#if FAULTS
  extension FaultTable {
    static let grid: [Row] = [
      Row(
        "fourierChannelsOnly", "attention fourier_mix", "a transform over channels only",
        killers: ["FOU1", "FOU2", "FOU3", "U02"]),
      Row(
        "fourierNormalised", "attention fourier_mix", "a transform divided by the root of its size",
        killers: ["FOU2", "FOU1", "FOU3", "U02"]),
      Row(
        "fourierShortcut", "attention fourier_mix", "the query added to its transform",
        killers: ["FOU3", "FOU1", "FOU2", "U02"]),
      Row(
        "fourierAddsValue", "attention fourier_mix", "a thousandth of the values leaks in",
        killers: ["FOU1", "U02", "A11"]),
      Row(
        "paddingOptionDead", "attention pooling", "a padding that is read and never used",
        killers: ["POO3", "U04"]),
      Row(
        "poolingCountsBorder", "attention pooling", "zeros around the grid counted in the means",
        killers: ["POO1", "U02"]),
      Row(
        "poolingRowsOnly", "attention pooling", "a window of one row",
        killers: ["POO2", "POO1", "U02"]),
      Row(
        "poolingKeepsToken", "attention pooling", "the token not taken off the mean",
        killers: ["POO1", "U02"]),
      Row(
        "poolingMixesChannels", "attention pooling", "a thousandth of the channels' mean leaks in",
        killers: ["POO3", "POO1", "U02"]),
      Row(
        "visualGridTurned", "attention visual", "tokens laid out column by column",
        killers: ["VIS3", "U02"]),
      Row(
        "visualNoShortcut", "attention visual", "the query not added",
        killers: ["VIS1", "VIS3", "U02"]),
      Row(
        "visualDilationTwo", "attention visual", "taps two cells apart instead of three",
        killers: ["VIS2", "VIS3", "U02"]),
      Row(
        "visualGateAdds", "attention visual", "a gate that adds instead of multiplying",
        killers: ["VIS1", "VIS3", "U02"]),
    ]
  }
#endif
