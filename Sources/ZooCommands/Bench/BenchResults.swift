internal import Benchmarking
internal import Catalogue
internal import Foundation
internal import Support

/// What figures were measured of and with.
struct BenchHeader: Codable, Sendable, Equatable {
  /// The version of the format of these files.
  static let currentSchema = 1

  var schema = currentSchema
  var settings: BenchSettings
  var machine: Machine
  /// The commit of the package, with `+` if files of it were changed.
  var revision: String
  var date: String
  var rates: MachineRates

  /// In what two headers differ that makes their figures differ.
  ///
  /// - Parameter sources: whether other sources and another libtorch count as well.
  func differences(from other: BenchHeader, sources: Bool) -> [(
    name: String, own: String, other: String
  )] {
    let (a, b) = (settings, other.settings)
    var pairs: [(String, any CustomStringConvertible, any CustomStringConvertible)] = [
      ("kind", a.kind.rawValue, b.kind.rawValue), ("preset", a.preset.rawValue, b.preset.rawValue),
      ("dtype", a.dtype, b.dtype), ("causal", a.causal, b.causal),
      ("threads", a.threads, b.threads),
      ("system", machine.system, other.machine.system), ("cpu", machine.cpu, other.machine.cpu),
      ("processors", machine.processors, other.machine.processors),
      ("memory", "\(machine.memoryGb) GB", "\(other.machine.memoryGb) GB"),
      ("build", machine.build, other.machine.build),
    ]
    if sources {
      pairs.append(("libtorch", machine.libtorch, other.machine.libtorch))
      pairs.append(("revision", revision, other.revision))
    }
    return pairs.map { ($0.0, "\($0.1)", "\($0.2)") }.filter { $0.1 != $0.2 }
  }

  /// The header in lines of a name and a value.
  var lines: [(name: String, value: String)] {
    let machine = self.machine
    let s = settings
    let copies = rates.copies.map { "\(figures($0.gbps)) GB/s for \(figures($0.bytes / 1e6)) MB" }
    return [
      (
        "settings",
        "preset \(s.preset.rawValue): B \(s.batch), H \(s.heads), head width \(s.width), \(s.dtype), "
          + "\(s.causal ? "causal, " : "")dropout 0, \(s.threads) thread\(s.threads == 1 ? "" : "s")"
      ),
      (
        "machine",
        "\(machine.cpu), \(machine.processors) processors, \(machine.memoryGb) GB, \(machine.system)"
      ),
      (
        "build",
        "libtorch \(machine.libtorch), revision \(revision), \(machine.build) build"
          + (machine.build == "debug" ? ": slower than a release build" : "") + ", \(date)"
      ),
      (
        "rates",
        "\(figures(rates.gflops)) GFLOP/s in a matrix product; copies of "
          + copies.joined(separator: ", ")
      ),
    ]
  }
}

/// The figures of a benchmark, in the order in which they were measured.
struct BenchResults: Sendable {
  let header: BenchHeader
  private(set) var rows: [BenchRow] = []
  private var places: [BenchCase: Int] = [:]

  init(_ header: BenchHeader) { self.header = header }

  subscript(_ key: BenchCase) -> BenchRow? { places[key].map { rows[$0] } }

  /// Adds a row, in the place of an earlier one of the same case.
  mutating func add(_ row: BenchRow) {
    var row = row
    let base = BenchCase(
      part: header.settings.baseline, level: row.key.level, length: row.key.length,
      pass: row.key.pass)
    let reference = base == row.key ? row.measured : self[base]?.measured
    row.timesBaseline = row.measured.flatMap { own in
      reference.map { own.medianMs / $0.medianMs }
    }
    if let place = places[row.key] {
      rows[place] = row
    } else {
      places[row.key] = rows.count
      rows.append(row)
    }
  }

  /// The same, of some cases only.
  func only(_ keys: [BenchCase]) -> BenchResults {
    keys.reduce(into: BenchResults(header)) { chosen, key in
      if let row = self[key] { chosen.add(row) }
    }
  }
}

// MARK: Files

/// A line of a file: the header first, then a row for each case.
private struct BenchLine: Codable {
  var header: BenchHeader?
  var row: BenchRow?
}

extension BenchResults {
  /// The content of a file, one JSON object a line.
  var jsonLines: String {
    get throws {
      let encoder = benchEncoder()
      let lines = [BenchLine(header: header)] + rows.map { BenchLine(row: $0) }
      return try lines.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }
        .joined()
    }
  }

  /// Reads a file. Its last line may be cut off, which is what an interrupted copy leaves.
  ///
  /// - Returns: the figures, and a note about a line that was left out.
  /// - Throws: `CommandFailure` that names the line.
  static func load(_ path: String) throws -> (results: BenchResults, note: String?) {
    let bytes = try readFile(path)
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var results: BenchResults?
    for (index, line) in lines.enumerated() where !line.isEmpty {
      func failure(_ reason: String) -> CommandFailure {
        CommandFailure("line \(index + 1) of \(path): \(reason)")
      }
      let content: BenchLine
      do { content = try benchDecoder().decode(BenchLine.self, from: Data(line)) } catch {
        if let results, index == lines.count - 1 {
          return (results, "line \(index + 1) of \(path) is cut off and was left out")
        }
        throw failure(reason(of: error))
      }
      if let header = content.header {
        guard results == nil else { throw failure("a second header") }
        guard header.schema == BenchHeader.currentSchema else {
          throw failure(
            "the format is \(header.schema), this program reads \(BenchHeader.currentSchema)")
        }
        results = BenchResults(header)
      } else if let row = content.row {
        guard results != nil else { throw failure("expected a header, got a row") }
        results?.add(row)
      } else {
        throw failure("expected `header` or `row`")
      }
    }
    guard let results else { throw CommandFailure("\(path) is empty, expected results of bench") }
    return (results, nil)
  }
}

/// Writes what benchmarks exchange and keep: keys in snake case, numbers that are none as words.
func benchEncoder() -> JSONEncoder {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return encoder
}

func benchDecoder() -> JSONDecoder {
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  decoder.nonConformingFloatDecodingStrategy = .convertFromString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return decoder
}

/// Why a line could not be read, with the key.
private func reason(of error: any Error) -> String {
  func path(_ keys: [any CodingKey]) -> String { keys.map(\.stringValue).joined(separator: ".") }
  switch error {
  case DecodingError.keyNotFound(let key, let context):
    return "`\(path(context.codingPath + [key]))` is missing"
  case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
    DecodingError.dataCorrupted(let context):
    let place = path(context.codingPath)
    return place.isEmpty ? "it is not JSON" : "`\(place)`: \(context.debugDescription)"
  default: return "\(error)"
  }
}

/// A number with three figures.
func figures(_ value: Double) -> String {
  guard value.isFinite else { return "\(value)" }
  let digits = value == 0 ? 0 : Int(floor(log10(abs(value))))
  return digits >= 3 || value == 0
    ? String(format: "%.0f", value)
    : digits < -4 ? String(format: "%.1e", value) : String(format: "%.\(2 - digits)f", value)
}
