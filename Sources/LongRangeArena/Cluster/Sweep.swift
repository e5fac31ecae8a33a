public import JSON
internal import Parts
internal import Support

/// The product of lists of values, each for a path of a task's section of the configuration.
///
/// A file such as `{"training:learning_rate": [1e-4, 3e-4], "model:common:dropout": [0, 0.1]}` has
/// four points.
public struct Sweep: Sendable, Equatable {
  /// One choice of all values.
  public struct Point: Sendable, Equatable {
    /// The values by their paths.
    public let overrides: JSONObject

    /// The name of its folder: each value after the last words of its path that tell it from others.
    ///
    /// Nil for the point without values, which has no folder of its own.
    public let tag: String?
  }

  /// The points, of which the last path varies fastest.
  public let points: [Point]

  /// The point that changes nothing.
  public static let unchanged = Sweep(points: [Point(overrides: [:], tag: nil)])

  /// The file it was read from, for errors.
  private var file = "the grid"

  private init(points: [Point]) { self.points = points }

  /// Reads a file.
  ///
  /// - Throws: ``ArenaError`` that names the file and the path in it, `FileError`.
  public init(reading file: String) throws {
    do {
      try self.init(JSON(parsing: readFile(file)))
      self.file = file
    } catch let error as JSONError {
      throw ArenaError("\(file):\(error)")
    } catch let error as ArenaError {
      throw ArenaError("\(file): \(error)")
    }
  }

  /// Makes the points of an object from paths to lists.
  ///
  /// - Throws: ``ArenaError`` if it is something else or has too many points.
  public init(_ json: JSON) throws {
    guard let lists = json.object, !lists.isEmpty else {
      throw ArenaError(
        "expected an object from paths such as training:learning_rate to lists of values,"
          + " got \(json.object == nil ? json.kindName : "no path")")
    }
    var choices: [JSONObject] = [[:]]
    for (path, value) in lists {
      guard let values = value.array, !values.isEmpty else {
        throw ArenaError("`\(path)` is \(value), expected a list of values")
      }
      guard Set(values).count == values.count else {
        throw ArenaError("`\(path)` has a value twice in \(value)")
      }
      guard choices.count * values.count <= Self.limit else {
        throw ArenaError("the grid has more than \(Self.limit) points")
      }
      choices = choices.flatMap { choice in
        values.map { choice.merging([path: $0]) }
      }
    }
    let names = Self.shortNames(lists.keys)
    points = choices.map { choice in
      let pieces = choice.map { Self.piece(names[$0.key] ?? $0.key, $0.value) }
      return Point(overrides: choice, tag: pieces.joined(separator: ","))
    }
    var seen: Set<String> = []
    for tag in points.compactMap(\.tag) where !seen.insert(tag).inserted {
      throw ArenaError("two points of the grid would have the folder `\(tag)`")
    }
  }

  private static let limit = 100_000

  /// The configuration of a point.
  ///
  /// - Throws: what is wrong with the configuration or, with the name of the file, with the point.
  func config(
    _ json: JSON, _ point: Point, task: ArenaTask, attention: String, in registry: Registry
  ) throws -> ArenaConfig {
    func read(_ changes: [(path: String, value: JSON)]) throws -> ArenaConfig {
      try ArenaConfig(json, task: task, attention: attention, in: registry, changes: changes)
    }
    do { return try read(point.overrides.map { ($0.key, $0.value) }) } catch {
      // It may be that of the configuration alone.
      if !point.overrides.isEmpty, (try? read([])) != nil {
        throw ArenaError("\(file): \(error) (in the point \(point.tag ?? ""))")
      }
      throw error
    }
  }

  /// The shortest ends of paths that differ from each other.
  private static func shortNames(_ paths: [String]) -> [String: String] {
    func end(_ path: String, _ count: Int) -> String {
      path.split(separator: ":").suffix(count).joined(separator: ".")
    }
    return Dictionary(
      uniqueKeysWithValues: paths.map { path in
        let count = (1...path.count + 1).first { count in
          !paths.contains { $0 != path && end($0, count) == end(path, count) }
        }
        return (path, end(path, count ?? path.count))
      })
  }

  /// `learning_rate=0.0001`, in letters that a path may have without quotes.
  private static func piece(_ name: String, _ value: JSON) -> String {
    let text = "\(name)=\(value.string ?? value.description)"
    return String(
      text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._=+-".contains($0)) ? $0 : "_" })
  }

  /// A tag without its seed, which tells the repetitions of a point apart.
  static func withoutSeed(_ tag: String) -> String {
    tag.split(separator: ",").filter { !$0.hasPrefix("seed=") }.joined(separator: ",")
  }
}
