public import Foundation

extension CellResult {
  /// The result on one line of JSON, as a report holds it; for another process to read.
  public var line: String { jsonText.line }

  /// Reads a result back.
  ///
  /// - Throws: ``ReportError`` that says what is wrong with the line.
  public init(line: some DataProtocol) throws(ReportError) {
    let members: CellFile = try decodeReport(Data(line))
    self = try members.result(at: "cell")
  }
}
