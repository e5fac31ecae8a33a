public import Catalogue

/// The text of the file with the suites that judge these parts: one suite for each part and one
/// more for the multi-head dispatch around each attention.
///
/// It uses the registered names of parts and the families of laws, so it changes only when a part
/// is added or removed. A suite has a test for each family with a law about its kind; laws of other
/// packages run in these tests.
public func suitesFile(annotations: [Annotation], laws: [LawID] = LawID.all) -> String {
  let parts = SuitePart.all(of: annotations)
  let hash = fingerprint(parts.map { "\($0.kind.rawValue) \($0.name)\n" }.joined())
  var text = generatedHeader(count: annotations.count, inputs: hash)
  text += """

    import Catalogue
    import Conformance
    import ConformanceTesting
    import Testing

    /// The parts that these suites judge.
    let manifest = PartManifest(
      hash: "\(hash)",
      parts: [

    """
  for part in parts {
    text += "    PartManifest.Part(kind: .\(part.kind), name: \(swiftLiteral(part.name))),\n"
  }
  text += "  ])\n"
  for part in parts { text += part.suite(laws) }
  return text + """

    @Suite struct `the kit` {
      @Test func `selection is not empty`() throws { try kit.requireSelection(manifest) }
      @Test func `every registered part has its suites`() throws {
        try kit.requireManifest(manifest)
      }
    }

    """
}

/// The part that one suite judges.
private struct SuitePart {
  let kind: Kind
  let name: String

  static func all(of annotations: [Annotation]) -> [Self] {
    let registered = annotations.map { Self(kind: $0.kind, name: $0.name) }
    let dispatched = registered.filter { $0.kind == .attention }
      .map { Self(kind: .multihead, name: $0.name) }
    return (registered + dispatched).sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
  }

  /// The declaration of the suite, with a test for each family of the laws about this kind.
  func suite(_ laws: [LawID]) -> String {
    let families = Set(laws.filter { $0.kinds.contains(kind) }.map(\.family))
    var text = "\n@Suite(.tags(.\(kind))) struct `\(kind.rawValue) \(name)` {\n"
    for family in Family.allCases where families.contains(family) {
      text += """
          @Test(.tags(.\(family)), arguments: kit.cells(.\(kind), \(swiftLiteral(name)), .\(family)))
          func \(family)(cell: JudgedCell) throws { try kit.judge(cell) }

        """
    }
    return text + "}\n"
  }
}
