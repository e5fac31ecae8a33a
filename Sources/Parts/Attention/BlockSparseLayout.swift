internal import Catalogue
internal import JSON
internal import Support
internal import Torch

extension BlockSparseAttentionConfig {
  /// The stored blocks of each head, or of one head for all.
  ///
  /// - Throws: `PartError` for a layout that is invalid or does not fit the other options.
  func blocks() throws -> [[[Bool]]] {
    let blocks: [[[Bool]]]
    switch layout {
    case .array: blocks = try listed()
    case .object(let rule): blocks = try made(by: rule)
    default: throw wrong(layout, "rows of zeros and ones, or an object with a pattern")
    }
    let length = blocks[0].count * blockSize
    try require(
      seqLen ?? length == length, "seq_len",
      "\(length), the \(blocks[0].count) blocks of \(blockSize) of layout", got: seqLen ?? length)
    return blocks
  }

  private func wrong(_ value: JSON, _ expected: String) -> PartError {
    PartError(.value(key: "layout", expected: expected, got: "\(value.kindName) \(value)"))
  }

  // MARK: Zeros and ones

  private func listed() throws -> [[[Bool]]] {
    let isPerHead = layout[0]?[0]?.array != nil
    let stored = try list(layout).map { head in try isPerHead ? list(head).map(row) : [row(head)] }
    let heads = isPerHead ? stored : [stored.map { $0[0] }]
    try require(
      heads.count == 1 || numHeads ?? heads.count == heads.count, "num_heads",
      "\(heads.count), the number of heads of layout", got: numHeads ?? 1)
    return try BlockLayout(heads).stored
  }

  private func list(_ json: JSON) throws(PartError) -> [JSON] {
    guard let list = json.array, !list.isEmpty else { throw wrong(json, "rows of zeros and ones") }
    return list
  }

  private func row(_ json: JSON) throws -> [Bool] {
    try list(json).map { entry in
      guard let number = entry.int, number == 0 || number == 1 else {
        throw wrong(entry, "zeros and ones, [n, n] or [H, n, n]")
      }
      return number == 1
    }
  }

  // MARK: Rules

  /// Whether the number of blocks that the rule stores grows like the length.
  var growsLinearly: Bool {
    ["variable", "bigbird", "bslongformer"].contains(layout["pattern"]?.string)
  }

  /// The names of the rules.
  private static let rules = ["dense", "fixed", "variable", "bigbird", "bslongformer"]

  private func made(by rule: JSONObject) throws -> [[[Bool]]] {
    var options = JSONObject(rule.filter { !$0.value.isNull })
    let name = options.removeValue(forKey: "pattern")
    let length = try whole("seq_len", &options) ?? seqLen
    let draws = ["variable", "bigbird"].contains(name?.string)
    let seed = draws ? try whole("seed", &options) ?? 0 : 0
    guard let length else {
      throw PartError(
        .value(key: "seq_len", expected: "the length that the layout is for", got: "nothing"))
    }
    for (key, own) in [("num_heads", numHeads ?? 1), ("block_size", blockSize)] {
      let given = options[key] ?? .integer(own)
      try require(
        given == .integer(own), "layout.\(key)", "\(own), as the attention has", got: given)
      options[key] = .integer(own)
    }
    let generator = Generator(seed: UInt64(seed))
    func layout<Rule: BlockSparsity>(_ type: Rule.Type) throws -> [[[Bool]]] {
      do {
        let rule = try type.decode(.object(options))
        let stored = try rule.layout(length: length, generator: generator).stored
        return rule.differentLayoutPerHead ? stored : [stored[0]]
      } catch let error as PartError {
        throw error.inside("layout")
      }
    }
    switch name?.string {
    case "dense": return try layout(DenseSparsity.self)
    case "fixed": return try layout(FixedSparsity.self)
    case "variable": return try layout(VariableSparsity.self)
    case "bigbird": return try layout(BigBirdSparsity.self)
    case "bslongformer": return try layout(LongformerSparsity.self)
    default:
      let near = name?.string.flatMap { nearest($0, among: Self.rules) }
      throw PartError(
        .value(
          key: "layout.pattern",
          expected: "one of \(Self.rules.joined(separator: ", "))"
            + (near.map { "; did you mean `\($0)`?" } ?? ""),
          got: name.map { "\($0)" } ?? "nothing"))
    }
  }

  private func whole(_ key: String, _ options: inout JSONObject) throws(PartError) -> Int? {
    guard let value = options.removeValue(forKey: key) else { return nil }
    guard let number = value.int, number >= 0 else {
      throw PartError(
        .value(
          key: "layout.\(key)", expected: "a whole number of at least 0",
          got: "\(value.kindName) \(value)"
        )
      )
    }
    return number
  }
}
