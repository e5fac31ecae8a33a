internal import Foundation
internal import JSON
internal import Support

/// What the first block of a cached split says about the rest, as text of JSON.
///
/// A file is: 8 bytes of `magic`, the version and the hash of everything after it, this text filled up
/// with spaces to the size of a block, all tokens, the length of each sequence, the label of each
/// example. Numbers are little-endian.
struct ArenaHeader: Equatable, Sendable {
  static let magic = Array("ZOOARENA".utf8)
  /// The version of this layout and of what the tokens mean.
  static let version: UInt32 = 1
  /// Where the text begins.
  static let textStart = 44
  /// Where the tokens begin.
  static let size = 4096

  var task: String
  var split: String
  /// The longest sequence that was kept whole; longer ones are cut.
  var length: Int
  var vocabulary: Int
  var classes: Int
  /// The number of examples.
  var count: Int
  /// The sequences of an example.
  var sequences: Int
  /// The number of tokens in all.
  var tokens: Int
  /// How the splits were cut.
  var rule: String
  /// What the examples were made from.
  var source: String
  /// The hash of the source.
  var sourceHash: String

  var bytesPerToken: Int { vocabulary <= 256 ? 1 : 2 }
  var lengthsStart: Int { Self.size + tokens * bytesPerToken }
  var labelsStart: Int { lengthsStart + 4 * count * sequences }
  var fileSize: Int { labelsStart + count }

  /// The first block of the file, for the hash of what follows it.
  func block(hashedAfter hash: borrowing ContentHash) throws -> [UInt8] {
    var text = Array(try json.text().utf8)
    guard text.count <= Self.size - Self.textStart else {
      throw ArenaError(
        "the header of a split takes \(text.count) bytes, at most 4,052 are possible")
    }
    text += repeatElement(UInt8(ascii: " "), count: Self.size - Self.textStart - text.count)
    text.withUnsafeBytes { hash.update($0) }
    let version = withUnsafeBytes(of: Self.version.littleEndian) { Array($0) }
    return Self.magic + version + Array(hash.digits.utf8) + text
  }

  private var json: JSON {
    [
      "task": .string(task), "split": .string(split), "length": .integer(length),
      "vocabulary": .integer(vocabulary), "classes": .integer(classes), "count": .integer(count),
      "sequences": .integer(sequences), "tokens": .integer(tokens), "rule": .string(rule),
      "source": .string(source), "source_hash": .string(sourceHash),
    ]
  }
}

extension ArenaHeader {
  /// Reads the text of a header.
  ///
  /// - Throws: `JSONError` that names the key.
  init(text: UnsafeRawBufferPointer) throws {
    let json = JSONPlace(try JSON(parsing: text))
    func number(_ key: String) throws -> Int { try json.member(key).int }
    func word(_ key: String) throws -> String { try json.member(key).string }
    self.init(
      task: try word("task"), split: try word("split"), length: try number("length"),
      vocabulary: try number("vocabulary"), classes: try number("classes"),
      count: try number("count"), sequences: try number("sequences"),
      tokens: try number("tokens"), rule: try word("rule"), source: try word("source"),
      sourceHash: try word("source_hash"))
  }
}

/// Writes the examples of one split into a file, which appears when it is complete.
final class ArenaFileWriter {
  private let file: FileWriter
  private let hash = ContentHash()
  private let task: ArenaTask
  private var tokens = 0
  private var lengths: [UInt32] = []
  private var labels: [UInt8] = []

  init(_ path: String, task: ArenaTask) throws {
    self.task = task
    file = try FileWriter(path, makingFolders: true)
    try [UInt8](repeating: 0, count: ArenaHeader.size).withUnsafeBytes { try file.write($0) }
  }

  /// Appends an example.
  func append(_ example: ArenaExample) throws {
    precondition(
      example.sequences.count == (task.isPaired ? 2 : 1) && task.classes > example.label,
      "an example of \(task.name) must have the sequences and a class of its task")
    for sequence in example.sequences {
      precondition(
        sequence.allSatisfy { $0 < task.vocabulary }, "a token is not in the vocabulary")
      lengths.append(UInt32(sequence.count))
      tokens += sequence.count
      try task.vocabulary <= 256
        ? write(sequence.map { UInt8($0) }) : write(sequence.map(\.littleEndian))
    }
    labels.append(UInt8(example.label))
  }

  /// Writes what describes the examples, and puts the file in place.
  func commit(_ header: ArenaHeader) throws {
    var header = header
    header.count = labels.count
    header.tokens = tokens
    try write(lengths.map(\.littleEndian))
    try write(labels)
    try header.block(hashedAfter: hash).withUnsafeBytes { try file.write($0, at: 0) }
    try file.commit()
  }

  private func write<Number>(_ numbers: [Number]) throws {
    try numbers.withUnsafeBytes { bytes in
      hash.update(bytes)
      try file.write(bytes)
    }
  }
}
