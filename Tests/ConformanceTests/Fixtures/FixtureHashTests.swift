import Conformance
import JSON
import Testing
import Torch

@Suite struct `the hash of a fixture` {
  private func entry(_ values: [Double], _ shape: [Int]) throws -> SafetensorsEntry {
    try Tensor(values, shape: shape).safetensorsEntry()
  }

  @Test func `knows neither the order nor the padding of a header`() throws {
    let tensors = ["output": try entry([1, 2], [2]), "input.q": try entry([3], [1])]
    let written = try SafetensorsFile(tensors: tensors).encoded()
    // The same tensors, by another writer: other order, other layout, spaces at the end.
    let header = """
      {"output":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},\
      "input.q":{"dtype":"F64","shape":[1],"data_offsets":[16,24]}}
      """ + String(repeating: " ", count: 13)
    var other = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> ($0 * 8)) }
    other += Array(header.utf8)
    for value in [1.0, 2, 3] {
      other += withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }
    #expect(other != written)
    let hash = try FixtureHash.content(tensors)
    #expect(try FixtureHash.content(SafetensorsFile(bytes: written, name: "a").tensors) == hash)
    #expect(try FixtureHash.content(SafetensorsFile(bytes: other, name: "b").tensors) == hash)
    #expect(hash.count == 32)
  }

  @Test func `differs for every part of a tensor`() throws {
    let plain = ["x": try entry([1, 0], [2])]
    let others = [
      ["y": try entry([1, 0], [2])],
      ["x": try entry([1, -0.0], [2])],
      ["x": try entry([1, 1e-300], [2])],
      ["x": try entry([1, 0], [1, 2])],
      ["x": try Tensor([1, 0], shape: [2]).safetensorsEntry()],
      ["x": try Tensor([1.0, 0], shape: [2], dtype: .float32).safetensorsEntry()],
      ["x": try entry([1, 0], [2]), "y": try entry([], [0])],
    ]
    let hashes = try ([plain] + others).map { try FixtureHash.content($0) }
    #expect(Set(hashes).count == hashes.count)
  }

  @Test func `cannot be fooled by moving bytes from a name into a tensor`() throws {
    let first = ["ab": try Tensor([7], shape: [1]).safetensorsEntry()]
    let second = ["a": try Tensor([7], shape: [1]).safetensorsEntry()]
    #expect(try FixtureHash.content(first) != FixtureHash.content(second))
  }

  @Test func `refuses a NaN unless it is declared, and then knows only one`() throws {
    let quiet = ["x": try entry([.nan], [1])]
    let signalling = ["x": try entry([Double(bitPattern: 0xFFF0_0000_0000_0001)], [1])]
    #expect(throws: KitError.self) { try FixtureHash.content(quiet) }
    let hash = try FixtureHash.content(quiet, allowsNaN: true)
    #expect(try FixtureHash.content(signalling, allowsNaN: true) == hash)
    let infinite = ["x": try entry([.infinity], [1])]
    #expect(try FixtureHash.content(infinite) != hash)
  }

  @Test func `of a recipe knows neither the order of keys nor how numbers are written`() throws {
    let first = try JSON(parsing: #"{"a": 1, "b": {"c": [0.5]}}"#)
    let second = try JSON(parsing: #"{ "b":{"c":[5e-1]},"a":1.0}"#)
    #expect(try FixtureHash.recipe(first) == FixtureHash.recipe(second))
    let third = try JSON(parsing: #"{"a": 2, "b": {"c": [0.5]}}"#)
    #expect(try FixtureHash.recipe(first) != FixtureHash.recipe(third))
  }
}
