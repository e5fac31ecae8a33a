internal import JSON
internal import Support

/// Why a safetensors file cannot be read or written.
public struct SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as it was named.
  public let file: String
  /// The tensor that is wrong; nil if the file as a whole is.
  public let tensor: String?
  /// What is wrong, without a full stop.
  public let message: String

  /// Makes an error; the file is empty for an entry that is not in a file yet.
  public init(file: String, tensor: String? = nil, message: String) {
    self.file = file
    self.tensor = tensor
    self.message = message
  }

  /// File, tensor and message: `a.safetensors: tensor "x": its data overlaps that of "y"`.
  public var description: String {
    let parts = [file.isEmpty ? nil : file, tensor.map { "tensor " + quoted($0) }, message]
    return parts.compactMap { $0 }.joined(separator: ": ")
  }
}

extension SafetensorsError {
  /// The error about a file for any that working with it threw.
  init(file: String, _ error: any Error) {
    switch error {
    case let error as SafetensorsError: self = error
    case let problem as FileError: self.init(file: problem.path, message: problem.reason)
    default: self.init(file: file, message: "\(error)")
    }
  }

  /// The message about a Git LFS pointer, which a checkout without LFS has in the place of a file.
  package static let gitLFSPointer =
    "this is a Git LFS pointer, not the file itself: fetch the file with `git lfs pull`"

  /// Whether a file begins like a Git LFS pointer.
  package static func isGitLFSPointer(_ start: some Sequence<UInt8>) -> Bool {
    start.starts(with: "version https://git-lfs.github.com/".utf8)
  }
}

/// A name in quotes, escaped and shortened: hostile names may be long or hold line breaks.
func quoted(_ name: String) -> String {
  let scalars = name.unicodeScalars
  return JSON.string(scalars.count > 80 ? String(scalars.prefix(77)) + "..." : name).description
}

/// A suggestion for a word that is not among the known ones: "; did you mean ...?", or nothing.
func suggestion(_ word: String, _ known: [String]) -> String {
  // A hostile file may have any number of names.
  guard known.count <= 10_000, let best = nearest(word, among: known) else { return "" }
  return "; did you mean \(quoted(best))?"
}
