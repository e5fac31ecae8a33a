internal import Catalogue
public import Conformance
public import Testing

/// A cell as the argument of a generated test; failures name its law and type.
public struct JudgedCell: Sendable, Hashable, CustomTestStringConvertible, CustomStringConvertible {
  /// The cell.
  public let cell: Cell

  /// Takes a cell as an argument.
  public init(_ cell: Cell) { self.cell = cell }

  /// The law and the type, such as `causality f64`.
  public var description: String { "\(cell.law.name) \(cell.dtype)" }

  /// The law and the type.
  public var testDescription: String { description }
}
