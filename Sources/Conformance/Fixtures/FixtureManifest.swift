internal import Catalogue
public import JSON
internal import Reporting
internal import Torch

/// The origin of the values of a fixture.
public enum FixtureClass: String, Sendable, CaseIterable {
  /// The oracle, in float64.
  case oracle
  /// The original zoo or another framework, recorded.
  case reference
}

/// One case in the manifest of a part.
public struct FixtureEntry: Sendable, Hashable {
  /// The name of the case.
  public let name: String
  /// The origin of its values.
  public let origin: FixtureClass
  /// Everything that determines the case.
  public let recipe: JSON
  /// The hash of the recipe.
  public let recipeHash: String
  /// The hash of the tensors.
  public let contentHash: String
  /// The size of the tensors, in bytes.
  public let bytes: Int
  /// The reason for which the part declares other values, if it does.
  public let deviates: String?
  /// Whether values may be NaN or infinite.
  public let nonFinite: Bool

  /// Describes a case by its recipe and tensors.
  init(
    _ name: String, _ origin: FixtureClass, recipe: JSON,
    tensors: [String: SafetensorsEntry], deviates: String? = nil, nonFinite: Bool = false
  ) throws {
    self.name = name
    self.origin = origin
    self.recipe = recipe
    recipeHash = try FixtureHash.recipe(recipe)
    contentHash = try FixtureHash.content(tensors, allowsNaN: nonFinite)
    bytes = tensors.values.reduce(0) { $0 + $1.bytes.count }
    self.deviates = deviates
    self.nonFinite = nonFinite
  }

  /// The case in the manifest; what a reader looks for first is repeated from the recipe.
  var json: JSON {
    var object: JSONObject = [
      "case": .string(name), "class": .string(origin.rawValue),
      "config": recipe["config"] ?? .null, "recipe": recipe, "recipeHash": .string(recipeHash),
      "contentHash": .string(contentHash), "bytes": .integer(bytes),
      "tolerance": recipe["tolerance"] ?? .null, "oracle": recipe["oracle"] ?? .null,
      "deviates": deviates.map { .string($0) } ?? .null,
    ]
    if nonFinite { object["nonFinite"] = true }
    return .object(object)
  }

  /// Reads a case.
  ///
  /// - Throws: `KitError` that names the key, also when the recipe was edited.
  init(json: JSON) throws {
    func text(_ key: String) throws -> String {
      guard let value = json[key]?.string else { throw KitError("`\(key)` is not a string") }
      return value
    }
    name = try text("case")
    guard Self.isName(name) else {
      throw KitError("`case` is not a valid file name: \(name.debug)")
    }
    guard let origin = FixtureClass(rawValue: try text("class")) else {
      let known = FixtureClass.allCases.map(\.rawValue).joined(separator: ", ")
      throw KitError("`class` of \(name) is \(try text("class").debug), expected one of \(known)")
    }
    self.origin = origin
    guard let recipe = json["recipe"], recipe.object != nil else {
      throw KitError("`recipe` of \(name) is not an object")
    }
    self.recipe = recipe
    recipeHash = try text("recipeHash")
    contentHash = try text("contentHash")
    guard let bytes = json["bytes"]?.int, bytes >= 0 else {
      throw KitError("`bytes` of \(name) is not a size")
    }
    self.bytes = bytes
    deviates = json["deviates"]?.string
    nonFinite = json["nonFinite"]?.bool ?? false
    guard try FixtureHash.recipe(recipe) == recipeHash else {
      throw KitError("the recipe of \(name) does not have its recipeHash: it was edited")
    }
    guard self.json == json else {
      throw KitError("the fields of \(name) do not match its recipe: they were edited")
    }
  }

  /// Whether a text can be the name of a case: a plain file name, not hidden.
  static func isName(_ text: String) -> Bool {
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || "0"..."9" ~= scalar
          || "-_.+=".contains(Character(scalar)))
    }
    return isPlain && !text.isEmpty && text.utf8.count <= 200 && !text.hasPrefix(".")
      && !text.hasPrefix("-")
  }
}

extension String {
  /// The text in quotes, with unprintable characters escaped.
  fileprivate var debug: String { "\"\(printable(self))\"" }
}

/// The stored cases of one part.
struct FixtureManifest: Sendable {
  static let fileName = "manifest.json"

  let kind: Kind
  let part: String
  var cases: [FixtureEntry]

  /// The hash of all cases, so that any change shows in one line.
  var hash: String {
    FixtureHash.manifest(cases.map { ($0.name, $0.recipeHash, $0.contentHash) })
  }

  /// The manifest as text.
  func text() throws -> String {
    let sorted = cases.sorted { $0.name < $1.name }
    let json: JSON = [
      "format": .integer(DeclaredFixture.format), "kind": .string(kind.rawValue),
      "part": .string(part), "manifestHash": .string(hash), "cases": .array(sorted.map(\.json)),
    ]
    return try json.text(.pretty) + "\n"
  }

  init(kind: Kind, part: String, cases: [FixtureEntry] = []) {
    self.kind = kind
    self.part = part
    self.cases = cases
  }

  /// Reads a manifest.
  ///
  /// - Throws: `KitError` for anything that this kit did not write.
  init(parsing bytes: [UInt8], kind: Kind, part: String) throws {
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch { throw KitError("it is not JSON: \(error)") }
    guard let format = json["format"]?.int else { throw KitError("`format` is not a number") }
    guard format == DeclaredFixture.format else {
      throw KitError("its format is \(format), but this kit reads format \(DeclaredFixture.format)")
    }
    guard json["kind"]?.string == kind.rawValue, json["part"]?.string == part else {
      throw KitError("it is not the manifest of \(kind.rawValue) \(part)")
    }
    guard let list = json["cases"]?.array else { throw KitError("`cases` is not an array") }
    let cases = try list.map(FixtureEntry.init(json:))
    var names: Set<String> = []
    for entry in cases where !names.insert(entry.name).inserted {
      throw KitError("the case \(entry.name) is listed twice")
    }
    self.init(kind: kind, part: part, cases: cases)
    guard json["manifestHash"]?.string == hash else {
      throw KitError("its cases do not have its manifestHash: it was edited")
    }
  }
}
