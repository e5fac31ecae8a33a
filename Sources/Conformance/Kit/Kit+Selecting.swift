internal import Catalogue
public import Parts
public import Reporting

extension Kit {
  /// The cells that an expression selects.
  ///
  /// - `verdicts`: the words of the last report by the path of its cells, for `verdict:`.
  /// - Throws: `SelectionError` for a word that matches nothing, or a selection of nothing.
  public func select(_ selection: Selection, verdicts: [String: [String]] = [:])
    throws(SelectionError) -> [Cell]
  {
    let claims = Dictionary(
      registry.entries.map { ($0.title, claimWords($0)) }, uniquingKeysWith: { first, _ in first })
    return try selection.select(from: cells) { cell in
      SelectionSubject(
        cell, claims: claims[cell.suite] ?? [], verdicts: verdicts[cell.path] ?? [])
    }
  }

  /// What a part claims with its sample, in words.
  public func claimWords(_ entry: PartEntry) -> [String] {
    (try? entry.claims(for: entry.sample).words) ?? []
  }
}

extension Claims {
  /// The claims that hold, as words for a selection.
  public var words: [String] {
    var words: [String] = []
    func add(_ word: String, _ holds: Bool) { if holds { words.append(word) } }
    add("causal", causal != .never)
    add("queryEquivariant", queryEquivariant)
    add("keyValueInvariant", keyValueInvariant)
    add("tokenWise", tokenWise)
    add("linearInValue", linearInValue)
    add("rowsSumToOne", rowsSumToOne)
    add("convexHull", convexHull)
    add("crossLength", crossLength)
    add("batchIndependent", batchIndependent)
    add("incremental", incremental)
    add("batchBroadcast", batchBroadcast)
    add("exact", accuracy == .exact)
    add("softmax", softmaxOverProducts)
    return words + masks.map(\.rawValue).sorted()
  }
}
