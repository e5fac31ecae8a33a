public import Catalogue
internal import Support

/// One question about a part: does it obey this law at this precision?
public struct Cell: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The precisions of cells, from exact to coarse.
  public static let dtypes = ["f64", "f32", "bf16", "f16"]

  /// The kind of the part.
  public let kind: Kind
  /// The registered name of the part, such as `nystrom`.
  public let part: String
  /// The law in question.
  public let law: LawID
  /// The precision: one of ``dtypes``.
  public let dtype: String

  /// Creates the cell of a part, a law and a precision.
  public init(kind: Kind, part: String, law: LawID, dtype: String) {
    self.kind = kind
    self.part = part
    self.law = law
    self.dtype = dtype
  }

  /// The part with its kind, as suites are named: `attention nystrom`.
  public var suite: String { "\(kind.rawValue) \(part)" }

  /// The name of the cell, which ``init(path:laws:)`` reads: `attention nystrom/causality f64`.
  public var path: String { "\(suite)/\(law.name) \(dtype)" }

  /// The same as ``path``.
  public var description: String { path }
}

extension Cell {
  /// Reads a cell back from its ``path``.
  ///
  /// The name of the part may contain spaces and slashes.
  /// - Throws: ``CellPathError`` that names the wrong word and the nearest known one.
  public init(path: String, laws: [LawID] = LawID.all) throws(CellPathError) {
    guard let kindEnd = path.firstIndex(of: " "),
      let lawStart = path.lastIndex(of: "/"),
      let lawEnd = path.lastIndex(of: " "),
      kindEnd < lawStart, lawStart < lawEnd
    else { throw .shape(path) }
    let kindWord = String(path[..<kindEnd])
    let part = String(path[path.index(after: kindEnd)..<lawStart])
    let lawWord = String(path[path.index(after: lawStart)..<lawEnd])
    let dtype = String(path[path.index(after: lawEnd)...])
    guard !part.isEmpty else { throw .shape(path) }
    guard let kind = Kind(rawValue: kindWord) else {
      throw .unknown("kind", kindWord, nearest(kindWord, among: Kind.allCases.map(\.rawValue)))
    }
    guard let law = laws.first(where: { $0.name == lawWord && $0.kinds.contains(kind) }) else {
      if let other = laws.first(where: { $0.name == lawWord }) {
        throw .lawOfOtherKind(other.name, kind)
      }
      throw .unknown("law", lawWord, nearest(lawWord, among: laws.map(\.name)))
    }
    guard Cell.dtypes.contains(dtype) else {
      throw .unknown("dtype", dtype, nearest(dtype, among: Cell.dtypes))
    }
    self.init(kind: kind, part: part, law: law, dtype: dtype)
  }
}

/// Why a text is not the name of a cell.
public enum CellPathError: Error, Equatable, CustomStringConvertible {
  /// The text does not have the four words.
  case shape(String)
  /// One of the words is unknown: its role, the word, the nearest known one.
  case unknown(String, String, String?)
  /// The law does not apply to parts of this kind.
  case lawOfOtherKind(String, Kind)

  /// The error as one sentence.
  public var description: String {
    switch self {
    case .shape(let text):
      "expected a cell such as \"attention nystrom/causality f64\", got \"\(printable(text))\""
    case .unknown(let role, let word, let nearest):
      "unknown \(role) \"\(printable(word))\"" + (nearest.map { ", nearest is \"\($0)\"" } ?? "")
    case .lawOfOtherKind(let law, let kind):
      "the law \(law) does not apply to parts of kind \(kind.rawValue)"
    }
  }
}
