internal import Foundation
public import JSON
internal import Support

/// The trainings of a folder: what an element of a job array finds out about itself.
///
/// The file `manifest.json` only grows, since jobs that wait for their turn know their entries by
/// index. Paths in it are relative to its folder, which may move.
public struct Manifest: Sendable, Equatable {
  /// One training.
  public struct Entry: Sendable, Equatable {
    /// The name of the attention.
    public var attention: String
    /// The name of the task.
    public var task: String
    /// The configuration, a JSON file.
    public var config: String
    /// The values that differ from those of the configuration, by their colon paths.
    public var overrides: JSONObject
    /// The folder of checkpoints and results.
    public var folder: String
    /// The folder of the data.
    public var data: String
    /// Whether an attention that cannot hide padding takes it for words.
    public var ignoresPadding: Bool

    /// Makes an entry.
    public init(
      attention: String, task: String, config: String, overrides: JSONObject = [:],
      folder: String, data: String, ignoresPadding: Bool = false
    ) {
      self.attention = attention
      self.task = task
      self.config = config
      self.overrides = overrides
      self.folder = folder
      self.data = data
      self.ignoresPadding = ignoresPadding
    }

    fileprivate init(_ place: JSONPlace) throws(JSONError) {
      attention = try place.member("attention").string
      task = try place.member("task").string
      config = try place.member("config").string
      overrides = try place.member("overrides").object
      folder = try place.member("folder").string
      data = try place.member("data").string
      ignoresPadding = try place.optional("ignore_padding")?.value.bool ?? false
    }

    fileprivate var json: JSON {
      [
        "attention": .string(attention), "task": .string(task), "config": .string(config),
        "overrides": .object(overrides), "folder": .string(folder), "data": .string(data),
        "ignore_padding": .bool(ignoresPadding),
      ]
    }
  }

  /// The trainings; their positions are the indices of the array.
  public private(set) var entries: [Entry] = []
  /// How many times an entry that ran out of time starts again.
  public var timeouts = 30

  /// No trainings.
  public init() {}

  /// The manifest of a folder, which has no entries before the first submission.
  ///
  /// - Throws: ``ArenaError`` that names the file and the place in it, `FileError`.
  public init(inFolder folder: String) throws {
    let file = Self.file(in: folder)
    self = try fileExists(file) ? Manifest(reading: file) : Manifest()
  }

  /// Reads a file.
  ///
  /// - Throws: ``ArenaError`` that names the file and the place in it, `FileError`.
  public init(reading file: String) throws {
    do {
      let place = try JSONPlace(JSON(parsing: readFile(file)))
      let version = try place.member("version").int
      guard version == 1 else {
        throw ArenaError("\(file) has version \(version), expected 1: update this program")
      }
      timeouts = try place.member("timeouts").int
      for entry in try place.member("entries").elements { entries.append(try Entry(entry)) }
    } catch let error as JSONError {
      throw ArenaError("\(file) is no manifest of trainings: \(error)")
    }
  }

  /// The manifest's file in a folder.
  public static func file(in folder: String) -> String { folder + "/manifest.json" }

  /// An entry whose paths are absolute or relative to the current folder.
  ///
  /// - Parameters:
  ///   - file: the manifest.
  ///   - index: the position of the entry, as in `SLURM_ARRAY_TASK_ID`.
  /// - Throws: ``ArenaError`` if there is no such entry or the file is wrong, `FileError`.
  public static func entry(_ index: Int, of file: String) throws -> Entry {
    let manifest = try Manifest(reading: file)
    guard manifest.entries.indices.contains(index) else {
      throw ArenaError(
        "\(file) has no entry \(index): its \(manifest.entries.count) entries begin at 0")
    }
    return manifest.entries[index].resolved(in: Support.folder(of: file))
  }

  /// Writes `manifest.json` of a folder.
  ///
  /// - Throws: `FileError`.
  public func write(toFolder folder: String) throws {
    let json: JSON = [
      "version": 1, "timeouts": .integer(timeouts), "entries": .array(entries.map(\.json)),
    ]
    try writeFile(Self.file(in: folder), json.text(.pretty) + "\n", makingFolders: true)
  }

  /// Adds a training unless it is there already, and returns its index.
  ///
  /// - Throws: ``ArenaError`` if its folder has another training.
  public mutating func add(_ entry: Entry) throws -> Int {
    guard let index = entries.firstIndex(where: { $0.folder == entry.folder }) else {
      entries.append(entry)
      return entries.count - 1
    }
    let earlier = entries[index]
    let differences = [
      ("configuration", earlier.config, entry.config), ("data", earlier.data, entry.data),
      ("overrides", "\(JSON.object(earlier.overrides))", "\(JSON.object(entry.overrides))"),
      (
        "padding", earlier.ignoresPadding ? "ignored" : "hidden",
        entry.ignoresPadding ? "ignored" : "hidden"
      ),
    ]
    if let (what, old, new) = differences.first(where: { $0.1 != $0.2 }) {
      throw ArenaError(
        "\(entry.folder) was submitted with other \(what), \(old) instead of \(new):"
          + " choose another checkpoint path")
    }
    return index
  }
}

extension Manifest.Entry {
  /// The entry with paths that do not depend on the folder of the manifest.
  func resolved(in folder: String) -> Self {
    func path(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
    var entry = self
    (entry.config, entry.folder, entry.data) = (path(config), path(self.folder), path(data))
    return entry
  }
}
