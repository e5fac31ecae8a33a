/// The version of the generator, recorded in generated files.
public let generatorVersion = "1.0.0"

/// A number in base 16, padded with zeros.
func hexadecimal(_ value: UInt64, digits: Int, uppercase: Bool = false) -> String {
  let text = String(value, radix: 16, uppercase: uppercase)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}

/// The 64-bit FNV-1a hash of a text, as 16 digits.
///
/// It only has to distinguish generated files, so it need not resist forgery.
func fingerprint(_ text: String) -> String {
  let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
    (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
  }
  return hexadecimal(hash, digits: 16)
}

/// The three lines at the start of a generated file.
func generatedHeader(count: Int, inputs: String) -> String {
  """
  // Do not edit: the next build overwrites this file.
  // Generated from \(count) annotation\(count == 1 ? "" : "s") by partsgen \(generatorVersion).
  // Inputs: \(inputs).

  """
}

/// The usual notation of an invisible character.
func codePoint(_ scalar: Unicode.Scalar) -> String {
  "U+" + hexadecimal(UInt64(scalar.value), digits: 4, uppercase: true)
}

/// Text as a Swift string literal.
func swiftLiteral(_ text: String) -> String {
  var literal = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": literal += "\\\(scalar)"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F:
      literal += "\\u{\(hexadecimal(UInt64(scalar.value), digits: 2))}"
    default: literal.unicodeScalars.append(scalar)
    }
  }
  return literal + "\""
}
