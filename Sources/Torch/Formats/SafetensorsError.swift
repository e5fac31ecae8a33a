internal import JSON
internal import Support

/// Says why a safetensors file cannot be read or written.
public struct SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as it was named.
  public let file: String
  /// The tensor that is wrong; nil if it is the file as a whole.
  public let tensor: String?
  /// What is wrong, as a sentence without its end.
  public let message: String

  /// Makes an error; the file is empty for an entry that is in no file yet.
  public init(file: String, tensor: String? = nil, message: String) {
    self.file = file
    self.tensor = tensor
    self.message = message
  }

  /// File, tensor and message: `a.safetensors: tensor "x": its data overlap those of "y"`.
  public var description: String {
    let parts = [file.isEmpty ? nil : file, tensor.map { "tensor " + quoted($0) }, message]
    return parts.compactMap { $0 }.joined(separator: ": ")
  }
}

/// A name between quotes, escaped and cut, since hostile names may be long or hold line breaks.
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
