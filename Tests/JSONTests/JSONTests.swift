import JSON
import Testing

@Suite struct `JSON is read strictly` {
  static let valid: [(String, JSON)] = [
    ("null", .null), ("true", true), ("false", false), ("0", 0), ("-7", -7),
    ("4.0", .number(4)), ("1e2", .number(100)), ("-0", .number(-0.0)), ("0.5", 0.5),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(0x1p63)), ("\"\"", ""), ("\"a\\/\\u0041\\n\"", "a/A\n"),
    ("\"\\ud83d\\ude00\"", "😀"), ("\"\u{7F}\"", "\u{7F}"), ("[]", []), (" [ 1 , [ ] ]\n", [1, []]),
    ("{}", [:]), ("{\"b\":1,\"a\":{}}", ["b": 1, "a": [:]]), ("1e-999", .number(0)),
  ]

  @Test(arguments: valid)
  func `valid texts give their value`(text: String, value: JSON) throws {
    #expect(try JSON(parsing: text) == value)
  }

  static let invalid: [(String, String)] = [
    ("", "1:1: expected a value, got the end of the text"),
    ("[1,\n 2,]", "2:4: expected a value, got ']'"),
    ("{\"é\": 1 2}", "1:9: expected ',' or '}' in an object, got '2'"),
    ("{\"a\" 1}", "1:6: expected ':' after a key, got '1'"),
    ("{a: 1}", "1:2: expected a key in double quotes, got 'a'"),
    ("{\"a\": 1,}", "1:9: expected a key in double quotes, got '}'"),
    ("{\"a\": 1,\n\"a\": 2}", "2:1: the key \"a\" is repeated"),
    ("{\"a\": 1, \"\\u0061\": 2}", "1:10: the key \"a\" is repeated"),
    ("[1] x", "1:5: expected the end of the text after its value, got 'x'"),
    ("{} {}", "1:4: expected the end of the text after its value, got '{'"),
    ("01", "1:1: a number may not have leading zeros"),
    ("-01", "1:1: a number may not have leading zeros"),
    ("+1", "1:1: expected a value, got '+'"), (".5", "1:1: expected a value, got '.'"),
    ("5.", "1:3: expected a digit after the point, got the end of the text"),
    ("-", "1:2: expected a digit, got the end of the text"),
    ("1e", "1:3: expected a digit in the exponent, got the end of the text"),
    ("1e+x", "1:4: expected a digit in the exponent, got 'x'"),
    ("1e999", "1:1: the number 1e999 is too large for a double"),
    ("0x10", "1:2: expected the end of the number 0, got 'x'"),
    ("NaN", "1:1: expected a value, got 'N'"), ("Infinity", "1:1: expected a value, got 'I'"),
    ("-Infinity", "1:2: expected a digit, got 'I'"), ("nul", "1:1: expected a value, got 'nul'"),
    ("truely", "1:1: expected a value, got 'truely'"),
    ("\"abc", "1:1: the string is not terminated"),
    ("\"abc\\", "1:6: the string is not terminated"),
    ("\"a\nb\"", "1:3: a control character in a string must be escaped, got the byte 0xa"),
    ("\"\\x41\"", "1:2: JSON has no such escape"),
    ("\"\\u12G4\"", "1:6: expected four hexadecimal digits after \\u, got 'G'"),
    ("\"\\ud83d\"", "1:2: half of a surrogate pair is missing"),
    ("\"\\ud83d\\ud83d\"", "1:2: half of a surrogate pair is missing"),
    ("\"\\ude00\"", "1:2: half of a surrogate pair is missing"),
    ("'a'", "1:1: expected a value, got '''"), ("// a\n1", "1:1: expected a value, got '/'"),
    ("[1}", "1:3: expected ',' or ']' in an array, got '}'"),
    ("\u{FEFF}1", "1:1: the text starts with a byte order mark, which JSON does not allow"),
    ("\u{A0}1", "1:1: expected a value, got the byte 0xc2"),
  ]

  @Test(arguments: invalid)
  func `invalid texts give an error with its position`(text: String, message: String) {
    let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
    #expect(error?.description == message)
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    // Stray continuation, overlong slash, encoded surrogate, beyond Unicode, cut short.
    for bad: [UInt8] in [
      [0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
    ] {
      let error = #expect(throws: JSONError.self) {
        try JSON(parsing: [0x5B, 0x22] + bad + [0x22, 0x5D])
      }
      #expect(error?.description == "1:2: the string is not valid UTF-8")
      #expect(throws: JSONError.self) { try JSON(parsing: bad) }
    }
  }

  @Test func `nesting is limited, and deep texts do not exhaust the stack`() throws {
    func text(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSON(parsing: text(JSON.depthLimit))
    #expect(throws: JSONError.self) { try JSON(parsing: text(JSON.depthLimit + 1)) }
    #expect(throws: JSONError.self) { try JSON(parsing: text(1_000_000)) }
    #expect(throws: JSONError.self) {
      try JSON(parsing: String(repeating: "{\"a\":", count: 1_000_000))
    }
  }
}

@Suite struct `JSON values` {
  @Test func `numbers are equal by value and hash alike`() {
    #expect(JSON.integer(4) == .number(4))
    #expect(JSON.integer(4).hashValue == JSON.number(4).hashValue)
    #expect(JSON.integer(4) != .number(4.5))
    #expect(JSON.integer(0) != .number(-0.0))
    #expect(JSON.number(0) != .number(-0.0))
    // 2⁵³ + 1 has no double, so its neighbour is another number.
    #expect(JSON.integer(1 << 53 + 1) != .number(0x1p53))
    #expect(JSON.integer(.max) != .number(0x1p63))
    #expect(JSON.bool(true) != 1)
  }

  @Test func `accessors return only values of their kind`() {
    let value: JSON = ["a": [1, 2.5, 4.0, "x", true, nil], "n": -0.0]
    #expect(value["a"]?[0]?.int == 1)
    #expect(value["a"]?[1]?.int == nil)
    #expect(value["a"]?[1]?.double == 2.5)
    #expect(value["a"]?[2]?.int == 4)
    #expect(value["a"]?[3]?.string == "x")
    #expect(value["a"]?[3]?.int == nil)
    #expect(value["a"]?[4]?.bool == true)
    #expect(value["a"]?[4]?.int == nil)
    #expect(value["a"]?[5]?.isNull == true)
    #expect(value["a"]?[6] == nil)
    #expect(value["a"]?[-1] == nil)
    #expect(value["b"] == nil)
    #expect(value["n"]?.int == 0)
    #expect(JSON.number(1e300).int == nil)
    #expect(JSON.number(.nan).int == nil)
    #expect(value.object?.count == 2)
    #expect(value.array == nil)
  }

  @Test func `objects keep the order of their keys, which equality ignores`() {
    var object: JSONObject = ["b": 1, "a": 2, "c": 3]
    #expect(object.keys == ["b", "a", "c"])
    object["b"] = 9
    object["d"] = 4
    object["a"] = nil
    #expect(object.keys == ["b", "c", "d"])
    #expect(object.map(\.key) == object.keys)
    #expect(object.map(\.value) == [9, 3, 4])
    #expect(object == ["d": 4, "c": 3, "b": 9])
    #expect(object.hashValue == (["d": 4, "c": 3, "b": 9] as JSONObject).hashValue)
    #expect(object.removing("c", "z").keys == ["b", "d"])
    #expect(object.merging(["c": 0, "e": 5]) == ["b": 9, "c": 0, "d": 4, "e": 5])
    #expect(object.removeValue(forKey: "nothing") == nil)
  }
}

@Suite struct `JSON is written exactly` {
  @Test func `compact text keeps the order of keys and the kind of numbers`() throws {
    let value: JSON = ["b": [1, 2.0, -0.0, 1e300], "a": ["x\"\\\n\u{1}é😀": nil], "e": []]
    let text = try value.text()
    #expect(text == #"{"b": [1, 2.0, -0.0, 1e+300], "a": {"x\"\\\n\u0001é😀": null}, "e": []}"#)
    #expect(try JSON(parsing: text) == value)
    #expect(value.description == text)
  }

  @Test func `pretty text breaks nested values into lines`() throws {
    let value: JSON = ["shape": [1, 2], "cases": [["a": 1], ["b": [true]]], "none": [:]]
    let text = try value.text(.pretty)
    #expect(
      text == """
        {
          "shape": [1, 2],
          "cases": [
            {"a": 1},
            {
              "b": [true]
            }
          ],
          "none": {}
        }
        """)
    #expect(try JSON(parsing: text) == value)
  }

  @Test func `canonical text is the same for equal values`() throws {
    let left = try JSON(parsing: #"{"é": 4.0, "b": [1e2, 0.10, -0.0, 1e20]}"#)
    let right = try JSON(
      parsing: "{ \"b\" : [100.0,1e-1,-0e5,100000000000000000000], \"\\u00e9\":4}")
    #expect(left == right)
    #expect(try left.text(.canonical) == "{\"b\":[100,0.1,-0.0,1e+20],\"é\":4}")
    #expect(try left.text(.canonical) == right.text(.canonical))
    #expect(try JSON.number(0x1p62).text(.canonical) == "4611686018427387904")
    #expect(try JSON.number(0x1p63).text(.canonical) == "9.223372036854776e+18")
    #expect(
      try (["b": 1, "B": 2, "a😀": 3, "a\u{FFFF}": 4] as JSON).text(.canonical)
        == "{\"B\":2,\"a\u{FFFF}\":4,\"a😀\":3,\"b\":1}")
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `numbers that JSON cannot express are refused`(value: Double) {
    for style in [JSON.Style.compact, .pretty, .canonical] {
      #expect(throws: JSONError.self) { try (["a": [.number(value)]] as JSON).text(style) }
    }
  }

  @Test func `random values survive every style`() throws {
    var random = SplitMix(seed: 7)
    for _ in 0..<3000 {
      let value = JSON.random(depth: 4, using: &random)
      for style in [JSON.Style.compact, .pretty, .canonical] {
        let text = try value.text(style)
        let again = try JSON(parsing: text)
        #expect(again == value, "\(text)")
        #expect(try again.text(style) == text)
        #expect(try again.text(.canonical) == value.text(.canonical))
      }
    }
  }

  @Test func `damaged texts are refused or read, and never crash`() throws {
    var random = SplitMix(seed: 8)
    var refused = 0
    for _ in 0..<5000 {
      var bytes = Array(try JSON.random(depth: 4, using: &random).text(.pretty).utf8)
      damage(&bytes, using: &random)
      guard let value = try? JSON(parsing: bytes) else {
        refused += 1
        continue
      }
      #expect(try JSON(parsing: value.text(.canonical)) == value)
    }
    #expect(refused > 1000)
  }
}

extension JSON {
  fileprivate static func random(depth: Int, using random: inout SplitMix) -> JSON {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
    case 0: return .null
    case 1: return .bool(.random(using: &random))
    case 2: return .integer(Int.random(in: -100...100, using: &random))
    case 3: return .integer(Int(bitPattern: UInt(random.next())))
    case 4:
      let value = Double(bitPattern: random.next())
      return .number(value.isFinite ? value : Double(Int.random(in: -9...9, using: &random)))
    case 5:
      let scalars = (0..<Int.random(in: 0..<6, using: &random)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 0..<0x2_FFFF, using: &random))
      }
      return .string(String(String.UnicodeScalarView(scalars)))
    case 6:
      return .array(
        (0..<Int.random(in: 0..<4, using: &random)).map { _ in
          .random(depth: depth - 1, using: &random)
        })
    default:
      var object = JSONObject()
      for index in 0..<Int.random(in: 0..<4, using: &random) {
        object["\(Int.random(in: 0..<100, using: &random)) \(index)"] = .random(
          depth: depth - 1, using: &random)
      }
      return .object(object)
    }
  }
}

/// A random number generator that gives the same numbers everywhere.
private struct SplitMix: RandomNumberGenerator {
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

/// Damages bytes in one to three ways.
private func damage(_ bytes: inout [UInt8], using random: inout SplitMix) {
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
