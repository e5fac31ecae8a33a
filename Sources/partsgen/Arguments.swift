import Codegen
import Support

/// A wrong command line.
struct UsageError: Error {
  let message: String
}

/// The parsed command line.
struct Arguments {
  enum Request {
    /// Print a text.
    case text(String)
    /// Write the file.
    case write(Job)
    /// Compare the file with its sources.
    case check(Job)
  }

  let request: Request

  static let usage = """
    USAGE: partsgen registry --output FILE --module NAME SOURCE...
           partsgen suites --output FILE [--module NAME SOURCE...]...
           partsgen check registry|suites (the same arguments)
    See partsgen --help.
    """

  static let help = """
    OVERVIEW: Generates Swift from the annotations // @register(KIND, "NAME", CONFIG).

    USAGE: partsgen registry --output FILE --module NAME SOURCE...
           partsgen suites --output FILE [--module NAME SOURCE...]...
           partsgen check registry|suites (the same arguments)

    COMMANDS:
      registry        Write the list of parts that one module registers.
      suites          Write the test suites for the parts of several modules.
      check           Fail if FILE differs from what the command would write.

    OPTIONS:
      --output FILE   The file to write; untouched if it would not change.
      --module NAME   The module of the sources that follow.
      @FILE           More arguments, one per line.
      --version       Print the version.
      --help          Print this help.

    EXIT CODES: 0 success, 1 an error in the sources or files, 64 an error in the arguments.
    """

  init(_ words: some Sequence<String>) throws {
    var words = try Self.expand(words)[...]
    if words.contains("--help") || words.contains("-h") {
      request = .text(Self.help)
      return
    }
    switch words.popFirst() {
    case "help": request = .text(Self.help)
    case "--version": request = .text(generatorVersion)
    case "registry": request = .write(try Self.job(.registry, words))
    case "suites": request = .write(try Self.job(.suites, words))
    case "check":
      switch words.popFirst() {
      case "registry": request = .check(try Self.job(.registry, words))
      case "suites": request = .check(try Self.job(.suites, words))
      case let other:
        throw UsageError(message: "expected registry or suites after check, got \(quoted(other))")
      }
    case let other:
      throw UsageError(message: "expected registry, suites or check, got \(quoted(other))")
    }
  }

  /// Replaces each word that starts with `@` by the lines of the file it names.
  private static func expand(_ words: some Sequence<String>) throws -> [String] {
    try words.flatMap { word -> [String] in
      guard word.hasPrefix("@") else { return [word] }
      let bytes = try readFile(String(word.dropFirst()))
      return bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private static func job(_ product: Job.Product, _ words: ArraySlice<String>) throws -> Job {
    var words = words
    var output: String?
    var modules: [String] = []
    var sources: [Job.Source] = []
    while let word = words.popFirst() {
      switch word {
      case "--output":
        guard output == nil else { throw UsageError(message: "--output is given twice") }
        output = try value(of: word, &words)
      case "--module":
        let name = try value(of: word, &words)
        try requireModuleName(name)
        modules.append(name)
      case _ where word.hasPrefix("-"):
        throw UsageError(message: "there is no option \(quoted(word))")
      default:
        guard let module = modules.last else {
          throw UsageError(message: "expected --module before the source \(quoted(word))")
        }
        sources.append(Job.Source(module: module, path: word))
      }
    }
    guard let output else { throw UsageError(message: "--output FILE is missing") }
    if product == .registry, modules.count != 1 {
      throw UsageError(message: "expected one --module for a registry, got \(modules.count)")
    }
    return Job(product: product, output: output, modules: modules, sources: sources)
  }

  private static func value(of option: String, _ words: inout ArraySlice<String>) throws -> String {
    guard let value = words.popFirst(), !value.hasPrefix("--") else {
      throw UsageError(message: "\(option) takes a value")
    }
    return value
  }

  /// The name becomes part of an identifier in generated code.
  private static func requireModuleName(_ name: String) throws {
    let isIdentifier =
      name.unicodeScalars.allSatisfy { $0 == "_" || $0.properties.isXIDContinue }
      && name.unicodeScalars.first.map { $0 == "_" || $0.properties.isXIDStart } ?? false
    if !isIdentifier { throw UsageError(message: "\(quoted(name)) is not a module name") }
  }
}

private func quoted(_ word: String?) -> String { word.map { "\"\($0)\"" } ?? "nothing" }
