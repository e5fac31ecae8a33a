import Foundation
import Torch

/// A random generator of one word, so that a test draws the same numbers everywhere.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

/// Damages bytes in one to three of the ways in which files go bad.
func damage(_ bytes: inout [UInt8], using random: inout SplitMix) {
  for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
    let place = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = .random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(place...)
    case 3: bytes.remove(at: place)
    case 4: bytes.insert(bytes.randomElement(using: &random) ?? 0, at: place)
    default:
      let end = min(bytes.count, place + Int.random(in: 1...16, using: &random))
      bytes.insert(contentsOf: bytes[place..<end], at: place)
    }
  }
}

/// Content with every dtype, a scalar, an empty tensor and names that need care.
func sample() throws -> SafetensorsFile {
  var random = SplitMix(seed: 1)
  var tensors: [String: SafetensorsEntry] = [:]
  for dtype in SafetensorsType.allCases {
    let top: UInt8 = dtype == .bool ? 1 : 255
    let bytes = (0..<6 * dtype.byteCount).map { _ in UInt8.random(in: 0...top, using: &random) }
    tensors["x.\(dtype.rawValue)"] = try SafetensorsEntry(
      dtype: dtype, shape: [2, 3], bytes: bytes)
  }
  tensors["scalar"] = try SafetensorsEntry(dtype: .int16, shape: [], bytes: [1, 2])
  tensors["empty"] = try SafetensorsEntry(dtype: .float32, shape: [4, 0], bytes: [])
  tensors[""] = try SafetensorsEntry(dtype: .uint8, shape: [1], bytes: [9])
  tensors["an \"odd\"\n name 😀"] = try SafetensorsEntry(dtype: .int8, shape: [1, 1], bytes: [9])
  return SafetensorsFile(tensors: tensors, metadata: ["kind": "attention", "é": "\"\\\u{1}"])
}

/// Runs a test in a temporary folder.
func inFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path(percentEncoded: false))
}
