/// The content of a Swift file, with its module.
public struct SourceFile: Sendable {
  /// The path used in diagnostics and generated code.
  public let path: String
  /// The module whose registry lists the parts of this file.
  public let module: String
  /// The content, in UTF-8.
  public let bytes: [UInt8]

  /// Creates a file from its bytes.
  public init(path: String, module: String, bytes: [UInt8]) {
    self.path = path
    self.module = module
    self.bytes = bytes
  }

  /// Creates a file from text.
  public init(path: String, module: String, text: String) {
    self.init(path: path, module: module, bytes: Array(text.utf8))
  }

  /// The text of a range of bytes.
  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}
