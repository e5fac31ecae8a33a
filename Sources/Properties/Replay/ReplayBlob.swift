/// A failing input in a form that can be stored and sent: which choices made it.
struct ReplayBlob: Sendable {
  /// What the blob rebuilds an input from.
  enum Input: Sendable {
    case choices([ChoiceValue])
    /// The position among the examples given with the property.
    case example(Int)
  }

  static let formatVersion: UInt8 = 1

  let schemaHash: UInt64
  /// The seed of the trial, for randomness outside the generator.
  let seed: UInt64
  let input: Input

  /// The blob as text: base 64 of version, hash, seed, choices and a check sum.
  var text: String {
    var writer = ByteWriter()
    writer.byte(Self.formatVersion)
    writer.fixed(schemaHash)
    writer.fixed(seed)
    switch input {
    case .example(let position):
      writer.byte(0)
      writer.number(UInt64(position))
    case .choices(let choices):
      writer.byte(1)
      writer.number(UInt64(choices.count))
      for choice in choices { writer.choice(choice) }
    }
    return Base64URL.encode(writer.bytes + Self.checkSum(writer.bytes))
  }

  init(schemaHash: UInt64, seed: UInt64, input: Input) {
    self.schemaHash = schemaHash
    self.seed = seed
    self.input = input
  }

  /// Reads a blob.
  ///
  /// - Throws: what is wrong with it.
  init(_ text: some StringProtocol) throws(ReplayError) {
    guard let bytes = Base64URL.decode(text) else { throw .damaged("it is not base64url") }
    guard let version = bytes.first, bytes.count > 5 else { throw .damaged("it is too short") }
    guard version == Self.formatVersion else { throw .version(Int(version)) }
    let content = Array(bytes.dropLast(4))
    guard Array(bytes.suffix(4)) == Self.checkSum(content) else {
      throw .damaged("its check sum does not match")
    }
    do throws(ByteReader.Malformed) {
      var reader = ByteReader(content)
      _ = try reader.byte()
      schemaHash = try reader.fixed()
      seed = try reader.fixed()
      let isExample = try reader.byte() == 0
      let count = try reader.number()
      guard count <= UInt64(Source.maximumChoices) else { throw ByteReader.Malformed() }
      if isExample {
        input = .example(Int(count))
      } else {
        var choices: [ChoiceValue] = []
        for _ in 0..<count { choices.append(try reader.choice()) }
        input = .choices(choices)
      }
      guard reader.isAtEnd else { throw ByteReader.Malformed() }
    } catch {
      throw .damaged("its contents make no sense")
    }
  }

  private static func checkSum(_ bytes: [UInt8]) -> [UInt8] {
    let hash = XXH3.hash64(bytes)
    return (0..<4).map { UInt8(truncatingIfNeeded: hash >> (8 * $0)) }
  }
}

/// Why a stored failure cannot be run again.
public enum ReplayError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text was cut or edited.
  case damaged(String)
  /// The text was written by another version of this library.
  case version(Int)
  /// The generator has changed, and the choices no longer fit it.
  case stale
  /// The example has since been removed.
  case noExample(Int)
  /// The generator or the property makes a call that cannot work, whatever the input.
  case wrongCall(String)

  /// What is wrong.
  public var description: String {
    switch self {
    case .damaged(let why): "the replay blob is damaged: \(why)"
    case .version(let version):
      "the replay blob has format \(version), this build reads \(ReplayBlob.formatVersion)"
    case .stale: "the generator has changed since this failure was stored, its choices do not fit"
    case .noExample(let position): "there is no example number \(position) any more"
    case .wrongCall(let text): text
    }
  }
}

/// A request to run one stored failure instead of searching: `subject/law variant@blob`.
public struct ReplayRequest: Hashable, Sendable {
  /// The description of the cell.
  public let cell: String
  /// The stored choices.
  public let blob: String

  /// A request for a cell.
  public init(cell: String, blob: String) {
    self.cell = cell
    self.blob = blob
  }

  /// Reads a request; nil if the text is malformed.
  public init?(_ text: String) {
    guard let at = text.lastIndex(of: "@"), at != text.startIndex else { return nil }
    let blob = text[text.index(after: at)...]
    guard !blob.isEmpty else { return nil }
    self.init(cell: String(text[..<at]), blob: String(blob))
  }
}
