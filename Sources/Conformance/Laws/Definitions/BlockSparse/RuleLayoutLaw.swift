internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// BSP4: a layout given by a rule stores the blocks that the rule names and, in each row, as many
  /// random ones as it asks for, which follow from the seed; heads differ only on request. Lengths that
  /// are no multiple of a block, and numbers of blocks beyond a row, are refused.
  static let ruleLayout = Law(
    .ruleLayout, trials: 48, witness: "layoutRuleHeadsAlike", needs: [.definition("blocksparse")],
    of: .itself,
    plan: ScenarioPlan(fills: .small, masks: .none) { _ in LayoutRule.extras },
    effects: ["another seed, another layout", "another head, another layout"]
  ) { setting, trial in
    let rule = try LayoutRule(setting)
    let layouts = try (0..<8).map { try rule.heads(setting, seed: $0) }
    let (heads, count) = (layouts[0], rule.count)
    trial.expect(
      heads.count == (rule.isPerHead ? rule.headCount : 1), label: "heads",
      "\(rule) has \(heads.count) layouts for \(rule.headCount) heads")
    for (head, rows) in heads.enumerated() {
      for (row, stored) in rows.enumerated() {
        let (all, named) = (rule.allowed(row), rule.named(head, row))
        let others = stored.indices.filter { stored[$0] && !named.contains($0) }
        trial.expect(
          named.allSatisfy { stored[$0] } && all.isSuperset(of: others), label: "blocks",
          "\(rule), head \(head), row \(row): stored are \(stored), named \(named.sorted())")
        let wanted = min(rule.random, all.count)
        // Random blocks may be among the named ones, unless there are as many as places.
        let fewest = wanted == all.count ? all.subtracting(named).count : wanted - named.count
        trial.expect(
          (fewest...wanted).contains(others.count), label: "random blocks",
          "\(rule), head \(head), row \(row): \(others.count) random blocks, not \(wanted)")
      }
    }
    for (key, wrong) in rule.excessive {
      trial.throwsError(PartError.self, label: "`\(key)`: \(wrong) in \(rule)") {
        _ = try rule.heads(setting, seed: 0, [key: .integer(wrong)])
      }
    }
    guard rule.random > 0 else {
      trial.expect(layouts.allSatisfy { $0 == heads }, label: "nothing is drawn")
      return
    }
    try trial.expect(rule.heads(setting, seed: 0) == heads, label: "the same seed")
    // Small draws may coincide; with four and more blocks not all of them.
    guard rule.random < count else { return }
    trial.classify("another seed, another layout", layouts.contains { $0 != heads })
    guard heads.count > 1 else { return }
    trial.classify(
      "another head, another layout",
      layouts.contains { heads in heads.contains { $0 != heads[0] } })
  }
}

/// A rule for the layout of blocks, with the blocks that it names.
private struct LayoutRule: CustomStringConvertible {
  static let extras: [Extra] = [
    .number("rule", below: 5), .number("blocks", below: 4),
    .number("window", below: 3), .number("global", below: 2), .number("random", below: 4),
    .number("direction", below: 2), .number("each head", below: 2), .number("rows", below: 2),
    .number("patterns", below: 2),
  ]

  /// The rule without its seed.
  let json: JSONObject
  /// A configuration for the number of heads.
  private let config: JSON
  let count: Int
  /// The tokens along the side of a block.
  private let size: Int
  let headCount: Int
  let isPerHead: Bool
  let random: Int
  private let isUnidirectional: Bool
  private let isNamed: (_ head: Int, _ row: Int, _ column: Int) -> Bool

  init(_ setting: Setting) throws {
    let n = try 4 + setting.number("blocks")
    let window = try 1 + setting.number("window")
    let global = try setting.number("global")
    let isOneWay = try setting.number("direction") == 1
    var own = try setting.number("each head") == 1
    let rows = try !isOneWay && setting.number("rows") == 1
    var random = try setting.number("random")
    if random == 3 { random = n }
    var json: JSONObject = [:]
    func isGlobal(_ block: Int, _ starts: [Int], _ width: Int = 1) -> Bool {
      starts.contains { ($0..<$0 + width).contains(block) }
    }
    switch try setting.number("rule") {
    case 0:
      json = ["pattern": "dense"]
      (own, random) = (false, 0)
      isNamed = { _, _, _ in true }
    case 1:
      // The last blocks of each window of `length` are global, for each pattern those before them.
      let length = window + 1
      let patterns = try 1 + setting.number("patterns")
      own = own || patterns > 1
      json = [
        "pattern": "fixed", "num_local_blocks": .integer(length), "num_global_blocks": 1,
        "num_different_global_patterns": .integer(patterns),
        "horizontal_global_attention": .bool(rows),
      ]
      random = 0
      isNamed = { head, i, j in
        let starts = stride(from: 0, to: n, by: length).map { start in
          let place = start + length - 1 - head % patterns
          return start + length > n ? min(place, n - 1) : place
        }
        return i / length == j / length || isGlobal(j, starts) || rows && isGlobal(i, starts)
      }
    case 2:
      // Windows of one block, then of `window`.
      json = [
        "pattern": "variable", "local_window_blocks": [1, .integer(window)],
        "global_block_indices": [.integer(global)], "global_block_end_indices": [2],
        "horizontal_global_attention": .bool(rows), "num_random_blocks": .integer(random),
      ]
      func place(_ block: Int) -> Int { block == 0 ? -1 : (block - 1) / window }
      isNamed = { _, i, j in
        place(i) == place(j) || isGlobal(j, [global], 2 - global)
          || rows && isGlobal(i, [global], 2 - global)
      }
    case 3:
      json = [
        "pattern": "bigbird", "num_sliding_window_blocks": .integer(window),
        "num_global_blocks": .integer(global), "num_random_blocks": .integer(random),
      ]
      isNamed = { _, i, j in abs(i - j) <= window / 2 || min(i, j) < global }
    default:
      json = [
        "pattern": "bslongformer", "num_sliding_window_blocks": .integer(window),
        "global_block_indices": [.integer(global)],
      ]
      (own, random) = (false, 0)
      isNamed = { _, i, j in abs(i - j) <= window / 2 || i == global || j == global }
    }
    if json["pattern"] != "dense" {
      json["attention"] = isOneWay ? "unidirectional" : "bidirectional"
    }
    json["different_layout_per_head"] = .bool(own)
    self.json = json
    self.random = random
    size = try setting.option("block_size", default: 1)
    let drawn = setting.scenario.lengths
    var lengths = drawn
    // One more than there are patterns.
    lengths[.heads] = 3
    config = OptionAxis.moved(
      setting.scenario.config, setting.subject.options, from: drawn, to: lengths)
    (count, headCount, isPerHead) = (n, lengths[.heads], own)
    isUnidirectional = isOneWay && json["pattern"] != "dense"
  }

  var description: String { "the rule \(JSON.object(json))" }

  /// The blocks that a row may store.
  func allowed(_ row: Int) -> Set<Int> { Set(0..<(isUnidirectional ? row + 1 : count)) }

  /// The blocks that a row stores whatever is drawn.
  func named(_ head: Int, _ row: Int) -> Set<Int> { allowed(row).filter { isNamed(head, row, $0) } }

  /// Values that are too large.
  var excessive: [(key: String, value: Int)] {
    let counts = ["num_sliding_window_blocks", "num_random_blocks", "num_global_blocks"]
    let length = size > 1 ? [("seq_len", count * size + 1)] : []
    return length + counts.filter { json[$0] != nil }.map { ($0, count + 1) }
  }

  /// The layouts that a part has by this rule with some changes.
  func heads(_ setting: Setting, seed: Int, _ changes: JSONObject = [:]) throws -> [[[Bool]]] {
    var rule = json
    rule["seq_len"] = .integer(count * size)
    if random > 0 { rule["seed"] = .integer(seed) }
    // A rule that the part should take but refuses must not hide the key.
    let dense: JSON = ["pattern": "dense", "seq_len": .integer(count * size)]
    guard let key = try setting.key(of: "layout", given: dense) else {
      throw KitError("no key of the configuration takes \(dense)")
    }
    let config = OptionAxis.setting(.object(rule.merging(changes)), at: [key], in: config)
    return try StoredBlocks(setting.part(in: config)).heads
  }
}
