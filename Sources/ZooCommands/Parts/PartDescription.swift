internal import Catalogue
internal import Conformance
internal import JSON
internal import Parts
internal import Reporting
internal import Torch

/// Everything that is known about a part with its sample configuration.
struct PartDescription {
  /// One key of a configuration.
  struct Key {
    let name: String
    let type: String
    let value: JSON
    let isRequired: Bool
    let domain: String
  }

  /// A law of the part's kind.
  struct JudgedBy {
    let id: LawID
    let dtypes: [String]
    /// Why it does not apply, by type; empty if it always does.
    let reasons: [String: String]

    var appliesSomewhere: Bool { reasons.count < dtypes.count }
    /// The reason why it applies to no type.
    var reason: String? { appliesSomewhere ? nil : reasons.values.sorted().first }
  }

  let entry: PartEntry
  let place: String
  let keys: [Key]
  let claims: Claims
  let signature: Signature
  let parameters: [(key: String, shape: [Int])]
  let laws: [JudgedBy]

  init(_ entry: PartEntry, _ kit: Kit) throws {
    self.entry = entry
    place = "\(kit.shortened(entry.filePath)):\(entry.line)"
    keys = Self.keys(of: entry)
    let part = try kit.registry.build(
      entry.kind, entry.name, entry.sample, generator: Generator(seed: 0)
    ).part
    claims = part.claims
    signature = part.signature
    parameters = part.parameters.map { ($0.key, $0.value.shape) }
    laws = try Self.laws(of: entry, kit)
  }

  private static func keys(of entry: PartEntry) -> [Key] {
    entry.keys.map { name in
      let value = entry.sample[name] ?? .null
      let isRequired = entry.required.contains(name)
      return Key(
        name: name, type: entry.keyTypes[name]?.description ?? "", value: value,
        isRequired: isRequired,
        domain: (entry.domain[name]?.phrase ?? "by its name and type")
          + (entry.inert.contains(name) ? ", changes no result" : ""))
    }
  }

  private static func laws(of entry: PartEntry, _ kit: Kit) throws -> [JudgedBy] {
    let cells = kit.cells.filter { $0.kind == entry.kind && $0.part == entry.name }
    var order: [LawID] = []
    var byLaw: [LawID: [Cell]] = [:]
    for cell in cells {
      if byLaw[cell.law] == nil { order.append(cell.law) }
      byLaw[cell.law, default: []].append(cell)
    }
    return try order.map { id in
      var reasons: [String: String] = [:]
      for cell in byLaw[id] ?? [] {
        if let reason = try kit.reasonNotToApply(cell) { reasons[cell.dtype] = reason }
      }
      return JudgedBy(id: id, dtypes: (byLaw[id] ?? []).map(\.dtype), reasons: reasons)
    }
  }
}

extension OptionDomain {
  /// The values that laws try, in words.
  var phrase: String {
    switch self {
    case .values(let list): list.map(\.description).joined(separator: ", ")
    case .around(let dimension): "around \(dimension.rawValue), at least 1"
    case .atLeast(let dimension): "\(dimension.rawValue) or more"
    case .equal(let dimension): dimension.rawValue
    case .fixed: "the sample's value"
    }
  }
}
