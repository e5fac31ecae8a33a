internal import Catalogue
internal import JSON
internal import Support

extension CellResult {
  /// The result as written in a report and its journal.
  var json: JSON {
    var members: JSONObject = [
      "kind": .string(kind.rawValue), "part": .string(part), "law": .string(law),
      "code": .string(code), "dtype": .string(dtype), "verdict": .string(verdict.word),
    ]
    switch verdict {
    case .passed, .notRun, .missing: members["reason"] = .null
    case .failed(let kind): members["reason"] = .string(kind.rawValue)
    case .notApplicable(let why): members["reason"] = .string(why)
    case .known(let note):
      members["reason"] = .string(note.reason)
      members["link"] = .string(note.link)
      members["expires"] = .string(note.expires.description)
    }
    members["trials"] = .integer(trials)
    members["budget"] = .integer(budget)
    members["comparisons"] = .integer(comparisons)
    members["worst"] = worst.map(JSON.measured) ?? .null
    members["coverage"] = .sorted(coverage) { .integer($0) }
    members["seconds"] = .measured(seconds)
    members["failure"] = failure?.json ?? .null
    if !otherFailures.isEmpty { members["otherFailures"] = .array(otherFailures.map(\.json)) }
    return .object(members)
  }
}

extension Failure {
  fileprivate var json: JSON {
    [
      "origin": .string(origin), "printed": .string(printed), "choices": .string(choices),
      "reproduce": .string(reproduce), "message": .string(message),
      "shrink": shrink.map { shrink in
        [
          "evaluations": .integer(shrink.evaluations), "from": .integer(shrink.from),
          "to": .integer(shrink.to),
        ]
      } ?? .null,
      "explain": .optional(explain),
    ]
  }

  fileprivate init(_ failure: JSONPlace) throws(JSONError) {
    self.init(
      origin: try failure.member("origin").string, printed: try failure.member("printed").string,
      choices: try failure.member("choices").string,
      reproduce: try failure.member("reproduce").string,
      message: try failure.member("message").string)
    if let shrink = try failure.optional("shrink") {
      self.shrink = Shrink(
        evaluations: try shrink.member("evaluations").int, from: try shrink.member("from").int,
        to: try shrink.member("to").int)
    }
    explain = try failure.optional("explain")?.string
  }
}

extension JSON {
  /// A text, or `null`.
  static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

  /// An object with sorted keys.
  static func sorted<Value>(_ values: [String: Value], _ make: (Value) -> JSON) -> JSON {
    .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, make($0.value)) }))
  }

  /// A number; those that JSON lacks become the strings `inf`, `-inf` and `nan`.
  static func measured(_ value: Double) -> JSON {
    value.isFinite ? .number(value) : .string(value.isNaN ? "nan" : value < 0 ? "-inf" : "inf")
  }
}

extension JSONPlace {
  /// A number that `measured(_:)` wrote.
  fileprivate var measured: Double {
    get throws(JSONError) {
      switch value.string {
      case "inf": .infinity
      case "-inf": -.infinity
      case "nan": .nan
      default: try double
      }
    }
  }

  /// A whole number that is not negative.
  fileprivate var count: Int {
    get throws {
      let count = try int
      guard count >= 0 else {
        throw ReportError.malformed("\(path) is \(count), expected 0 or more")
      }
      return count
    }
  }

  /// A text that is not empty.
  fileprivate var word: String {
    get throws {
      let word = try string
      guard !word.isEmpty else { throw ReportError.malformed("\(path) is empty") }
      return word
    }
  }

  /// The error for an unknown word.
  fileprivate func unknown(_ word: String, _ known: [String]) -> ReportError {
    let hint = nearest(word, among: known).map { ", nearest is \"\($0)\"" } ?? ""
    return .malformed("\(path) is \"\(word)\"\(hint)")
  }
}

extension CellResult {
  /// Reads a result back, and checks that it is consistent.
  ///
  /// - Throws: `JSONError` or ``ReportError`` that names the place.
  init(_ cell: JSONPlace) throws {
    let kindPlace = try cell.member("kind")
    guard let kind = Kind(rawValue: try kindPlace.string) else {
      throw kindPlace.unknown(try kindPlace.string, Kind.allCases.map(\.rawValue))
    }
    let dtype = try cell.member("dtype")
    guard Cell.dtypes.contains(try dtype.string) else {
      throw dtype.unknown(try dtype.string, Cell.dtypes)
    }
    let secondsPlace = try cell.member("seconds")
    let seconds = try secondsPlace.measured
    guard seconds.isFinite, seconds >= 0 else {
      throw ReportError.malformed("\(secondsPlace.path) is \(seconds), expected 0 or more")
    }
    var coverage: [String: Int] = [:]
    let counts = try cell.member("coverage")
    for key in try counts.object.keys { coverage[key] = try counts.member(key).count }
    let others = try cell.optional("otherFailures")?.elements ?? []
    self.init(
      kind: kind, part: try cell.member("part").word, law: try cell.member("law").word,
      code: try cell.member("code").word, dtype: try dtype.string,
      verdict: try Self.verdict(of: cell), trials: try cell.member("trials").count,
      budget: try cell.member("budget").count, comparisons: try cell.member("comparisons").count,
      worst: try cell.optional("worst")?.measured, coverage: coverage, seconds: seconds,
      failure: try cell.optional("failure").map(Failure.init),
      otherFailures: try others.map(Failure.init))
  }

  private static func verdict(of cell: JSONPlace) throws -> Verdict {
    let verdict = try cell.member("verdict")
    let reason = try cell.optional("reason")
    switch try verdict.string {
    case "passed":
      let (trials, comparisons) = (
        try cell.member("trials").count, try cell.member("comparisons").count
      )
      guard trials > 0, comparisons > 0 else {
        throw ReportError.inconsistent(
          "\(cell.path) passed with \(trials) trials and \(comparisons) comparisons")
      }
      let others = try cell.optional("otherFailures")?.elements ?? []
      guard try cell.optional("failure") == nil, others.isEmpty else {
        throw ReportError.inconsistent("\(cell.path) passed with a failure")
      }
      return .passed
    case "failed":
      guard let reason else {
        throw ReportError.malformed("\(cell.path) failed without a reason")
      }
      guard let kind = FailureKind(rawValue: try reason.string) else {
        throw reason.unknown(try reason.string, FailureKind.allCases.map(\.rawValue))
      }
      return .failed(kind)
    case "knownFailure":
      guard let reason, let link = try cell.optional("link"),
        let expires = try cell.optional("expires")
      else {
        throw ReportError.malformed(
          "\(cell.path) is a known failure without reason, link or expires")
      }
      guard let day = CalendarDay(try expires.string) else {
        throw ReportError.malformed(
          "\(expires.path) is \"\(try expires.string)\", expected a day such as 2027-01-31")
      }
      return .known(KnownNote(reason: try reason.string, link: try link.string, expires: day))
    case "notApplicable":
      guard let reason = try reason?.string, !reason.isEmpty else {
        throw ReportError.malformed("\(cell.path) is not applicable without a reason")
      }
      return .notApplicable(reason: reason)
    case "notRun":
      return .notRun
    case "missing":
      return .missing
    case let word:
      throw verdict.unknown(word, Verdict.words)
    }
  }
}

extension CellResult {
  /// The result as one line of JSON, which another process can read.
  public var line: String { json.description }

  /// Reads a result back.
  ///
  /// - Throws: ``ReportError`` that names what is wrong with the line.
  public init(line: some Sequence<UInt8>) throws(ReportError) {
    self = try reading { try CellResult(JSONPlace(JSON(parsing: line), at: "cell")) }
  }
}
