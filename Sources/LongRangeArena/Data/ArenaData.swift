public import Foundation
internal import JSON
internal import Support

/// The examples of one split of a task, mapped from the file that `zoo lra data` wrote.
public final class ArenaData: Examples {
  /// The hash of the whole content, 32 hexadecimal digits.
  public let hash: String
  private let header: ArenaHeader
  private let file: FileBytes
  /// Where each sequence begins, in tokens, and where the last one ends.
  private let starts: [Int]

  /// Opens a split, and checks it whole.
  ///
  /// - Parameter folder: the folder that `zoo lra data --data` was given.
  /// - Throws: ``ArenaError`` if there is no such file, or it is damaged or of another kind.
  public static func open(task: ArenaTask, split: ArenaSplit, folder: URL) throws -> ArenaData {
    let path = Self.path(of: task, split, in: folder.path)
    guard fileExists(path) else {
      throw ArenaError("there is no \(path): \(task.advice(folder.path))")
    }
    return try ArenaData(path, task: task, split: split)
  }

  /// What is missing of the data of a task in a folder, and how to make it; nil if nothing is.
  public static func missing(_ task: ArenaTask, in folder: String) -> String? {
    guard isFolder(folder) else {
      return "there is no folder \(folder) of data: \(task.advice(folder))"
    }
    let paths = ArenaSplit.allCases.map { Self.path(of: task, $0, in: folder) }
    return paths.first { !fileExists($0) }
      .map { "there is no \($0): \(task.advice(folder))" }
  }

  static func path(of task: ArenaTask, _ split: ArenaSplit, in folder: String) -> String {
    "\(folder)/\(task.name).\(split.rawValue).arena"
  }

  private init(_ path: String, task: ArenaTask, split: ArenaSplit) throws {
    func wrong(_ what: String) -> ArenaError {
      ArenaError("\(path) \(what): \(task.advice(Support.folder(of: path), again: true))")
    }
    file = try FileBytes(path)
    let bytes = file.bytes
    guard bytes.starts(with: ArenaHeader.magic) else { throw wrong("is no file of the arena") }
    guard bytes.count >= ArenaHeader.size else {
      throw wrong("is truncated: \(bytes.count) bytes, expected at least \(ArenaHeader.size)")
    }
    let version = UInt32(
      littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    guard version == ArenaHeader.version else {
      throw wrong("has version \(version), expected \(ArenaHeader.version)")
    }
    let text = UnsafeRawBufferPointer(rebasing: bytes[ArenaHeader.textStart..<ArenaHeader.size])
    guard let header = try? ArenaHeader(text: text) else { throw wrong("has a damaged header") }
    // A wrong size may stand for numbers that cannot even be multiplied.
    let numbers = [header.length, header.classes, header.count, header.tokens]
    guard numbers.allSatisfy({ 0...bytes.count ~= $0 || $0 == header.length }),
      1...2 ~= header.sequences, header.length > 0
    else { throw wrong("is truncated, or its header is damaged") }
    guard bytes.count == header.fileSize else {
      throw wrong(
        "is \(bytes.count < header.fileSize ? "truncated" : "too long"): \(bytes.count) bytes, "
          + "expected \(header.fileSize)")
    }
    let digest = ContentHash()
    digest.update(UnsafeRawBufferPointer(rebasing: bytes[ArenaHeader.size...]))
    digest.update(text)
    hash = digest.digits
    guard bytes[12..<ArenaHeader.textStart].elementsEqual(hash.utf8) else {
      throw wrong("is damaged: its content does not have the hash in its header")
    }
    guard header.task == task.name, header.split == split.rawValue else {
      throw wrong(
        "contains \(header.split) of \(header.task), expected \(split.rawValue) of \(task.name)")
    }
    guard header.vocabulary == task.vocabulary, header.classes == task.classes,
      header.sequences == (task.isPaired ? 2 : 1)
    else { throw wrong("was made for another definition of \(task.name)") }
    var starts = [0]
    starts.reserveCapacity(header.count * header.sequences + 1)
    for sequence in 0..<header.count * header.sequences {
      let length = bytes.loadUnaligned(
        fromByteOffset: header.lengthsStart + 4 * sequence, as: UInt32.self)
      starts.append(starts[sequence] + Int(UInt32(littleEndian: length)))
    }
    guard starts.last == header.tokens else { throw wrong("has lengths that do not add up") }
    self.header = header
    self.starts = starts
  }

  /// The number of examples.
  public var count: Int { header.count }
  /// The longest that a sequence may be, in tokens; the rest was cut.
  public var length: Int { header.length }
  /// How the splits were cut.
  public var rule: String { header.rule }
  /// What the examples were made from.
  public var source: String { header.source }
  /// The hash of what the examples were made from, 32 hexadecimal digits.
  public var sourceHash: String { header.sourceHash }

  /// The tokens of an example, without padding; of its second sequence, if `sequence` is 1.
  public func tokens(_ example: Int, sequence: Int) -> [UInt16] {
    precondition(
      0..<header.count ~= example && 0..<header.sequences ~= sequence,
      "there is no sequence \(sequence) of example \(example) in \(file.path)")
    let number = example * header.sequences + sequence
    return (starts[number]..<starts[number + 1]).map { token in
      let place = ArenaHeader.size + token * header.bytesPerToken
      guard header.bytesPerToken == 2 else { return UInt16(file.bytes[place]) }
      return UInt16(littleEndian: file.bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self))
    }
  }

  /// The class of an example.
  public func label(_ example: Int) -> Int {
    precondition(0..<header.count ~= example, "there is no example \(example) in \(file.path)")
    return Int(file.bytes[header.labelsStart + example])
  }
}
