import Foundation
import JSON
import Testing
import Torch

/// The bytes of a file of a header and as many bytes of data, all 1.
private func file(_ header: String, data: Int = 0, length: Int? = nil) -> [UInt8] {
  let length = UInt64(bitPattern: Int64(length ?? header.utf8.count))
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + Array(header.utf8)
    + [UInt8](repeating: 1, count: data)
}

@Suite struct `safetensors files round trip` {
  @Test func `bytes and files give the same content again`() throws {
    let content = try sample()
    let bytes = try content.encoded()
    #expect(try SafetensorsFile(bytes: bytes, name: "bytes") == content)
    try inFolder { folder in
      let path = folder + "/a.safetensors"
      try content.write(to: path)
      #expect(Array(try Data(contentsOf: URL(filePath: path))) == bytes)
      let again = try SafetensorsFile(contentsOf: path)
      #expect(again == content)
      #expect(again.names == content.tensors.keys.sorted())
      #expect(try again.encoded() == bytes)
      // No other file is left.
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.safetensors"])
    }
  }

  @Test func `a file without tensors is valid`() throws {
    #expect(try SafetensorsFile(bytes: file("{}"), name: "e") == SafetensorsFile())
    #expect(try SafetensorsFile(bytes: SafetensorsFile().encoded(), name: "e") == SafetensorsFile())
  }

  @Test func `data begin at multiples of 8 and tensors of their element's size`() throws {
    let bytes = try sample().encoded()
    let length = Int(bytes[0]) + Int(bytes[1]) << 8
    #expect(bytes[2..<8].allSatisfy { $0 == 0 })
    #expect(length % 8 == 0)
    let header = try JSON(parsing: bytes[8..<8 + length])
    for (name, value) in try #require(header.object) where name != "__metadata__" {
      let dtype = try #require(SafetensorsType(rawValue: value["dtype"]?.string ?? ""))
      let begin = try #require(value["data_offsets"]?[0]?.int)
      #expect(begin % dtype.byteCount == 0, "\(name)")
    }
  }

  @Test func `files of other writers are read`() throws {
    // Any order of keys and data, white space, padding, offsets that are not aligned.
    let header = """
      { "b": {"shape": [2], "data_offsets": [1, 9], "dtype": "F32"},
        "__metadata__": {}, "a": {"dtype":"U8","shape":[],"data_offsets":[0,1]},
        "z": {"dtype":"F64","shape":[0,9223372036854775807],"data_offsets":[9,9]},
        "y": {"dtype":"F64","shape":[0],"data_offsets":[1,1]}}   \n
      """
    let fitting = header.replacing("9223372036854775807", with: "12")
    let content = try SafetensorsFile(bytes: file(fitting, data: 9), name: "f")
    #expect(content.names == ["a", "b", "y", "z"])
    #expect(content.tensors["b"]?.bytes.count == 8)
    #expect(content.tensors["b"]?.count == 2)
    #expect(content.tensors["z"]?.shape == [0, 12])
    #expect(throws: SafetensorsError.self) {
      try SafetensorsFile(bytes: file(header, data: 9), name: "f")
    }
  }

  @Test func `a missing tensor is named with the nearest one`() throws {
    let error = #expect(throws: SafetensorsError.self) { try sample().tensor("scaler", file: "f") }
    #expect(
      error?.description
        == "f: tensor \"scaler\": there is no such tensor; did you mean \"scalar\"?")
  }
}

@Suite struct `safetensors files are refused` {
  static let one = #""dtype":"F32","shape":[2],"data_offsets":[0,8]"#
  /// What the header holds, how many bytes of data follow, and the end of the error.
  static let headers: [(String, Int, String)] = [
    ("[]", 0, "f: the header does not begin with '{'"),
    (" {}", 0, "f: the header does not begin with '{'"),
    ("", 0, "f: the header does not begin with '{'"),
    ("{", 0, "f: header, 1:2: expected a key in double quotes, got the end of the text"),
    ("{} x", 0, "f: header, 1:4: expected the end of the text after its value, got 'x'"),
    ("{\"a\":{\(one)},\"a\":{\(one)}}", 8, "f: header, 1:55: the key \"a\" is repeated"),
    (
      "{\"a\":7}", 0,
      "tensor \"a\": expected an object with dtype, shape, data_offsets, got a whole number"
    ),
    ("{\"__metadata__\":[]}", 0, "f: __metadata__ must be an object of strings, got an array"),
    (
      "{\"__metadata__\":{\"k\":1}}", 0,
      "f: __metadata__ \"k\" must be a string, got a whole number"
    ),
    (
      "{\"__metadata__\":{\"k\":\"a\",\"k\":\"b\"}}", 0,
      "f: header, 1:26: the key \"k\" is repeated"
    ),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "tensor \"a\": data_offsets is missing"),
    (
      "{\"a\":{\"dtyp\":\"F32\"}}", 8,
      "tensor \"a\": \"dtyp\" is not a key of a tensor; did you mean \"dtype\"?"
    ),
    (tensor("7", "[2]", "[0,8]"), 8, "tensor \"a\": dtype must be a string"),
    (
      tensor("\"F33\"", "[2]", "[0,8]"), 8,
      "tensor \"a\": the dtype \"F33\" is not one of F64, F32, BF16, F16, I64, I32, I16, I8, U8, BOOL; did you mean \"F32\"?"
    ),
    (
      tensor("\"bool\"", "[2]", "[0,8]"), 8,
      "tensor \"a\": the dtype \"bool\" is not one of F64, F32, BF16, F16, I64, I32, I16, I8, U8, BOOL; did you mean \"BOOL\"?"
    ),
    (tensor("\"F32\"", "2", "[0,8]"), 8, "tensor \"a\": shape must be an array"),
    (
      tensor("\"F32\"", "[-2]", "[0,8]"), 8,
      "tensor \"a\": shape must hold whole numbers of at least 0, got -2"
    ),
    (
      tensor("\"F32\"", "[2.0]", "[0,8]"), 8,
      "tensor \"a\": shape must hold whole numbers of at least 0, got 2.0"
    ),
    (
      tensor("\"F32\"", "[-0]", "[0,0]"), 0,
      "tensor \"a\": shape must hold whole numbers of at least 0, got -0.0"
    ),
    (
      tensor("\"F32\"", "[\"2\"]", "[0,8]"), 8,
      "tensor \"a\": shape must hold whole numbers of at least 0, got \"2\""
    ),
    (
      tensor("\"F32\"", "[9223372036854775808]", "[0,8]"), 8,
      "tensor \"a\": shape must hold whole numbers of at least 0, got 9.223372036854776e+18"
    ),
    (
      tensor("\"F32\"", "[4611686018427387904,4]", "[0,8]"), 8,
      "tensor \"a\": the shape [4611686018427387904, 4] is too large"
    ),
    // The product wraps to 0, or to 2 elements, in 64 bits.
    (
      tensor("\"U8\"", "[4294967296,4294967296]", "[0,0]"), 0,
      "tensor \"a\": the shape [4294967296, 4294967296] is too large"
    ),
    (
      tensor("\"F32\"", "[2305843009213693952,2]", "[0,0]"), 0,
      "tensor \"a\": the shape [2305843009213693952, 2] is too large"
    ),
    (
      tensor("\"F32\"", "[0,4611686018427387904,4]", "[0,0]"), 0,
      "tensor \"a\": the shape [0, 4611686018427387904, 4] is too large"
    ),
    (
      tensor("\"F32\"", "[2]", "[0]"), 8,
      "tensor \"a\": data_offsets must be a start and an end that is not before it, got [0]"
    ),
    (
      tensor("\"F32\"", "[2]", "[0,8,9]"), 8,
      "tensor \"a\": data_offsets must be a start and an end that is not before it, got [0, 8, 9]"
    ),
    (
      tensor("\"F32\"", "[2]", "[8,0]"), 8,
      "tensor \"a\": data_offsets must be a start and an end that is not before it, got [8, 0]"
    ),
    (
      tensor("\"F32\"", "[2]", "[-8,0]"), 8,
      "tensor \"a\": data_offsets must hold whole numbers of at least 0, got -8"
    ),
    (
      tensor("\"F64\"", "[2]", "[0,8]"), 8,
      "tensor \"a\": F64 of shape [2] takes 16 bytes, data_offsets [0, 8] give 8"
    ),
    (
      tensor("\"F32\"", "[]", "[0,8]"), 8,
      "tensor \"a\": F32 of shape [] takes 4 bytes, data_offsets [0, 8] give 8"
    ),
    (
      tensor("\"F32\"", "[2]", "[0,8]"), 7,
      "tensor \"a\": its data ends at byte 8, but the file has only 7 bytes of data: it is truncated"
    ),
    (
      tensor("\"F32\"", "[2]", "[9223372036854775799,9223372036854775807]"), 8,
      "tensor \"a\": its data ends at byte 9223372036854775807, but the file has only 8 bytes of data: it is truncated"
    ),
    (
      tensor("\"F32\"", "[2]", "[0,8]"), 9,
      "f: the data from byte 8 to the end at 9 belongs to no tensor"
    ),
    (
      tensor("\"F32\"", "[2]", "[4,12]"), 12,
      "tensor \"a\": the data before it, from byte 0 to 4, belongs to no tensor"
    ),
    ("{}", 3, "f: the data from byte 0 to the end at 3 belongs to no tensor"),
    (
      "{\"a\":{\(one)},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}", 8,
      "tensor \"b\": its data overlaps that of \"a\""
    ),
    ("{\"a\":{\(one)},\"b\":{\(one)}}", 8, "its data overlaps that of"),
  ]

  static func tensor(_ dtype: String, _ shape: String, _ offsets: String) -> String {
    "{\"a\":{\"dtype\":\(dtype),\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
  }

  @Test(arguments: headers)
  func `errors about false headers say where`(header: String, data: Int, message: String) {
    let error = #expect(throws: SafetensorsError.self) {
      try SafetensorsFile(bytes: file(header, data: data), name: "f")
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func `false header lengths are refused before memory is allocated`() {
    let cases: [([UInt8], String)] = [
      ([], "f: the file is empty"),
      ([1, 2, 3], "f: the file has 3 bytes, fewer than the 8 that hold the header's length"),
      (
        file("{}", length: 3),
        "f: it claims a header of 3 bytes, but only 2 follow: the file is truncated"
      ),
      (
        file("{}", length: -1),
        "f: it claims a header of 18446744073709551615 bytes, more than the limit of 100000000: "
          + "this is not a safetensors file"
      ),
      (
        file("{}", length: .max),
        "f: it claims a header of 9223372036854775807 bytes, more than the limit of 100000000: "
          + "this is not a safetensors file"
      ),
    ]
    for (bytes, message) in cases {
      let error = #expect(throws: SafetensorsError.self) {
        try SafetensorsFile(bytes: bytes, name: "f")
      }
      #expect(error?.description == message)
    }
  }

  @Test func `a Git LFS pointer is recognised, on disk and in memory`() throws {
    let pointer = """
      version https://git-lfs.github.com/spec/v1
      oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
      size 12345

      """
    let expected =
      "this is a Git LFS pointer, not the file itself: fetch the file with `git lfs pull`"
    let error = #expect(throws: SafetensorsError.self) {
      try SafetensorsFile(bytes: Array(pointer.utf8), name: "f")
    }
    #expect(error?.message == expected)
    try inFolder { folder in
      try Data(pointer.utf8).write(to: URL(filePath: folder + "/a"))
      let error = #expect(throws: SafetensorsError.self) {
        try SafetensorsFile(contentsOf: folder + "/a")
      }
      #expect(error?.description == "\(folder)/a: \(expected)")
    }
    let other = #expect(throws: SafetensorsError.self) {
      try SafetensorsFile(bytes: Array("version 2 of something else".utf8), name: "f")
    }
    #expect(other?.message.hasSuffix("this is not a safetensors file") == true)
  }

  @Test func `names that are not UTF-8 are refused`() {
    var bytes = file(Self.tensor("\"F32\"", "[2]", "[0,8]"), data: 8)
    bytes[10] = 0xFF
    let error = #expect(throws: SafetensorsError.self) {
      try SafetensorsFile(bytes: bytes, name: "f")
    }
    #expect(error?.description == "f: header, 1:2: the string is not valid UTF-8")
  }

  @Test func `truth values other than 0 and 1 are refused`() throws {
    var bytes = file(Self.tensor("\"BOOL\"", "[3]", "[0,3]"), data: 3)
    #expect(try SafetensorsFile(bytes: bytes, name: "f").tensors["a"]?.bytes == [1, 1, 1])
    bytes[bytes.count - 2] = 2
    let error = #expect(throws: SafetensorsError.self) {
      try SafetensorsFile(bytes: bytes, name: "f")
    }
    #expect(error?.description == "f: tensor \"a\": a truth value must be 0 or 1, got 2 at byte 1")
  }

  @Test func `entries that do not fit together are refused`() {
    #expect(throws: SafetensorsError.self) {
      try SafetensorsEntry(dtype: .float32, shape: [2], bytes: [1, 2, 3, 4])
    }
    #expect(throws: SafetensorsError.self) {
      try SafetensorsEntry(dtype: .float32, shape: [-1, -1], bytes: [1, 2, 3, 4])
    }
    #expect(throws: SafetensorsError.self) {
      try SafetensorsEntry(dtype: .uint8, shape: [1 << 32, 1 << 32], bytes: [])
    }
    #expect(throws: SafetensorsError.self) {
      try SafetensorsEntry(dtype: .bool, shape: [1], bytes: [255])
    }
  }

  @Test func `the reserved name is not written`() throws {
    let entry = try SafetensorsEntry(dtype: .uint8, shape: [], bytes: [1])
    #expect(throws: SafetensorsError.self) {
      try SafetensorsFile(tensors: ["__metadata__": entry]).encoded()
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `anything but a regular file is refused without waiting`() throws {
    try inFolder { folder in
      func message(_ path: String) -> String? {
        let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(contentsOf: path) }
        return error?.description
      }
      #expect(message(folder) == "\(folder): is a folder, not a file")
      #expect(mkfifo(folder + "/pipe", 0o600) == 0)
      #expect(message(folder + "/pipe") == "\(folder)/pipe: is not a regular file")
      #expect(message("/dev/zero") == "/dev/zero: is not a regular file")
      #expect(
        message(folder + "/none") == "\(folder)/none: cannot be opened: No such file or directory")
      #expect(message("a\0b")?.hasSuffix("may not contain a zero byte") == true)
      let content = try sample()
      #expect(throws: SafetensorsError.self) { try content.write(to: folder + "/no/file") }
      try FileManager.default.createDirectory(
        atPath: folder + "/inner", withIntermediateDirectories: false)
      #expect(throws: SafetensorsError.self) { try content.write(to: folder + "/inner") }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      #expect(left == ["inner", "pipe"])
    }
  }

  @Test func `a sparse file larger than the memory costs nothing`() throws {
    try inFolder { folder in
      let path = folder + "/sparse"
      // 8 TiB of zeros are a valid file that fits no machine.
      let size = 1 << 43
      let bytes = file(Self.tensor("\"U8\"", "[\(size)]", "[0,\(size)]"))
      #expect(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
      #expect(truncate(path, off_t(bytes.count + size)) == 0)
      let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(contentsOf: path) }
      #expect(error?.description.contains("are more than the limit of") == true)
      #expect(truncate(path, off_t(bytes.count)) == 0)
      let short = #expect(throws: SafetensorsError.self) { try SafetensorsFile(contentsOf: path) }
      #expect(short?.description.hasSuffix("it is truncated") == true)
    }
  }

  @Test func `damaged files are refused or read, and never crash`() throws {
    var random = SplitMix(seed: 3)
    let whole = try sample().encoded()
    let headerEnd = 8 + Int(whole[0]) + Int(whole[1]) << 8
    var refused = 0
    for round in 0..<6000 {
      var bytes = whole
      if round.isMultiple(of: 2) {
        damage(&bytes, using: &random)
      } else {
        // Only the header, at its old length: more of these get past the first checks.
        bytes[Int.random(in: 8..<headerEnd, using: &random)] = UInt8(
          ascii: "0123456789-.,:[]{}\"F".unicodeScalars.randomElement(using: &random) ?? "0")
      }
      do throws(SafetensorsError) {
        let content = try SafetensorsFile(bytes: bytes, name: "f")
        // An accepted file is a normal value.
        let again = try SafetensorsFile(bytes: try content.encoded(), name: "f")
        #expect(again == content)
        #expect(content.tensors.values.reduce(0) { $0 + $1.bytes.count } <= bytes.count)
      } catch {
        #expect(error.file == "f")
        refused += 1
      }
    }
    // Flips within the data give another valid file; nearly everything else must be noticed.
    #expect(refused > 4500, "\(refused) of 6000 refused")
    #expect(refused < 6000)
  }

  @Test func `a file cut anywhere is refused`() throws {
    let whole = try sample().encoded()
    for end in whole.indices {
      #expect(throws: SafetensorsError.self) {
        try SafetensorsFile(bytes: Array(whole[..<end]), name: "f")
      }
    }
  }
}
