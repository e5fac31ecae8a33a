internal import Catalogue

extension CellResult {
  /// The result as a report and its journal hold it.
  var jsonText: JSONText {
    let reason: JSONText
    var link: JSONText = .null
    var expires: JSONText = .null
    switch verdict {
    case .passed, .notRun, .missing: reason = .null
    case .failed(let kind): reason = .string(kind.rawValue)
    case .notApplicable(let why): reason = .string(why)
    case .known(let note):
      reason = .string(note.reason)
      link = .string(note.link)
      expires = .string(note.expires.description)
    }
    var members: [(key: String, value: JSONText)] = [
      ("kind", .string(kind.rawValue)), ("part", .string(part)), ("law", .string(law)),
      ("code", .string(code)), ("dtype", .string(dtype)), ("verdict", .string(verdict.word)),
      ("reason", reason),
    ]
    if case .known = verdict { members += [("link", link), ("expires", expires)] }
    members += [
      ("trials", .integer(trials)), ("budget", .integer(budget)),
      ("comparisons", .integer(comparisons)), ("worst", worst.map { .number($0) } ?? .null),
      ("coverage", .sorted(coverage) { .integer($0) }), ("seconds", .number(seconds)),
      ("failure", failure?.jsonText ?? .null),
    ]
    if !otherFailures.isEmpty {
      members.append(("otherFailures", .array(otherFailures.map(\.jsonText))))
    }
    return .object(members)
  }
}

extension Failure {
  fileprivate var jsonText: JSONText {
    .object([
      ("origin", .string(origin)), ("printed", .string(printed)), ("choices", .string(choices)),
      ("reproduce", .string(reproduce)), ("message", .string(message)),
      (
        "shrink",
        shrink.map { shrink in
          .object([
            ("evaluations", .integer(shrink.evaluations)), ("from", .integer(shrink.from)),
            ("to", .integer(shrink.to)),
          ])
        } ?? .null
      ),
      ("explain", .optional(explain)),
    ])
  }
}

/// The members of a cell as they are decoded, before they are believed.
struct CellFile: Decodable {
  let kind: String
  let part: String
  let law: String
  let code: String
  let dtype: String
  let verdict: String
  let reason: String?
  let link: String?
  let expires: String?
  @WholeNumber var trials: Int
  @WholeNumber var budget: Int
  @WholeNumber var comparisons: Int
  let worst: Double?
  let coverage: [String: WholeNumber]
  let seconds: Double
  let failure: Failure?
  let otherFailures: [Failure]?

  /// The result these members describe.
  /// - Throws: ``ReportError`` that begins with the place.
  func result(at place: String) throws(ReportError) -> CellResult {
    guard let kind = Kind(rawValue: kind) else {
      throw unknown("kind", self.kind, Kind.allCases.map(\.rawValue), at: place)
    }
    guard Cell.dtypes.contains(dtype) else {
      throw unknown("dtype", dtype, Cell.dtypes, at: place)
    }
    for (name, word) in [("part", part), ("law", law), ("code", code)] where word.isEmpty {
      throw .malformed("\(place).\(name) is empty")
    }
    let counts = [("trials", trials), ("budget", budget), ("comparisons", comparisons)]
    let coverage = coverage.mapValues(\.wrappedValue)
    for (name, count) in counts + coverage.map({ ("coverage.\($0)", $1) }) where count < 0 {
      throw .malformed("\(place).\(name) is \(count), expected 0 or more")
    }
    guard seconds.isFinite, seconds >= 0 else {
      throw .malformed("\(place).seconds is \(seconds), expected 0 or more")
    }
    return CellResult(
      kind: kind, part: part, law: law, code: code, dtype: dtype,
      verdict: try believed(at: place), trials: trials, budget: budget, comparisons: comparisons,
      worst: worst, coverage: coverage, seconds: seconds, failure: failure,
      otherFailures: otherFailures ?? [])
  }

  private func believed(at place: String) throws(ReportError) -> Verdict {
    switch verdict {
    case "passed":
      guard trials > 0, comparisons > 0 else {
        throw .inconsistent(
          "\(place) passed with \(trials) trials and \(comparisons) comparisons")
      }
      guard failure == nil, otherFailures ?? [] == [] else {
        throw .inconsistent("\(place) passed with a failure")
      }
      return .passed
    case "failed":
      guard let reason else { throw .malformed("\(place) failed without a reason") }
      guard let kind = FailureKind(rawValue: reason) else {
        throw unknown("reason", reason, FailureKind.allCases.map(\.rawValue), at: place)
      }
      return .failed(kind)
    case "knownFailure":
      guard let reason, let link, let expires else {
        throw .malformed("\(place) is a known failure without reason, link or expires")
      }
      guard let day = CalendarDay(expires) else {
        throw .malformed("\(place).expires is \"\(expires)\", expected a day such as 2027-01-31")
      }
      return .known(KnownNote(reason: reason, link: link, expires: day))
    case "notApplicable":
      guard let reason, !reason.isEmpty else {
        throw .malformed("\(place) is not applicable without a reason")
      }
      return .notApplicable(reason: reason)
    case "notRun":
      return .notRun
    case "missing":
      return .missing
    default:
      throw unknown("verdict", verdict, Verdict.words, at: place)
    }
  }

  private func unknown(
    _ name: String, _ word: String, _ known: [String], at place: String
  ) -> ReportError {
    let hint = nearest(word, among: known).map { ", nearest is \"\($0)\"" } ?? ""
    return .malformed("\(place).\(name) is \"\(word)\"\(hint)")
  }
}
