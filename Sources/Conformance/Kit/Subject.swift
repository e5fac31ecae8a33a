internal import Catalogue
public import JSON
public import Parts
internal import Support
internal import Synchronization
internal import Torch

/// A part under judgement: its entry, and the registry in which it is built.
public final class Subject: Sendable {
  /// What is known of the part.
  public let entry: PartEntry
  /// Where it and the parts inside it are built.
  public let registry: Registry
  /// The kit that judges.
  public let oracles: OracleBook
  /// The laws of the kit.
  let laws: LawBook
  /// Where its fixtures lie.
  let site: FixtureSite
  /// The definitions in elementary operations, by which rounding is measured.
  public let naives: NaiveBook
  /// The options that a configuration can vary.
  let options: [OptionAxis]
  private let known = Mutex<[Candidate]?>(nil)
  private let wishes = Mutex<[Kind: Set<Request>]>([:])

  /// One configuration and what it claims.
  struct Candidate: Sendable {
    let config: JSON
    /// The option values that differ from the first of each axis.
    let choices: [Int: Int]
    let claims: Claims
  }

  /// Judges an entry.
  public convenience init(
    _ entry: PartEntry, registry: Registry, laws: LawBook = .zoo, oracles: OracleBook,
    naives: NaiveBook = .zoo
  ) {
    self.init(
      entry, registry: registry, laws: laws, oracles: oracles, naives: naives,
      site: FixtureSite(filePath: entry.filePath, reads: FixtureReads()))
  }

  /// Judges an entry with its fixtures at a given site.
  init(
    _ entry: PartEntry, registry: Registry, laws: LawBook, oracles: OracleBook, naives: NaiveBook,
    site: FixtureSite
  ) {
    self.laws = laws
    self.site = site
    self.entry = entry
    self.registry = registry
    self.oracles = oracles
    self.naives = naives
    options = OptionAxis.all(of: entry)
  }

  /// The kind and name.
  public var title: String { entry.title }

  /// Builds the part in training mode and single precision.
  public func build(_ config: JSON, seed: UInt64) throws -> any PartModule {
    try registry.build(entry.kind, entry.name, config, generator: Generator(seed: seed)).part
  }

  /// What the part claims with a configuration for calls of some lengths, without a definition that
  /// is missing: that is one failure, and not one of every law that needs it.
  func claims(_ config: JSON, _ lengths: Lengths) throws -> Claims {
    var claims = try build(config, seed: 0).claims(
      queryLength: lengths[.queryLength], keyLength: lengths[.keyLength])
    if let definition = claims.definition, missing(in: definition) != nil {
      claims.definition = nil
    }
    return claims
  }

  /// The first oracle of a definition that the kit does not have.
  private func missing(in definition: Definition) -> String? {
    naives.oracles(of: definition).first { !oracles.contains($0) }
  }

  /// What to do about a definition that the part claims and the kit does not have.
  ///
  /// Nil if the kit has it, if a part inside claims it, which is judged by itself, or for any cell but
  /// that of U02 in its first type, which alone reports it.
  func missingDefinition(for law: Law, _ dtype: DType) -> String? {
    let dtypes = law.dtypes.filter { dtype in
      candidates.contains { $0.claims.dtypes.contains(dtype) }
    }
    guard law.id == .oracle, dtype == dtypes.first, entry.nested.isEmpty else { return nil }
    let claimed = candidates.compactMap {
      try? entry.claims(for: $0.config, in: registry).definition
    }
    guard let name = claimed.lazy.compactMap(missing).first else { return nil }
    return "the part claims the definition `\(name)`, which the kit does not have"
      + (nearest(name, among: oracles.names).map { ", did you mean `\($0)`?" } ?? "")
      + "; write it as an `Oracle` of that name and add it where the kit is made, "
      + "`Kit { try $0.oracles.add([\(name)]) }`, or change the claims of the part "
      + "(\(entry.fileID):\(entry.line)): without a definition it is unproven"
  }

  /// The keys that hold a rate of dropout, by path, as the part and those inside it claim.
  var dropoutKeys: Set<String> {
    var keys = Set(candidates.flatMap(\.claims.dropoutKeys))
    for (key, inner) in entry.nested {
      let own = try? inner.claims(for: inner.sample).dropout.key
      if let own { keys.insert("\(key).\(own)") }
    }
    return keys
  }

  /// What parts of a kind can be asked for by keys.
  func requests(of kind: Kind) -> Set<Request> {
    wishes.withLock { cache in
      if let found = cache[kind] { return found }
      let found = Request.all(of: kind, in: registry)
      cache[kind] = found
      return found
    }
  }

  /// Configurations near the sample, one or two options away, with their claims; refused ones
  /// are left out.
  var candidates: [Candidate] {
    known.withLock { cache in
      if let cache { return cache }
      let found = makeCandidates()
      cache = found
      return found
    }
  }

  private func makeCandidates() -> [Candidate] {
    var tried: Set<JSON> = []
    var found: [Candidate] = []
    func attempt(_ choices: [Int: Int]) {
      let config = OptionAxis.config(entry, options, choices, .reference)
      guard tried.insert(config).inserted, let claims = try? claims(config, .reference) else {
        return
      }
      found.append(Candidate(config: config, choices: choices, claims: claims))
    }
    attempt([:])
    for (axis, option) in options.enumerated() {
      for value in 1..<max(option.values.count, 1) { attempt([axis: value]) }
    }
    for first in options.indices {
      for second in options.indices where second > first {
        for a in 1..<max(options[first].values.count, 1) {
          for b in 1..<max(options[second].values.count, 1) {
            attempt([first: a, second: b])
          }
        }
      }
    }
    return found
  }

  /// Why a law does not apply, or nil.
  func inapplicable(_ law: Law, _ dtype: DType) -> String? {
    let all = candidates
    guard !all.isEmpty else { return nil }
    guard all.contains(where: { $0.claims.dtypes.contains(dtype) }) else {
      return "no \(dtype.rawValue)"
    }
    for need in law.needs where !all.contains(where: { need.holds($0.claims) }) {
      return need.reason
    }
    let meets = all.contains { candidate in
      candidate.claims.dtypes.contains(dtype) && law.needs.allSatisfy { $0.holds(candidate.claims) }
    }
    return meets
      ? law.obstacle(self, dtype) : law.needs.map(\.reason).joined(separator: " or ")
  }
}
