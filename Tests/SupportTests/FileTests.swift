import Foundation
import Support
import Testing

@Suite final class `a file that is written` {
  private let root = FileManager.default.temporaryDirectory.path + "/files-\(UUID())"

  init() throws {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  private func text(_ path: String) throws -> String {
    String(decoding: try readFile(path), as: UTF8.self)
  }

  private func kind(_ path: String) throws -> FileAttributeType? {
    try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
  }

  @Test func `appears whole and leaves no other files`() throws {
    let file = root + "/new"
    try writeFile(file, ["one "[...], "two"[...]].map { Array($0.utf8)[...] })
    #expect(try text(file) == "one two")
    #expect(try FileManager.default.contentsOfDirectory(atPath: root) == ["new"])
  }

  @Test func `replaces another and keeps its mode, while open readers see the old content`() throws
  {
    let file = root + "/old"
    try writeFile(file, "old")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
    let reader = try FileReader(file)
    try writeFile(file, "newer")
    #expect(try text(file) == "newer")
    #expect(try reader.read(3, at: 0) == Array("old".utf8))
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o640)
    #expect(try FileManager.default.contentsOfDirectory(atPath: root) == ["old"])
  }

  @Test func `is written through a link, which is kept`() throws {
    try writeFile(root + "/target", "a longer text")
    for (link, target) in [("known", "target"), ("dangling", "not yet")] {
      let path = "\(root)/\(link)"
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: "\(root)/\(target)")
      try writeFile(path, "short")
      #expect(try text("\(root)/\(target)") == "short")
      #expect(try kind(path) == .typeSymbolicLink)
    }
  }

  @Test func `can be a pipe`() throws {
    let pipe = root + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    // Opened before writing, so neither end waits for the other.
    let descriptor = open(pipe, O_RDONLY | O_NONBLOCK)
    defer { close(descriptor) }
    try writeFile(pipe, "through")
    let received = FileHandle(fileDescriptor: descriptor).readDataToEndOfFile()
    #expect(String(decoding: received, as: UTF8.self) == "through")
    #expect(try kind(pipe) != .typeRegular)
    #expect(try readFile("/dev/null").isEmpty)
  }

  @Test func `cannot be a folder or have an empty name`() throws {
    try FileManager.default.createSymbolicLink(
      atPath: root + "/link", withDestinationPath: root)
    for (path, message) in [
      (root, "\(root) is a folder, not a file"),
      (root + "/link", "\(root)/link is a folder, not a file"),
      ("", "a path may not be empty"), ("a\0b", "a path may not contain a zero byte"),
    ] {
      let written = #expect(throws: FileError.self) { try writeFile(path, "text") }
      #expect(written?.description == message)
      let read = #expect(throws: FileError.self) { try readFile(path) }
      #expect(read?.description == message)
    }
  }

  @Test func `needs its folder or creates it`() throws {
    let file = root + "/a/b/file"
    let error = #expect(throws: FileError.self) { try writeFile(file, "text") }
    #expect(error?.description == "\(file) cannot be written: there is no folder \(root)/a/b")
    try writeFile(file, "text", makingFolders: true)
    #expect(try text(file) == "text")
    let inside = #expect(throws: FileError.self) {
      try writeFile(file + "/c/d", "text", makingFolders: true)
    }
    #expect(inside?.description == "\(file) is a file, not a folder")
  }

  @Test func `is named in the error if it is missing`() {
    let error = #expect(throws: FileError.self) { try readFile(root + "/missing") }
    #expect(error?.path == root + "/missing")
    #expect(error?.reason == "cannot be opened: No such file or directory")
  }
}
