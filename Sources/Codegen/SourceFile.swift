/// A Swift file as text, with the module that it is compiled into.
public struct SourceFile: Sendable {
  /// The path that diagnostics and generated code name.
  public let path: String
  /// The module whose registry lists the parts of this file.
  public let module: String
  /// The content, in UTF-8.
  public let bytes: [UInt8]

  /// Names the content of a file.
  public init(path: String, module: String, bytes: [UInt8]) {
    self.path = path
    self.module = module
    self.bytes = bytes
  }

  /// Names a text as if it were the content of a file.
  public init(path: String, module: String, text: String) {
    self.init(path: path, module: module, bytes: Array(text.utf8))
  }

  /// The text of a part of the content.
  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}
